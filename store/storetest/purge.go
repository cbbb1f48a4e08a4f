package storetest

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func (w *world) purge(before time.Time, limit int) int {
	w.Helper()
	n, err := w.Store.(store.Purger).Purge(background, before, limit)
	require.NoError(w, err)
	return n
}

// forget forgets a person, and checks how many chats are removed.
func (w *world) forget(h recipients.Handle, chats int) {
	w.Helper()
	n, err := w.Store.(store.Forgetter).Forget(background, w.tenant, h)
	require.NoError(w, err)
	require.Equal(w, chats, n)
}

// record returns the record of a message, nil if there is none.
func (w *world) record(mail uuid.UUID) *store.Record {
	w.Helper()
	return w.lookup(store.Query{MessageID: mail}).Record
}

var purgeClauses = []Clause{
	{
		Name:  "purge/what has expired, oldest first",
		IDs:   []string{"purge.oldest"},
		Needs: []Power{Purger},
		check: func(w *world) {
			order := []int{5, 2, 7, 0, 6, 1, 4, 3} // hours until expiry, in the order of commits
			mails := make([]uuid.UUID, len(order))
			for i, hours := range order {
				if i%2 == 0 {
					w.tenant = "another tenant"
				}
				p := w.opening(people(i), number(1), noon)
				if i%3 == 0 {
					w.withKey(p, "key")
				}
				p.Key += p.MessageID.String()
				p.KeepUntil = noon.Add(time.Duration(hours) * time.Hour)
				w.commit(p)
				mails[hours] = p.MessageID
				w.tenant = acme
			}
			left := func(oldest int) {
				w.Helper()
				for hours, mail := range mails {
					w.tenant = acme
					r := w.record(mail)
					if r == nil {
						w.tenant = "another tenant"
						r = w.record(mail)
					}
					require.Equal(w, hours >= oldest, r != nil, "the record that expires in %d hours", hours)
				}
				w.tenant = acme
			}
			require.Zero(w, w.purge(noon, 10))
			left(0)
			require.Equal(w, 1, w.purge(noon.Add(time.Microsecond), 10))
			left(1)
			require.Equal(w, 2, w.purge(noon.Add(100*time.Hour), 2))
			left(3)
			require.Equal(w, 3, w.purge(noon.Add(5*time.Hour+time.Second), 4))
			left(6)
			require.Equal(w, 2, w.purge(noon.Add(100*time.Hour), 0))
			left(8)
			require.Zero(w, w.purge(noon.Add(100*time.Hour), 1))
		},
	},
	{
		Name:  "purge/frees the key and the message id, and nothing else",
		IDs:   []string{"purge.frees"},
		Needs: []Power{Purger},
		check: func(w *world) {
			p := w.loaded(w.opening(people(1), number(1), noon))
			w.commit(p)
			snap, uses := plain(w.look(people(1))), w.uses(number(1))
			require.Equal(w, 1, w.purge(p.KeepUntil.Add(time.Microsecond), 10))
			require.Equal(w, snap, plain(w.look(people(1))))
			require.Equal(w, uses, w.uses(number(1)))
			require.Nil(w, w.record(p.MessageID))
			require.Nil(w, w.lookup(store.Query{IdempotencyKey: p.Key}).Record)
			if s, ok := w.Store.(store.Outbox); ok {
				backlog, err := s.Backlog(background)
				require.NoError(w, err)
				require.Equal(w, 1, backlog.Waiting, "a purge took a delivery")
			}

			again := w.withKey(w.opening(people(2), number(1), noon), p.Key)
			w.commit(again)
			again = w.opening(people(3), number(1), noon)
			again.MessageID = p.MessageID
			w.commit(again)
		},
	},
	{
		Name:  "purge/leaves what is in the outbox",
		IDs:   []string{"purge.outbox"},
		Needs: []Power{Purger, Outbox},
		check: func(w *world) {
			p := withDelivery(w.opening(people(1), number(1), noon), "first")
			w.commit(p)
			require.Equal(w, 1, w.purge(p.KeepUntil.Add(time.Second), 10))
			again := withDelivery(w.plan(store.NewBestNumber, people(2), w.id(), number(1), noon), "second")
			again.MessageID = p.MessageID
			w.refused(again, store.ErrInvalid)
			got := w.claim(10)
			require.Len(w, got, 1)
			require.Equal(w, "first", string(got[0].Delivery.Content))
			w.refused(again, store.ErrInvalid)
			require.NoError(w, w.Store.(store.Outbox).Ack(background, got[0].Lease))
			w.commit(again)
		},
	},
	{
		Name:  "purge/more than a page",
		IDs:   []string{"purge.limit"},
		Needs: []Power{Purger},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			revision := w.revision(set)
			w.together(5, func(int, func() bool) error {
				for range (2*store.MaxPage + 10) / 5 {
					p := planOf(store.ReusedActiveChat, set, id, number(1), noon, uuid.New())
					p.Revision = revision
					if err := w.Store.Commit(background, p); err != nil {
						return err
					}
				}
				return nil
			})
			end := noon.Add(100 * time.Hour)
			require.Equal(w, store.MaxPage, w.purge(end, 0))
			require.Equal(w, store.MaxPage+5, w.purge(end, store.MaxPage+5))
			require.Equal(w, 5, w.purge(end, 0))
		},
	},
}

var forgetClauses = []Clause{
	{
		Name:  "forget/every chat of a person",
		IDs:   []string{"forget.person"},
		Needs: []Power{Forgetter},
		check: func(w *world) {
			direct, group, others := people(1), people(1, 2), people(2, 3)
			var plans []*store.Plan
			for _, set := range []recipients.Set{direct, group, others} {
				p := w.loaded(w.opening(set, number(1), noon))
				w.commit(p)
				plans = append(plans, p)
			}
			old := plans[1].ChatID
			failover := w.loaded(w.failing(group, old, number(2), noon))
			w.commit(failover)
			plans = append(plans, failover)
			left := w.seen(group, number(3), noon)
			w.apply(store.LineLeft{Chat: left})
			once := w.seen(group, number(4), noon) // a chat that the person left
			w.apply(store.ParticipantRemoved{Chat: once, Handle: person(1)})
			w.tenant = "another tenant"
			w.commit(w.withKey(w.opening(direct, number(1), noon), "key"))
			w.tenant = acme
			uses, kept := w.uses(number(1), number(2)), plain(w.look(others))

			w.forget(person(1), 5)
			w.forget(person(1), 0)

			for _, set := range []recipients.Set{direct, group, people(2)} {
				require.Empty(w, w.look(set).Chats)
			}
			require.Equal(w, kept, plain(w.look(others)))
			require.Equal(w, uses, w.uses(number(1), number(2)))
			for i, p := range plans {
				require.Equal(w, i == 2, w.record(p.MessageID) != nil)
				require.Equal(w, i == 2, w.lookup(store.Query{IdempotencyKey: p.Key}).Record != nil)
			}
			if s, ok := w.Store.(store.ChatReader); ok {
				for _, id := range []uuid.UUID{plans[0].ChatID, old, failover.ChatID, left, once} {
					_, err := s.Chat(background, acme, id)
					require.ErrorIs(w, err, store.ErrUnknownChat)
				}
				for i := range 5 {
					for _, id := range w.walk(number(i), 10, func() {}) {
						require.Equal(w, plans[2].ChatID, id)
					}
				}
			}
			if _, ok := w.Store.(store.Outbox); ok {
				claimed := w.claim(10)
				require.Len(w, claimed, 1)
				require.Equal(w, plans[2].ChatID, claimed[0].Delivery.ChatID)
			}
			w.notApplied(0, store.ErrUnknownChat, store.Activity{Chat: old, At: noon})

			w.tenant = "another tenant"
			require.Len(w, w.look(direct).Chats, 1)
			require.NotNil(w, w.lookup(store.Query{IdempotencyKey: "key"}).Record)
			w.tenant = acme
			plans[0].Revision = w.revision(direct)
			w.commit(plans[0]) // ids and key can be used again
		},
	},
	{
		Name:  "forget/an unknown person",
		IDs:   []string{"forget.again"},
		Needs: []Power{Forgetter},
		check: func(w *world) {
			chat := w.open(people(1), number(1), noon)
			w.apply(store.ParticipantRemoved{Chat: chat, Handle: person(2)}) // the person never took part in it
			w.unchanged(func() {
				w.forget(person(2), 0)
				w.forget(number(1), 0)
			})
		},
	},
	{
		Name:  "forget/a delivery that is leased",
		IDs:   []string{"forget.leased"},
		Needs: []Power{Forgetter, Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			var leases []store.LeaseID
			for i := range 4 {
				w.commit(withDelivery(w.opening(setOf(person(1), person(i+2)), number(i), noon), "x"))
				leases = append(leases, w.claim(1)[0].Lease)
			}
			waiting := func(want int) {
				w.Helper()
				backlog, err := s.Backlog(background)
				require.NoError(w, err)
				require.Equal(w, want, backlog.Waiting)
			}
			w.forget(person(1), 4)
			waiting(4)
			require.NoError(w, s.Renew(background, leases[0], time.Hour))
			require.NoError(w, s.Ack(background, leases[0]))
			require.NoError(w, s.Nack(background, leases[1], 1, 0))
			require.NoError(w, s.Park(background, leases[2], 1, store.ParkedAttempts))
			require.Empty(w, w.claim(10))
			parked, _, err := s.Parked(background, acme, uuid.Nil, 0)
			require.NoError(w, err)
			require.Empty(w, parked)
			if w.Advance == nil {
				require.NoError(w, s.Ack(background, leases[3]))
			} else {
				w.Advance(2 * time.Hour)
			}
			waiting(0)
			require.Empty(w, w.claim(10))
			backlog, err := s.Backlog(background)
			require.NoError(w, err)
			require.Zero(w, backlog)
		},
	},
	{
		Name:  "forget/what was leased then holds back no other",
		IDs:   []string{"forget.leased", "claim.due"},
		Needs: []Power{Forgetter, Outbox, Clock},
		check: func(w *world) {
			for i := range 3 {
				w.deliver(1, fmt.Sprint("gone ", i))
				w.commit(withDelivery(w.opening(setOf(person(1), person(i+2)), number(2), noon), "gone"))
			}
			require.Len(w, w.claim(10), 4)
			chat := w.look(people(1)).Chats[0].ID
			w.forget(person(1), 4)
			later := withDelivery(w.opening(people(1), number(1), noon), "later") // in a chat with the id of one that is gone
			later.ChatID, later.NotBefore = chat, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
			w.commit(later)
			w.Advance(lease)
			w.deliver(9, "waits") // due after them
			require.Equal(w, []string{"waits"}, keysOf(w.claimed()))
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "forget/a delivery whose lease has just ended",
		IDs:   []string{"forget.leased"},
		Needs: []Power{Forgetter, Outbox, Clock},
		check: func(w *world) {
			p := withDelivery(w.opening(people(1), number(1), noon), "x")
			w.commit(p)
			require.Len(w, w.claim(10), 1)
			w.Advance(lease) // the very end of the lease
			w.forget(person(1), 1)
			p.Revision = w.revision(people(1))
			w.commit(p) // nothing of it is left: the same message can be committed again
			require.Len(w, w.claim(10), 1)
		},
	},
}
