package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// rerouted completes a plan that reroutes a message.
func (w *world) rerouted(c store.Claimed, p *store.Plan) *store.Plan {
	w.Helper()
	p.MessageID, p.Content, p.Terms = c.Delivery.MessageID, c.Delivery.Content, c.Delivery.Terms
	p.Moves = append(p.Moves, store.Move{ChatID: c.Delivery.ChatID, Line: c.Delivery.From, At: c.At})
	w.touch(p)
	return p
}

// reroute reroutes a message.
func (w *world) reroute(c store.Claimed, p *store.Plan) {
	w.Helper()
	require.NoError(w, w.Store.(store.Outbox).Reroute(background, c.Lease, w.rerouted(c, p)))
}

// one claims the only delivery that can be claimed.
func (w *world) one(content string) store.Claimed {
	w.Helper()
	got := w.claim(10)
	require.Len(w, got, 1)
	require.Equal(w, content, string(got[0].Delivery.Content))
	return got[0]
}

var rerouteClauses = []Clause{
	{
		Name:  "outbox/the terms come out",
		IDs:   []string{"outbox.terms"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			p := withDelivery(w.opening(people(1), number(1), noon), "a")
			p.Terms = []byte{0, 0xff, '"'}
			w.commit(p)
			require.Equal(w, p.Terms, w.one("a").Delivery.Terms)
		},
	},
	{
		Name:  "park/says why",
		IDs:   []string{"park.why"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			reasons := []store.ParkReason{store.ParkedAttempts, store.ParkedRefused, store.ParkedLineFlagged, store.ParkedNoLine}
			for range reasons {
				w.deliver(1, "a")
			}
			for i, why := range reasons {
				c := w.one("a")
				require.ErrorIs(w, s.Park(background, c.Lease, 1, 0), store.ErrInvalid)
				require.ErrorIs(w, s.Park(background, c.Lease, -1, why), store.ErrInvalid)
				require.NoError(w, s.Park(background, c.Lease, i, why))
			}
			parked := w.parked(10)
			require.Len(w, parked, len(reasons))
			for i, p := range parked {
				require.Equal(w, reasons[i], p.Why)
				require.Equal(w, i, p.Attempts)
			}
		},
	},
	{
		Name:  "park/released to leave its line",
		IDs:   []string{"park.leave"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			for _, leave := range []bool{true, false, true} {
				c := w.one("a")
				require.NoError(w, s.Park(background, c.Lease, 1, store.ParkedRefused))
				require.NoError(w, s.Release(background, acme, c.Lease.MessageID, leave))
				c = w.one("a")
				require.Equal(w, leave, c.Leave)
				require.NoError(w, s.Nack(background, c.Lease, 1, 0))
			}
			require.True(w, w.one("a").Leave, "it was given back only")
		},
	},
	{
		Name:  "park/dropped",
		IDs:   []string{"park.drop"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			c := w.one("a")
			require.ErrorIs(w, s.Drop(background, acme, c.Lease.MessageID), store.ErrNoRecord)
			require.NoError(w, s.Park(background, c.Lease, 1, store.ParkedRefused))
			require.ErrorIs(w, s.Drop(background, "another tenant", c.Lease.MessageID), store.ErrNoRecord)
			require.NoError(w, s.Drop(background, acme, c.Lease.MessageID))
			require.ErrorIs(w, s.Drop(background, acme, c.Lease.MessageID), store.ErrNoRecord)
			require.ErrorIs(w, s.Release(background, acme, c.Lease.MessageID, false), store.ErrNoRecord)
			require.Empty(w, w.parked(10))
			require.Empty(w, w.claim(10))
			require.NotNil(w, w.record(c.Lease.MessageID), "the record stays")
		},
	},
	{
		Name:  "reroute/moves the message",
		IDs:   []string{"reroute.moves"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			set := people(1)
			first := w.withKey(withDelivery(w.opening(set, number(1), noon), "a"), "key")
			first.Terms = []byte("terms")
			w.commit(first)
			c := w.one("a")
			to := w.failing(set, first.ChatID, number(2), noon.Add(time.Minute))
			to.Key = "key"
			w.reroute(c, to)

			require.Equal(w, to.ChatID, w.chat(set, first.ChatID).Successor)
			require.Equal(w, number(2), w.chat(set, to.ChatID).Line)
			snap := w.lookup(store.Query{Tenant: acme, Set: set.Key(), IdempotencyKey: "key"})
			require.Equal(w, &to.Record, snap.Record)
			again := w.one("a")
			want, _ := to.Delivery()
			require.Equal(w, want, again.Delivery)
			require.Equal(w, 1, again.Attempts)
			require.False(w, again.Unsettled)
			require.Equal(w, to.At, again.At)
			if _, counts := w.Store.(store.UseReader); counts {
				w.settle()
				uses := w.allUses(number(2))
				require.Len(w, uses, 1)
				require.EqualValues(w, 1, uses[0].Messages[0], "it counts on its new line")
			}

			// To an existing chat whose own record is gone.
			if purger, can := w.Store.(store.Purger); can {
				_, err := purger.Purge(background, noon.Add(100*time.Hour), 0)
				require.NoError(w, err)
			}
			back := w.reusing(set, first.ChatID, noon.Add(2*time.Minute))
			w.reroute(again, back)
			require.Equal(w, &back.Record, w.record(first.MessageID))
			require.Equal(w, first.ChatID, w.one("a").Delivery.ChatID)
		},
	},
	{
		Name:  "reroute/keeps the order",
		IDs:   []string{"reroute.order"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			w.deliver(1, "a")
			a := w.one("a")
			other := w.opening(set, number(2), noon.Add(time.Minute))
			w.commit(withDelivery(other, "later"))
			w.reroute(a, w.reusing(set, other.ChatID, noon.Add(2*time.Minute)))
			require.NoError(w, s.Ack(background, w.one("a").Lease))
			require.NoError(w, s.Ack(background, w.one("later").Lease))
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "reroute/what waited goes first",
		IDs:   []string{"claim.follows"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			for _, content := range []string{"a", "b"} {
				w.deliver(1, content)
			}
			a := w.one("a")
			over := withDelivery(w.failing(set, a.Delivery.ChatID, number(2), noon.Add(time.Minute)), "c")
			w.commit(over)
			w.commit(withDelivery(w.opening(set, number(3), noon.Add(time.Minute)), "d"))
			w.deliver(2, "other people")
			require.NoError(w, s.Ack(background, w.one("other people").Lease), "c and d go behind a and b")
			w.reroute(a, w.reusing(set, over.ChatID, noon.Add(2*time.Minute)))
			for _, content := range []string{"a", "b", "c", "d"} {
				w.Advance(time.Second)
				c := w.one(content)
				if content == "b" {
					w.reroute(c, w.reusing(set, over.ChatID, noon.Add(2*time.Minute)))
					w.Advance(time.Second)
					c = w.one(content)
				}
				w.Advance(time.Second)
				require.Empty(w, w.claim(10), "one after the other, wherever they go")
				require.NoError(w, s.Ack(background, c.Lease))
			}
			require.Empty(w, w.claim(10))

			// A parked delivery holds back none.
			w.deliver(1, "e")
			w.Advance(time.Second)
			require.NoError(w, s.Park(background, w.one("e").Lease, 1, store.ParkedRefused))
			w.commit(withDelivery(w.opening(set, number(3), noon.Add(3*time.Minute)), "f"))
			require.Equal(w, "f", string(w.one("f").Delivery.Content))

			// A chat that our line left holds back none, and none holds it
			// back.
			for i, left := range []int{0, 1} {
				both := []*store.Plan{
					withDelivery(w.opening(people(5+i), number(1), noon), "g"), withDelivery(w.opening(people(5+i), number(2), noon), "h"),
				}
				for _, p := range both {
					p.Revision = w.revision(p.Set)
					w.commit(p)
				}
				w.apply(store.LineLeft{Chat: both[left].ChatID})
				require.Len(w, w.claim(10), 2)
			}

			// A delivery that was leased before is not held back either: it may
			// have been sent.
			older := withDelivery(w.opening(people(7), number(1), noon), "i")
			w.commit(older)
			require.NoError(w, s.Park(background, w.one("i").Lease, 1, store.ParkedRefused))
			w.commit(withDelivery(w.opening(people(7), number(2), noon), "j"))
			w.one("j")
			require.NoError(w, s.Release(background, acme, older.MessageID, false))
			w.one("i")
			w.Advance(lease)
			require.Subset(w, keysOf(w.claimed()), []string{"i", "j"})
		},
	},
	{
		Name:  "reroute/conflicts change nothing",
		IDs:   []string{"reroute.conflict"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			w.deliver(1, "a")
			c := w.one("a")
			w.open(people(2), number(2), noon)
			taken := w.withKey(w.opening(people(3), number(3), noon), "key")
			w.commit(taken)
			for kind, spoil := range map[store.ConflictKind]func(*store.Plan){
				store.RevisionMoved: func(p *store.Plan) { p.Revision += 1000 },
				store.LineFull:      func(p *store.Plan) { p.NewChatLimit = 1 },
				store.KeyTaken:      func(p *store.Plan) { p.Key = "key" },
			} {
				p := w.rerouted(c, w.failing(set, c.Delivery.ChatID, number(2), noon))
				spoil(p)
				w.unchanged(func() {
					var conflict *store.Conflict
					require.ErrorAs(w, s.Reroute(background, c.Lease, p), &conflict)
					require.Equal(w, kind, conflict.Kind)
				})
			}
			known := w.rerouted(c, w.opening(set, number(2), noon))
			known.ChatID = c.Delivery.ChatID
			w.unchanged(func() { require.ErrorIs(w, s.Reroute(background, c.Lease, known), store.ErrInvalid) })
			require.NoError(w, s.Renew(background, c.Lease, lease), "it is leased as before")
			require.NoError(w, s.Nack(background, c.Lease, 3, 0))
			require.Equal(w, 4, w.one("a").Attempts)
		},
	},
	{
		Name:  "reroute/under a lease only",
		IDs:   []string{"reroute.lease"},
		Needs: []Power{Outbox, Forgetter},
		check: func(w *world) {
			s, set := w.Store.(store.Outbox), people(1)
			w.deliver(1, "a")
			w.deliver(2, "b")
			leases := map[string]store.Claimed{}
			for _, c := range w.claim(10) {
				leases[string(c.Delivery.Content)] = c
			}
			c := leases["a"]
			p := w.rerouted(c, w.failing(set, c.Delivery.ChatID, number(2), noon))
			for _, spoil := range []func(*store.LeaseID, *store.Plan){
				func(l *store.LeaseID, _ *store.Plan) { l.MessageID = w.id() },
				func(l *store.LeaseID, _ *store.Plan) { l.Tenant = "another tenant" },
				func(_ *store.LeaseID, p *store.Plan) { p.Content = nil },
				func(_ *store.LeaseID, p *store.Plan) { p.Terms, p.Content = []byte("x"), nil },
			} {
				l, bad := c.Lease, *p
				spoil(&l, &bad)
				w.unchanged(func() { require.ErrorIs(w, s.Reroute(background, l, &bad), store.ErrInvalid) })
			}
			token := c.Lease
			token.Token = w.id()
			w.unchanged(func() { require.ErrorIs(w, s.Reroute(background, token, p), store.ErrLeaseLost) })

			gone := leases["b"]
			other := w.rerouted(gone, w.failing(people(2), gone.Delivery.ChatID, number(2), noon))
			w.forget(members(2)[0], 1)
			other.Revision = w.revision(people(2))
			other.Reason = store.NewBestNumber
			other.PreviousChatID = uuid.Nil
			require.ErrorIs(w, s.Reroute(background, gone.Lease, other), store.ErrLeaseLost)
			require.Nil(w, w.record(gone.Lease.MessageID))
			w.reroute(c, w.failing(set, c.Delivery.ChatID, number(2), noon))
			require.ErrorIs(w, s.Reroute(background, c.Lease, p), store.ErrLeaseLost, "the lease has ended")
		},
	},
}

// members returns the handle of a person as a list.
func members(n int) []recipients.Handle {
	var all []recipients.Handle
	for _, h := range people(n).All() {
		all = append(all, h)
	}
	return all
}
