package storetest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Spoiled is a way in which Harness.Spoil makes a row unreadable.
type Spoiled uint8

// The ways in which a row can be unreadable. If the rows of a kind have no
// version, a store treats Newer as Garbled.
const (
	Garbled Spoiled = 1 + iota // no release wrote it
	Cut                        // it has only its first bytes
	Newer                      // a later release wrote it
)

// String returns garbled, cut or newer.
func (s Spoiled) String() string {
	return [...]string{"nothing", "garbled", "cut", "newer"}[s]
}

// Bytes returns a spoiled copy of a body, for stores whose bodies begin with
// the version of their form.
func (s Spoiled) Bytes(body []byte) []byte {
	switch s {
	case Cut:
		return slices.Clone(body[:min(3, len(body))])
	case Newer:
		return append([]byte{99}, body...)
	}
	return []byte{1, 0xff}
}

// spoilings calls a check for each way in which a row can be unreadable, with a
// tenant of its own.
func spoilings(check func(w *world, how Spoiled)) func(w *world) {
	return func(w *world) {
		for _, how := range []Spoiled{Garbled, Cut, Newer} {
			w.tenant = "acme " + how.String()
			check(w, how)
		}
	}
}

// told checks that the store reports a row as unreadable, and returns it.
func (w *world) told(kind, id string) store.Unreadable {
	w.Helper()
	rows, total := w.Store.(store.Damaged).Unreadable()
	require.GreaterOrEqual(w, total, len(rows))
	for _, r := range rows {
		if r.Kind == kind && r.Tenant == w.tenant && (r.ID == id || id == "") {
			require.Error(w, r.Err)
			return r
		}
	}
	require.FailNow(w, "the row is not named", "%s %s of %s: %v", kind, id, w.tenant, rows)
	return store.Unreadable{}
}

// keyText returns the key of a set in hexadecimal digits.
func keyText(set recipients.Set) string {
	b := set.Key().Bytes()
	return hex.EncodeToString(b[:])
}

// walked returns the ids of a tenant's chats, in pages of that size.
func (w *world) walked(limit int) (ids []uuid.UUID) {
	w.Helper()
	for after := uuid.Nil; ; {
		chats, next, err := w.Store.(store.ChatWalker).ChatsOfTenant(background, w.tenant, after, limit)
		require.NoError(w, err)
		ids = append(ids, idsOf(chats)...)
		if after = next; next == uuid.Nil {
			return ids
		}
	}
}

// delivered commits a delivery of some content to a person, and returns its
// plan.
func (w *world) delivered(n int, content string) *store.Plan {
	w.Helper()
	set := people(n)
	p := (*store.Plan)(nil)
	if chats := w.look(set).Chats; len(chats) > 0 {
		p = w.reusing(set, chats[0].ID, noon)
	} else {
		p = w.opening(set, number(n), noon)
	}
	w.commit(withDelivery(p, content))
	return p
}

var damageClauses = []Clause{
	{
		Name:  "damage/deliveries are parked",
		IDs:   []string{"damage.claim"},
		Needs: []Power{Damage, Outbox, Clock},
		check: func(w *world) {
			for _, how := range []Spoiled{Garbled, Cut} {
				w.tenant = "acme " + how.String()
				out := w.Store.(store.Outbox)
				bad := w.delivered(1, "bad")
				require.NoError(w, out.Nack(background, w.claimed()["bad"], 3, 0))
				w.delivered(1, "behind it")
				w.delivered(2, "other")
				w.Spoil(store.UnreadableDelivery, w.tenant, bad.MessageID.String(), how)
				got := make(map[string]store.LeaseID)
				for range 10 { // one at a time: unreadable deliveries must not fill a claim
					for _, c := range w.claim(1) {
						got[string(c.Delivery.Content)] = c.Lease
					}
				}
				require.ElementsMatch(w, []string{"behind it", "other"}, keysOf(got))
				for _, l := range got {
					require.NoError(w, out.Ack(background, l))
				}
				parked, _, err := out.Parked(background, w.tenant, uuid.Nil, 0)
				require.NoError(w, err)
				require.Len(w, parked, 1)
				require.Equal(w, store.Delivery{MessageID: bad.MessageID, ChatID: bad.ChatID}, parked[0].Delivery)
				require.Equal(w, store.ParkedUnreadable, parked[0].Why)
				require.Equal(w, 3, parked[0].Attempts, "a claim is no attempt")
				require.False(w, w.told(store.UnreadableDelivery, bad.MessageID.String()).Newer)
				require.NoError(w, out.Release(background, w.tenant, bad.MessageID, false))
				require.Empty(w, w.claim(10), "it is parked again")
				w.delivered(1, "retry")
				require.NoError(w, out.Nack(background, w.claimed()["retry"], 1, time.Hour))
				require.NoError(w, out.Release(background, w.tenant, bad.MessageID, false))
				require.Empty(w, w.claim(10), "it is parked again, and the one behind it waits for its retry")
				require.Empty(w, w.claim(10))
				require.NoError(w, out.Drop(background, w.tenant, bad.MessageID))
				w.Advance(time.Hour + time.Second)
				require.NoError(w, out.Ack(background, w.claimed()["retry"]))
				b, err := out.Backlog(background)
				require.NoError(w, err)
				require.Zero(w, b.Waiting+b.Parked)
			}
		},
	},
	{
		Name:  "damage/deliveries among others neither fill a claim nor widen it",
		IDs:   []string{"damage.claim", "claim.due"},
		Needs: []Power{Damage, Outbox},
		check: func(w *world) {
			for i := range 9 {
				if p := w.delivered(i, fmt.Sprint(i)); i%3 == 1 {
					w.Spoil(store.UnreadableDelivery, w.tenant, p.MessageID.String(), Garbled)
				}
			}
			got := 0
			for range 3 {
				got += len(w.claim(2)) // which fails for more than two
			}
			require.Equal(w, 6, got)
		},
	},
	{
		Name:  "damage/newer deliveries wait",
		IDs:   []string{"damage.newer"},
		Needs: []Power{Damage, Outbox, Clock},
		check: func(w *world) {
			bad := w.delivered(1, "newer")
			w.delivered(1, "behind it")
			w.delivered(2, "other")
			w.Spoil(store.UnreadableDelivery, w.tenant, bad.MessageID.String(), Newer)
			for range 3 {
				got := w.claimed()
				require.Equal(w, []string{"other"}, keysOf(got))
				require.NoError(w, w.Store.(store.Outbox).Nack(background, got["other"], 1, 0))
				w.Advance(store.UnreadableWait + 2*time.Second)
			}
			require.Empty(w, w.parked(0))
			require.True(w, w.told(store.UnreadableDelivery, bad.MessageID.String()).Newer)
		},
	},
	{
		Name:  "damage/look-ups of chats",
		IDs:   []string{"damage.chat"},
		Needs: []Power{Damage},
		check: spoilings(func(w *world, how Spoiled) {
			bad, good := w.open(people(1), number(1), noon), w.open(people(2), number(1), noon)
			w.Spoil(store.UnreadableChat, w.tenant, bad.String(), how)
			require.Equal(w, []uuid.UUID{good}, idsOf(w.look(people(2)).Chats))
			snap, err := w.Store.Lookup(background, store.Query{Tenant: w.tenant, Set: people(1).Key()})
			if how == Newer || err != nil {
				require.ErrorIs(w, err, store.ErrUnreadable, "those people are to get no second chat")
			}
			require.Empty(w, snap.Chats)
			w.told(store.UnreadableChat, "")
			w.open(people(3), number(1), noon) // other people can be written to
		}),
	},
	{
		Name:  "damage/look-ups of records",
		IDs:   []string{"damage.record"},
		Needs: []Power{Damage},
		check: spoilings(func(w *world, how Spoiled) {
			kept := w.withKey(w.opening(people(1), number(1), noon), "kept")
			lost := w.withKey(w.opening(people(2), number(1), noon), "lost")
			w.commit(kept)
			w.commit(lost)
			w.Spoil(store.UnreadableRecord, w.tenant, lost.MessageID.String(), how)
			for _, q := range []store.Query{{IdempotencyKey: "lost"}, {MessageID: lost.MessageID}} {
				q.Tenant, q.Set = w.tenant, people(2).Key()
				_, err := w.Store.Lookup(background, q)
				require.ErrorIs(w, err, store.ErrUnreadable, "it is not to be decided again")
			}
			require.NotNil(w, w.lookup(store.Query{Set: people(1).Key(), IdempotencyKey: "kept"}).Record)
			require.Len(w, w.look(people(2)).Chats, 1)
			w.told(store.UnreadableRecord, "")
		}),
	},
	{
		Name:  "damage/lines",
		IDs:   []string{"damage.line"},
		Needs: []Power{Damage, LineStates, UseReader},
		check: spoilings(func(w *world, how Spoiled) {
			states, uses := w.Store.(store.LineStates), w.Store.(store.UseReader)
			for i := range 3 {
				w.open(people(i), number(i), noon)
				w.settle()
				_, err := states.ReportLine(background, line.State{Tenant: w.tenant, Number: number(i), Status: line.Flagged, StatusAt: noon})
				require.NoError(w, err)
			}
			w.Spoil(store.UnreadableLine, w.tenant, number(1).String(), how)
			for _, limit := range []int{1, 0} {
				var known, used []recipients.Handle
				for after := line.Change(0); ; {
					page, last, err := states.LineStates(background, after, limit)
					require.NoError(w, err)
					if len(page) == 0 {
						break
					}
					after = last
					for _, s := range page {
						if s.Tenant == w.tenant {
							known = append(known, s.Number)
						}
					}
				}
				for after := line.Change(0); ; {
					page, last, err := uses.LineUse(background, after, limit)
					require.NoError(w, err)
					if len(page) == 0 {
						break
					}
					after = last
					for _, u := range page {
						if u.Tenant == w.tenant {
							used = append(used, u.Number)
						}
					}
				}
				want := []recipients.Handle{number(0), number(2)}
				require.ElementsMatch(w, want, known)
				require.ElementsMatch(w, want, used)
			}
			w.told(store.UnreadableLine, "")
			w.open(people(4), number(0), noon)
		}),
	},
	{
		Name:  "damage/pages",
		IDs:   []string{"damage.page"},
		Needs: []Power{Damage, ChatReader, ChatWalker, ChatFinder, KnownReader, Consents},
		check: spoilings(func(w *world, how Spoiled) {
			var chats []uuid.UUID
			for i, set := range []recipients.Set{people(1, 2), people(1, 3), people(1, 4)} {
				chats = append(chats, w.open(set, number(i), noon))
			}
			w.Spoil(store.UnreadableChat, w.tenant, chats[1].String(), how)
			good := []uuid.UUID{chats[0], chats[2]}
			require.Equal(w, good, w.walked(1))
			require.Equal(w, good, w.walked(0))
			all, err := w.Store.(store.ChatWalker).ChatsByID(background, w.tenant, chats)
			require.NoError(w, err)
			require.Equal(w, good, idsOf(all))
			all, _, err = w.Store.(store.ChatReader).ChatsOfLine(background, w.tenant, number(1), uuid.Nil, 0)
			require.NoError(w, err)
			require.Empty(w, all)
			all, _, err = w.Store.(store.ChatFinder).ChatsOfPerson(background, w.tenant, person(1), uuid.Nil, 0)
			require.NoError(w, err)
			require.Equal(w, good, idsOf(all))
			known, err := w.Store.(store.KnownReader).KnownLines(background, w.tenant, [][]recipients.Handle{{person(1)}})
			require.NoError(w, err)
			var lines []recipients.Handle
			for _, k := range known {
				lines = append(lines, k.Line)
			}
			require.ElementsMatch(w, []recipients.Handle{number(0), number(2)}, lines)

			for i := range 3 {
				w.say(person(i), store.ConsentChange{OptedOut: new(true), At: noon}, true)
			}
			w.Spoil(store.UnreadableConsent, w.tenant, keyText(people(1)), how)
			for _, limit := range []int{1, 0} {
				var listed []recipients.Handle
				var next recipients.Key
				for {
					page, then, err := w.Store.(store.Consents).Consents(background, w.tenant, next, limit)
					require.NoError(w, err)
					for _, c := range page {
						listed = append(listed, c.Person)
					}
					if next = then; next == (recipients.Key{}) {
						break
					}
				}
				require.ElementsMatch(w, []recipients.Handle{person(0), person(2)}, listed)
			}
			w.told(store.UnreadableConsent, "")
		}),
	},
	{
		Name:  "damage/one thing",
		IDs:   []string{"damage.one"},
		Needs: []Power{Damage, ChatReader, DecisionReader, DeliveryReader, Outbox},
		check: spoilings(func(w *world, how Spoiled) {
			p := w.delivered(1, "content")
			w.Spoil(store.UnreadableDelivery, w.tenant, p.MessageID.String(), how)
			_, err := w.Store.(store.DeliveryReader).Delivery(background, w.tenant, p.MessageID)
			require.ErrorIs(w, err, store.ErrUnreadable)
			w.Spoil(store.UnreadableRecord, w.tenant, p.MessageID.String(), how)
			_, err = w.Store.(store.DecisionReader).Decision(background, w.tenant, p.MessageID)
			require.ErrorIs(w, err, store.ErrUnreadable)
			w.Spoil(store.UnreadableChat, w.tenant, p.ChatID.String(), how)
			_, err = w.Store.(store.ChatReader).Chat(background, w.tenant, p.ChatID)
			require.ErrorIs(w, err, store.ErrUnreadable)
		}),
	},
	{
		Name:  "damage/copies",
		IDs:   []string{"damage.copy"},
		Needs: []Power{Damage, Copier, Outbox, LineStates, Consents},
		check: spoilings(func(w *world, how Spoiled) {
			want := map[string]bool{} // the kinds that the store must report, each once
			var bad *store.Plan
			for i := range 2 {
				p := w.delivered(i, "content")
				w.say(person(i), store.ConsentChange{OptedOut: new(true), At: noon}, true)
				_, err := w.Store.(store.LineStates).ReportLine(background, line.State{Tenant: w.tenant, Number: number(i), Status: line.Flagged, StatusAt: noon})
				require.NoError(w, err)
				if i == 0 {
					bad = p
				}
			}
			w.settle()
			before, _ := w.exportedAll()
			for kind, id := range map[string]string{
				store.UnreadableDelivery: bad.MessageID.String(), store.UnreadableRecord: bad.MessageID.String(), store.UnreadableChat: bad.ChatID.String(),
				store.UnreadableLine: bad.Line.String(), store.UnreadableConsent: keyText(people(0)),
			} {
				w.Spoil(kind, w.tenant, id, how)
				want[kind] = true
			}
			items, told := w.exportedAll()
			got := map[string]bool{}
			for _, row := range told {
				require.Equal(w, w.tenant, row.Tenant)
				got[row.Kind] = true
			}
			require.Equal(w, want, got)
			require.LessOrEqual(w, 5, items, "those of the other are there")
			require.GreaterOrEqual(w, before, items+len(told)-1) // a state and a use may be one row
			for item, err := range w.Store.(store.Copier).ExportTenant(background, "another tenant") {
				require.FailNow(w, "another tenant has nothing", "%v %v", item, err)
			}
		}),
	},
	{
		Name:  "damage/purges",
		IDs:   []string{"damage.purge"},
		Needs: []Power{Damage, Purger},
		check: spoilings(func(w *world, how Spoiled) {
			bad, good := w.opening(people(1), number(1), noon), w.opening(people(2), number(1), noon)
			w.commit(bad)
			w.commit(good)
			w.Spoil(store.UnreadableRecord, w.tenant, bad.MessageID.String(), how)
			w.purge(noon.Add(24*time.Hour), 0)
			require.Nil(w, w.lookup(store.Query{Set: people(2).Key(), MessageID: good.MessageID}).Record)
			require.Nil(w, w.lookup(store.Query{Set: people(1).Key(), MessageID: bad.MessageID}).Record)
			require.Zero(w, w.purge(noon.Add(24*time.Hour), 0))
		}),
	},
	{
		Name:  "damage/forgetting",
		IDs:   []string{"damage.forget"},
		Needs: []Power{Damage, Forgetter, ChatWalker},
		check: spoilings(func(w *world, how Spoiled) {
			group, direct := w.open(people(1, 2), number(1), noon), w.open(people(1), number(1), noon)
			other, others := w.open(people(2), number(1), noon), w.open(people(3), number(1), noon)
			late := w.open(people(1, 3), number(1), noon)
			require.NotEqual(w, direct, late)
			w.Spoil(store.UnreadableChat, w.tenant, group.String(), how)
			w.Spoil(store.UnreadableChat, w.tenant, others.String(), how)
			if _, err := w.Store.(store.Forgetter).Forget(background, w.tenant, person(1)); err != nil {
				require.ErrorIs(w, err, store.ErrUnreadable)
			}
			require.Equal(w, []uuid.UUID{other}, w.walked(1))
			_, err := w.Store.(store.Forgetter).Forget(background, w.tenant, person(2))
			if err != nil {
				require.ErrorIs(w, err, store.ErrUnreadable)
			}
			require.Empty(w, w.walked(1))
		}),
	},
	{
		Name:  "damage/rows that are told",
		IDs:   []string{"damage.told"},
		Needs: []Power{Damage, ChatReader},
		check: func(w *world) {
			rows, total := w.Store.(store.Damaged).Unreadable()
			require.Empty(w, rows)
			require.Zero(w, total)
			var last uuid.UUID
			const n = 3
			for i := range n {
				last = w.open(people(i), number(1), noon)
				w.Spoil(store.UnreadableChat, w.tenant, last.String(), []Spoiled{Garbled, Cut, Newer}[i])
				for range 2 { // each is reported once
					_, err := w.Store.(store.ChatReader).Chat(background, w.tenant, last)
					require.ErrorIs(w, err, store.ErrUnreadable)
				}
			}
			rows, total = w.Store.(store.Damaged).Unreadable()
			require.Len(w, rows, n)
			require.Equal(w, n, total)
			require.True(w, slices.IsSortedFunc(rows, func(a, b store.Unreadable) int {
				switch {
				case a.ID < b.ID:
					return -1
				case a.ID > b.ID:
					return 1
				}
				return 0
			}))
			newer := 0
			for _, r := range rows {
				if r.Newer {
					newer++
				}
			}
			require.Equal(w, 1, newer)
		},
	},
}

// exportedAll returns how many items of the world's tenant can be exported, and
// the rows that cannot.
func (w *world) exportedAll() (items int, told []store.Unreadable) {
	w.Helper()
	for item, err := range w.Store.(store.Copier).Export(background) {
		if bad, is := errors.AsType[*store.UnreadableError](err); is {
			require.Equal(w, bad.Row.Tenant, item.Tenant)
			if item.Tenant == w.tenant {
				told = append(told, bad.Row)
			}
			continue
		}
		require.NoError(w, err)
		if item.Tenant == w.tenant {
			items++
		}
	}
	alike := 0
	for item, err := range w.Store.(store.Copier).ExportTenant(background, w.tenant) {
		require.Equal(w, w.tenant, item.Tenant)
		if err == nil {
			alike++
			continue
		}
		require.ErrorIs(w, err, store.ErrUnreadable)
	}
	require.Equal(w, items, alike)
	return items, told
}
