package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// commitLeased commits a plan, and may get a lease of its delivery.
func (w *world) commitLeased(p *store.Plan) store.LeaseID {
	w.Helper()
	id, err := w.Store.(store.Leaser).CommitLeased(background, p, lease)
	require.NoError(w, err)
	return id
}

// deliverLeased is deliver with commitLeased.
func (w *world) deliverLeased(n int, content string) store.LeaseID {
	w.Helper()
	set := people(n)
	if chats := w.look(set).Chats; len(chats) > 0 {
		return w.commitLeased(withDelivery(w.reusing(set, chats[0].ID, noon), content))
	}
	return w.commitLeased(withDelivery(w.opening(set, number(1), noon), content))
}

var leaserClauses = []Clause{
	{
		Name:  "leaser/the delivery is the committer's",
		IDs:   []string{"commit.leased"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			p := w.withKey(withDelivery(w.opening(set, number(1), noon), "a"), "key")
			id := w.commitLeased(p)
			require.Equal(w, w.tenant, id.Tenant)
			require.Equal(w, p.MessageID, id.MessageID)
			require.NotZero(w, id.Token)
			require.Equal(w, &p.Record, w.record(p.MessageID), "it is committed as by Commit")
			require.Equal(w, p.ChatID, w.look(set).Chats[0].ID)
			backlog, err := s.Backlog(background)
			require.NoError(w, err)
			require.Equal(w, 1, backlog.Waiting)
			require.Empty(w, w.claim(10), "it is leased")
			require.NoError(w, s.Renew(background, id, lease))

			require.NoError(w, s.Nack(background, id, 1, 0))
			c := w.one("a")
			want, _ := p.Delivery()
			require.Equal(w, want, c.Delivery)
			require.Equal(w, 2, c.Attempts)
			require.False(w, c.Unsettled)
			require.ErrorIs(w, s.Ack(background, id), store.ErrLeaseLost, "a later lease has another id")
			require.NoError(w, s.Ack(background, c.Lease))

			second := w.deliverLeased(1, "b")
			require.NotZero(w, second, "nothing waits")
			require.NotEqual(w, id.Token, second.Token)
			require.NoError(w, s.Ack(background, second))
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "leaser/a commit that wrote nothing leases nothing",
		IDs:   []string{"commit.leased"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			p, late := w.loaded(w.opening(set, number(1), noon)), w.loaded(w.opening(set, number(2), noon))
			require.NotZero(w, w.commitLeased(p))
			other, invalid := w.loaded(w.opening(people(2), number(1), noon)), w.loaded(w.opening(people(2), number(1), noon))
			invalid.ChatID = [16]byte{}
			w.unchanged(func() {
				id, err := s.CommitLeased(background, late, lease)
				kind, err := kindOf(err)
				require.NoError(w, err)
				require.Equal(w, store.RevisionMoved, kind)
				require.Zero(w, id)
				for _, bad := range []time.Duration{0, -time.Second} {
					_, err = s.CommitLeased(background, other, bad)
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				_, err = s.CommitLeased(background, invalid, lease)
				require.ErrorIs(w, err, store.ErrInvalid)
			})
			bare := w.opening(people(3), number(1), noon)
			require.Zero(w, w.commitLeased(bare), "there is nothing to lease")
			require.Equal(w, &bare.Record, w.record(bare.MessageID))
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "leaser/what was committed before goes first",
		IDs:   []string{"commit.waits", "claim.order", "claim.follows"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			// A delivery is not leased behind one that waits, is leased, or
			// waits for its retry.
			w.deliver(1, "a")
			require.Zero(w, w.deliverLeased(1, "b"))
			a := w.one("a")
			require.Zero(w, w.deliverLeased(1, "c"))
			require.NoError(w, s.Nack(background, a.Lease, 1, time.Hour))
			require.Zero(w, w.deliverLeased(1, "d"))
			w.Advance(time.Hour + time.Second)
			for _, content := range []string{"a", "b", "c"} {
				require.NoError(w, s.Ack(background, w.one(content).Lease))
			}
			d := w.one("d")

			// Nor behind one of another chat with the same people, unless that
			// is parked.
			over := withDelivery(w.failing(set, d.Delivery.ChatID, number(2), noon.Add(time.Minute)), "e")
			require.Zero(w, w.commitLeased(over))
			require.Empty(w, w.claim(10))
			require.NotZero(w, w.deliverLeased(2, "of other people"))
			require.NoError(w, s.Ack(background, d.Lease))
			w.Advance(time.Second)
			e := w.one("e")
			require.NoError(w, s.Park(background, e.Lease, 1, store.ParkedRefused))
			f := w.commitLeased(withDelivery(w.reusing(set, d.Delivery.ChatID, noon.Add(2*time.Minute)), "f"))
			require.NotZero(w, f)
			require.NoError(w, s.Ack(background, f))
			g := w.commitLeased(withDelivery(w.reusing(set, over.ChatID, noon.Add(3*time.Minute)), "g"))
			require.NotZero(w, g, "a parked one holds back none of its chat either")
			require.NoError(w, s.Ack(background, g))

			// It is leased although one waits in a chat that our line left.
			left := withDelivery(w.opening(people(4), number(1), noon), "in the chat that was left")
			w.commit(left)
			w.apply(store.LineLeft{Chat: left.ChatID})
			require.NotZero(w, w.commitLeased(withDelivery(w.opening(people(4), number(2), noon), "in the new one")))

			// It is not leased before it is due.
			later := withDelivery(w.opening(people(3), number(1), noon), "h")
			later.NotBefore = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
			require.Zero(w, w.commitLeased(later))
		},
	},
	{
		Name:  "leaser/an answer that was lost",
		IDs:   []string{"commit.lost", "claim.unsettled"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			id := w.deliverLeased(1, "a")
			require.Zero(w, w.deliverLeased(1, "b"))
			w.Advance(lease / 2)
			require.Empty(w, w.claim(10))
			w.Advance(lease / 2)
			lost, err := s.AckAll(background, []store.LeaseID{id})
			require.NoError(w, err)
			require.Equal(w, []store.LeaseID{id}, lost, "it ended, and no claim came yet")
			c := w.one("a")
			require.Equal(w, 1, c.Attempts, "no attempt was told")
			require.True(w, c.Unsettled)
			require.ErrorIs(w, s.Renew(background, id, lease), store.ErrLeaseLost)
			lost, err = s.AckAll(background, []store.LeaseID{id})
			require.NoError(w, err)
			require.Equal(w, []store.LeaseID{id}, lost)
			require.NoError(w, s.Ack(background, c.Lease))
			require.Equal(w, "b", string(w.one("b").Delivery.Content))
		},
	},
	{
		Name:  "leaser/many are acknowledged, each for itself",
		IDs:   []string{"ack.all"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			tenants := []string{acme, "another tenant"}
			var ids, bad []store.LeaseID
			for i := range 40 {
				w.tenant = tenants[i%2]
				first := w.deliverLeased(i, fmt.Sprint(i))
				require.NotZero(w, first)
				ids = append(ids, first)
				require.Zero(w, w.deliverLeased(i, fmt.Sprint("next of ", i)))
			}
			w.tenant = acme
			gone, err := s.AckAll(background, nil)
			require.NoError(w, err)
			require.Empty(w, gone)
			_, err = s.AckAll(background, []store.LeaseID{{}})
			require.ErrorIs(w, err, store.ErrInvalid)

			settled := ids[0]
			require.NoError(w, s.Ack(background, settled))
			wrong, elsewhere, nothing := ids[1], ids[2], ids[3]
			wrong.Token = w.id()
			elsewhere.Tenant, nothing.MessageID = "a third tenant", w.id()
			bad = []store.LeaseID{settled, wrong, elsewhere, nothing}
			gone, err = s.AckAll(background, append(append([]store.LeaseID{}, bad...), ids[4:]...))
			require.NoError(w, err)
			require.ElementsMatch(w, bad, gone)
			backlog, err := s.Backlog(background)
			require.NoError(w, err)
			require.Equal(w, 43, backlog.Waiting)

			next := w.claimed()
			require.Len(w, next, 37, "the next of each chat whose first is gone")
			require.NotContains(w, next, "next of 1")
			gone, err = s.AckAll(background, ids)
			require.NoError(w, err)
			require.ElementsMatch(w, append(append([]store.LeaseID{}, settled), ids[4:]...), gone)
			require.Len(w, w.claimed(), 3)
		},
	},
	{
		Name:  "leaser/both outlive the process",
		IDs:   []string{"commit.leased", "ack.all"},
		Needs: []Power{Outbox, Durability},
		check: func(w *world) {
			done, held := w.deliverLeased(1, "done"), w.deliverLeased(2, "held")
			_, err := w.Store.(store.Outbox).AckAll(background, []store.LeaseID{done})
			require.NoError(w, err)
			w.reopen()
			require.Empty(w, w.claim(10), "one is gone, the other is leased")
			require.NoError(w, w.Store.(store.Outbox).Ack(background, held))
		},
	},
}
