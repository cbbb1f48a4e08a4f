package storetest

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// call is a call of one method.
type call struct {
	name string
	do   func(ctx context.Context) error
}

// calls returns a call of every method that the store has. Those that write
// would succeed.
func (w *world) calls() []call {
	w.Helper()
	set := people(1)
	plan := w.loaded(w.opening(set, number(1), noon))
	id := w.seen(people(2), number(2), noon)
	calls := []call{
		{"Lookup", func(ctx context.Context) error {
			_, err := w.Store.Lookup(ctx, store.Query{Tenant: acme, Set: set.Key()})
			return err
		}},
		{"Commit", func(ctx context.Context) error { return w.Store.Commit(ctx, plan) }},
		{"Apply", func(ctx context.Context) error {
			return w.Store.Apply(ctx, acme, []store.Event{store.Activity{Chat: id, At: noon.Add(time.Hour)}})
		}},
		{"Apply nothing", func(ctx context.Context) error { return w.Store.Apply(ctx, acme, nil) }},
	}
	if s, ok := w.Store.(store.ChatReader); ok {
		calls = append(calls, call{"Chat", func(ctx context.Context) error {
			_, err := s.Chat(ctx, acme, id)
			return err
		}}, call{"ChatsOfLine", func(ctx context.Context) error {
			_, _, err := s.ChatsOfLine(ctx, acme, number(2), uuid.Nil, 0)
			return err
		}})
	}
	if s, ok := w.Store.(store.ChatWalker); ok {
		calls = append(calls, call{"Tenants", func(ctx context.Context) error {
			_, err := s.Tenants(ctx, "", 0)
			return err
		}}, call{"ChatsOfTenant", func(ctx context.Context) error {
			_, _, err := s.ChatsOfTenant(ctx, acme, uuid.Nil, 0)
			return err
		}}, call{"ChatsByID", func(ctx context.Context) error {
			_, err := s.ChatsByID(ctx, acme, []uuid.UUID{id})
			return err
		}})
	}
	if s, ok := w.Store.(store.ChatFinder); ok {
		calls = append(calls, call{"ChatsOfPerson", func(ctx context.Context) error {
			_, _, err := s.ChatsOfPerson(ctx, acme, person(1), uuid.Nil, 0)
			return err
		}})
	}
	if s, ok := w.Store.(store.Copier); ok {
		chat := store.Chat{ID: w.id(), Line: number(2), Roster: store.NewRoster(people(9), noon), CreatedAt: noon, ActiveAt: noon}
		calls = append(calls, call{"Count", func(ctx context.Context) error {
			_, err := s.Count(ctx, acme)
			return err
		}}, call{"Export", func(ctx context.Context) error {
			for _, err := range s.Export(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}}, call{"ExportTenant", func(ctx context.Context) error {
			for _, err := range s.ExportTenant(ctx, acme) {
				if err != nil {
					return err
				}
			}
			return nil
		}}, call{"Import", func(ctx context.Context) error {
			_, err := s.Import(ctx, []store.Item{{Tenant: acme, Chat: &store.CopiedChat{Chat: chat}}})
			return err
		}})
	}
	if s, ok := w.Store.(store.Inbox); ok {
		heard, note := wrote(10, 10, w.id(), noon), store.Note{Name: "a note", Of: w.id()}
		calls = append(calls, call{"Hear", func(ctx context.Context) error {
			_, _, err := s.Hear(ctx, acme, heard)
			return err
		}}, call{"Note", func(ctx context.Context) error {
			_, err := s.Note(ctx, acme, "a note")
			return err
		}}, call{"KeepNote", func(ctx context.Context) error {
			_, err := s.KeepNote(ctx, acme, store.Note{}, note)
			return err
		}})
	}
	if s, ok := w.Store.(store.DecisionReader); ok {
		kept := w.opening(people(3), number(3), noon)
		w.commit(kept)
		calls = append(calls, call{"Decision", func(ctx context.Context) error {
			_, err := s.Decision(ctx, acme, kept.MessageID)
			return err
		}})
	}
	if s, ok := w.Store.(store.DeliveryReader); ok {
		sent := withDelivery(w.opening(people(7), number(7), noon), "content")
		w.commit(sent)
		calls = append(calls, call{"Delivery", func(ctx context.Context) error {
			_, err := s.Delivery(ctx, acme, sent.MessageID)
			return err
		}})
	}
	if s, ok := w.Store.(store.KnownReader); ok {
		calls = append(calls, call{"KnownLines", func(ctx context.Context) error {
			_, err := s.KnownLines(ctx, acme, handlesOf(2))
			return err
		}})
	}
	if s, ok := w.Store.(store.UseReader); ok {
		calls = append(calls, call{"LineUse", func(ctx context.Context) error {
			_, _, err := s.LineUse(ctx, 0, 0)
			return err
		}})
	}
	if s, ok := w.Store.(store.LineStates); ok {
		calls = append(calls, call{"ReportLine", func(ctx context.Context) error {
			_, err := s.ReportLine(ctx, stateOf(1, line.Flagged, noon))
			return err
		}}, call{"LineStates", func(ctx context.Context) error {
			_, _, err := s.LineStates(ctx, 0, 0)
			return err
		}})
	}
	if s, ok := w.Store.(store.Purger); ok {
		calls = append(calls, call{"Purge", func(ctx context.Context) error {
			_, err := s.Purge(ctx, noon.Add(100*time.Hour), 0)
			return err
		}})
	}
	if s, ok := w.Store.(store.Clocked); ok {
		calls = append(calls, call{"Now", func(ctx context.Context) error {
			_, err := s.Now(ctx)
			return err
		}})
	}
	if s, ok := w.Store.(store.Forgetter); ok {
		calls = append(calls, call{"Forget", func(ctx context.Context) error {
			_, err := s.Forget(ctx, acme, person(2))
			return err
		}})
	}
	if s, ok := w.Store.(store.Things); ok {
		chat := store.Thing{Kind: store.ThingChat, ID: string(id[:])}
		calls = append(calls, call{"Things", func(ctx context.Context) error {
			_, err := s.Things(ctx, acme, []store.Thing{chat})
			return err
		}}, call{"RemoveThings", func(ctx context.Context) error { return s.RemoveThings(ctx, "nobody", []store.Thing{chat}) }})
	}
	if s, ok := w.Store.(store.ChangeLister); ok {
		list := w.id()
		require.NoError(w, s.ListChanges(background, acme, list))
		calls = append(calls, call{"ListChanges", func(ctx context.Context) error { return s.ListChanges(ctx, acme, list) }},
			call{"Changes", func(ctx context.Context) error {
				_, err := s.Changes(ctx, acme, list, 0)
				return err
			}},
			call{"DropChanges", func(ctx context.Context) error { return s.DropChanges(ctx, acme, list, nil) }})
	}
	if s, ok := w.Store.(store.TenantRemover); ok {
		calls = append(calls, call{"RemoveTenant", func(ctx context.Context) error { return s.RemoveTenant(ctx, "unknown") }})
	}
	if s, ok := w.Store.(store.Outbox); ok {
		w.commit(withDelivery(w.opening(people(4), number(4), noon), "leased"))
		leased := w.claim(1)[0].Lease
		w.commit(withDelivery(w.opening(people(5), number(5), noon), "parked"))
		parked := w.claim(1)[0].Lease
		require.NoError(w, s.Park(background, parked, 1, store.ParkedAttempts))
		w.commit(withDelivery(w.opening(people(6), number(6), noon), "waiting"))
		calls = append(calls,
			call{"Renew", func(ctx context.Context) error { return s.Renew(ctx, leased, time.Hour) }},
			call{"Backlog", func(ctx context.Context) error {
				_, err := s.Backlog(ctx)
				return err
			}},
			call{"Parked", func(ctx context.Context) error {
				_, _, err := s.Parked(ctx, acme, uuid.Nil, 0)
				return err
			}},
			call{"Release", func(ctx context.Context) error { return s.Release(ctx, acme, parked.MessageID, false) }},
			call{"Claim", func(ctx context.Context) error {
				_, err := s.Claim(ctx, time.Hour, 1)
				return err
			}},
			call{"Try", func(ctx context.Context) error { return s.Try(ctx, leased, 1) }},
			call{"Nack", func(ctx context.Context) error { return s.Nack(ctx, leased, 1, time.Hour) }},
			call{"Ack", func(ctx context.Context) error { return s.Ack(ctx, leased) }},
		)
	}
	return calls
}

var callClauses = []Clause{
	{
		Name: "calls/with a context that is done",
		IDs:  []string{"call.done"},
		check: func(w *world) {
			calls := w.calls()
			w.settle()
			cancelled, cancel := context.WithCancel(background)
			cancel()
			late, stop := context.WithDeadline(background, time.Now().Add(-time.Second))
			defer stop()
			before := w.everything()
			for _, c := range calls {
				require.ErrorIs(w, c.do(cancelled), context.Canceled, c.name)
				require.ErrorIs(w, c.do(late), context.DeadlineExceeded, c.name)
			}
			require.Equal(w, before, w.everything())
			for _, c := range calls[:len(calls)-1] { // an Ack after the Nack would be too late
				require.NoError(w, c.do(background), c.name)
			}
		},
	},
	{
		Name: "calls/after Close",
		IDs:  []string{"call.closed"},
		check: func(w *world) {
			calls := w.calls()
			closer, ok := w.Store.(io.Closer)
			require.True(w, ok, "the store has no method Close() error")
			require.NoError(w, closer.Close())
			for _, c := range calls {
				err := c.do(background)
				require.ErrorIs(w, err, store.ErrClosed, c.name)
				require.ErrorIs(w, err, store.ErrNotWritten, c.name)
			}
			require.NoError(w, closer.Close())
		},
	},
	{
		Name: "calls/limits, leases and handles that make no sense",
		IDs:  []string{"call.refused"},
		check: func(w *world) {
			if s, ok := w.Store.(store.ChatReader); ok {
				_, _, err := s.ChatsOfLine(background, acme, number(1), uuid.Nil, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.ChatWalker); ok {
				_, err := s.Tenants(background, "", -1)
				require.ErrorIs(w, err, store.ErrInvalid)
				_, _, err = s.ChatsOfTenant(background, acme, uuid.Nil, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.ChatFinder); ok {
				_, _, err := s.ChatsOfPerson(background, acme, person(1), uuid.Nil, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
				_, _, err = s.ChatsOfPerson(background, acme, recipients.Handle{}, uuid.Nil, 0)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.UseReader); ok {
				_, _, err := s.LineUse(background, 0, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.LineStates); ok {
				_, _, err := s.LineStates(background, 0, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
				_, err = s.ReportLine(background, stateOf(1, line.Flagged, time.Time{}))
				require.ErrorIs(w, err, store.ErrInvalid)
				_, err = s.ReportLine(background, stateOf(1, 7, noon))
				require.ErrorIs(w, err, store.ErrInvalid)
				_, err = s.ReportLine(background, line.State{Tenant: acme, Status: line.Flagged, StatusAt: noon})
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.Purger); ok {
				_, err := s.Purge(background, noon, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.Forgetter); ok {
				_, err := s.Forget(background, acme, handleless)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			if s, ok := w.Store.(store.Outbox); ok {
				w.commit(withDelivery(w.opening(people(1), number(1), noon), "x"))
				_, err := s.Claim(background, time.Minute, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
				_, err = s.Claim(background, 0, 1)
				require.ErrorIs(w, err, store.ErrInvalid)
				lease := w.claim(1)[0].Lease
				require.ErrorIs(w, s.Renew(background, lease, -time.Second), store.ErrInvalid)
				require.ErrorIs(w, s.Nack(background, lease, 1, -time.Second), store.ErrInvalid)
				_, _, err = s.Parked(background, acme, uuid.Nil, -1)
				require.ErrorIs(w, err, store.ErrInvalid)
				require.NoError(w, s.Ack(background, lease))
			}
		},
	},
}

var aliasClauses = []Clause{
	{
		Name: "values/passed in are copied",
		IDs:  []string{"value.copied"},
		check: func(w *world) {
			p := w.opening(people(1), number(1), noon)
			w.decorate(&p.Record)
			if _, ok := w.Store.(store.Outbox); ok {
				withDelivery(p, "content")
			}
			w.commit(p)
			mail := p.MessageID
			want := *kept(p.Record)
			want.Notes = append([]string(nil), want.Notes...)
			want.Attachments = append([]message.Media(nil), want.Attachments...)

			p.Notes[0], p.Attachments[0].Filename = "changed", "changed"
			p.Key, p.ChatID = "changed", w.id()
			if p.Content != nil {
				p.Content[0] = '!'
			}
			require.Equal(w, &want, plainRecord(w.lookup(store.Query{MessageID: mail}).Record))
			if p.Content != nil {
				require.Equal(w, "content", string(w.claim(1)[0].Delivery.Content))
			}

			events := []store.Event{store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(2), CreatedAt: noon}}
			id := events[0].ChatID()
			w.apply(events...)
			events[0] = store.LineLeft{Chat: id}
			w.requireOrder(people(2), id)
		},
	},
	{
		Name: "values/handed out are the caller's own",
		IDs:  []string{"value.own"},
		check: func(w *world) {
			p := w.withKey(w.opening(people(1), number(1), noon), "key")
			w.decorate(&p.Record)
			if _, ok := w.Store.(store.Outbox); ok {
				withDelivery(p, "content")
			}
			w.commit(p)
			want := *kept(p.Record)
			spoil := func(r *store.Record) {
				r.Notes[0], r.Attachments[0].Filename, r.Key = "changed", "changed", "changed"
				r.ChatID = uuid.Nil
			}
			q := store.Query{Set: p.Set.Key(), IdempotencyKey: "key"}
			for range 2 {
				snap := w.lookup(q)
				require.Equal(w, &want, plainRecord(snap.Record))
				require.Equal(w, p.ChatID, snap.Chats[0].ID)
				spoil(snap.Record)
				snap.Chats[0] = store.Chat{}
				if s, ok := w.Store.(store.DecisionReader); ok {
					r, err := s.Decision(background, acme, want.MessageID)
					require.NoError(w, err)
					require.Equal(w, &want, plainRecord(&r))
					spoil(&r)
				}
			}
			if s, ok := w.Store.(store.Outbox); ok {
				for range 2 {
					c := w.claim(1)[0]
					require.Equal(w, "content", string(c.Delivery.Content))
					c.Delivery.Content[0] = '!'
					require.NoError(w, s.Nack(background, c.Lease, 1, 0))
				}
			}
		},
	},
}
