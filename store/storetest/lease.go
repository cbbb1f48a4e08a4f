package storetest

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var leaseClauses = []Clause{
	{
		Name:  "lease/runs out by the store's clock",
		IDs:   []string{"lease.clock", "lease.token", "claim.attempts", "claim.unsettled"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			w.deliver(1, "b")
			first := w.claim(10)[0]
			w.Advance(lease / 2) // the store's clock may be that of the system, which goes on
			require.Empty(w, w.claim(10))
			w.Advance(lease / 2) // the very end of the lease
			require.ErrorIs(w, s.Ack(background, first.Lease), store.ErrLeaseLost)
			require.ErrorIs(w, s.Renew(background, first.Lease, lease), store.ErrLeaseLost)
			require.ErrorIs(w, s.Park(background, first.Lease, 1, store.ParkedAttempts), store.ErrLeaseLost)

			got := w.claim(10)
			require.Len(w, got, 1)
			second := got[0]
			require.Equal(w, first.Delivery, second.Delivery)
			require.Equal(w, 1, second.Attempts, "a claim is no attempt")
			require.False(w, first.Unsettled)
			require.True(w, second.Unsettled)
			require.NotEqual(w, first.Lease.Token, second.Lease.Token)
			for _, err := range []error{
				s.Ack(background, first.Lease), s.Renew(background, first.Lease, time.Hour),
				s.Park(background, first.Lease, 1, store.ParkedAttempts), s.Nack(background, first.Lease, 1, 0), s.Try(background, first.Lease, 7),
			} {
				require.ErrorIs(w, err, store.ErrLeaseLost)
				require.ErrorIs(w, err, store.ErrNotWritten)
			}
			require.Empty(w, w.claim(10))
			require.NoError(w, s.Ack(background, second.Lease))
			require.Equal(w, "b", string(w.claim(10)[0].Delivery.Content))
		},
	},
	{
		Name:  "lease/renewed from now",
		IDs:   []string{"lease.renew"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			l := w.claim(10)[0].Lease
			for range 5 {
				w.Advance(lease / 2)
				require.NoError(w, s.Renew(background, l, lease))
				require.Empty(w, w.claim(10))
			}
			w.Advance(lease)
			require.ErrorIs(w, s.Renew(background, l, lease), store.ErrLeaseLost)
			got := w.claim(10)
			require.Len(w, got, 1)
			require.Equal(w, 1, got[0].Attempts)
			require.NoError(w, s.Renew(background, got[0].Lease, time.Second))
			w.Advance(2 * time.Second)
			require.Len(w, w.claim(10), 1)
		},
	},
	{
		Name:  "lease/a claim is no attempt, and a try that was told is one",
		IDs:   []string{"claim.attempts", "claim.unsettled", "try.attempts"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			next := func(attempts int, unsettled bool) store.Claimed {
				w.Helper()
				got := w.claim(10)
				require.Len(w, got, 1)
				require.Equal(w, attempts, got[0].Attempts)
				require.Equal(w, unsettled, got[0].Unsettled)
				return got[0]
			}
			runOut := func() { w.Advance(lease + time.Second) }
			w.deliver(1, "a")
			for i := range 20 { // the answers of these claims are lost
				next(1, i > 0)
				runOut()
			}
			for i := range 3 { // these sends kill their process
				c := next(i+1, true)
				require.NoError(w, s.Try(background, c.Lease, c.Attempts))
				require.NoError(w, s.Try(background, c.Lease, c.Attempts), "told twice is one attempt")
				runOut()
			}
			require.NoError(w, s.Nack(background, next(4, true).Lease, 3, 0), "given back untried")
			c := next(4, false)
			require.ErrorIs(w, s.Try(background, c.Lease, -1), store.ErrInvalid)
			require.ErrorIs(w, s.Nack(background, c.Lease, -1, 0), store.ErrInvalid)
			require.NoError(w, s.Park(background, c.Lease, 4, store.ParkedAttempts))
			require.Equal(w, 4, w.parked(1)[0].Attempts)
			require.NoError(w, s.Release(background, acme, c.Lease.MessageID, false))
			c = next(1, false)
			require.NoError(w, s.Park(background, c.Lease, 1, store.ParkedAttempts))
			w.deliver(1, "b")
			next(1, false)
			runOut()
			require.NoError(w, s.Release(background, acme, c.Lease.MessageID, false))
			require.NoError(w, s.Ack(background, next(1, false).Lease))
			c = next(1, false)
			w.deliver(1, "c")
			require.NoError(w, s.Park(background, c.Lease, 1, store.ParkedAttempts))
			next(1, false) // c, which stays leased when b goes before it
			require.NoError(w, s.Release(background, acme, c.Lease.MessageID, false))
			runOut()
			require.Equal(w, c.Lease.MessageID, next(1, false).Lease.MessageID)
		},
	},
	{
		Name:  "lease/made up",
		IDs:   []string{"lease.lost"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			real := w.claim(1)[0].Lease
			other, none := real, real
			other.Token, none.Token = w.id(), uuid.Nil
			elsewhere, nothing := real, real
			elsewhere.Tenant, nothing.MessageID = "another tenant", w.id()
			try := func(l store.LeaseID) {
				for _, err := range []error{
					s.Ack(background, l), s.Renew(background, l, lease),
					s.Nack(background, l, 1, 0), s.Park(background, l, 1, store.ParkedAttempts), s.Try(background, l, 1),
				} {
					require.ErrorIs(w, err, store.ErrLeaseLost)
				}
			}
			for _, l := range []store.LeaseID{other, none, elsewhere, nothing} {
				try(l)
			}
			require.Empty(w, w.claim(1))
			require.NoError(w, s.Nack(background, real, 1, 0))
			try(none)
			try(real)
			require.NoError(w, s.Ack(background, w.claim(1)[0].Lease))
		},
	},
}

var parkClauses = []Clause{
	{
		Name:  "retry/holds back the later ones",
		IDs:   []string{"nack.wait", "claim.order"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			w.deliver(1, "b")
			w.deliver(2, "c")
			require.NoError(w, s.Nack(background, w.claimed()["a"], 1, time.Hour))
			require.Empty(w, w.claim(10))
			w.Advance(time.Hour - lease/2)
			got := w.claimed() // c's lease has run out
			require.Equal(w, []string{"c"}, keysOf(got))
			w.Advance(lease/2 + time.Second) // its present lease has not
			again := w.claim(10)
			require.Len(w, again, 1)
			require.Equal(w, "a", string(again[0].Delivery.Content))
			require.Equal(w, 2, again[0].Attempts)
			require.False(w, again[0].Unsettled)
			require.NoError(w, s.Nack(background, again[0].Lease, again[0].Attempts, 0))
			again = w.claim(10)
			require.Equal(w, "a", string(again[0].Delivery.Content))
			require.Equal(w, 3, again[0].Attempts)
			require.NoError(w, s.Ack(background, again[0].Lease))
			require.Contains(w, keysOf(w.claimed()), "b")
		},
	},
	{
		Name:  "park/lets the later ones pass",
		IDs:   []string{"park.pass", "park.pages"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			const n = 7
			var mails []uuid.UUID
			for i := range n {
				w.deliver(1, fmt.Sprint(i))
			}
			for i := range n {
				got := w.claim(10)
				require.Len(w, got, 1)
				require.Equal(w, fmt.Sprint(i), string(got[0].Delivery.Content))
				require.NoError(w, s.Park(background, got[0].Lease, 1, store.ParkedAttempts))
				mails = append(mails, got[0].Lease.MessageID)
			}
			require.Empty(w, w.claim(10))
			for _, limit := range []int{1, 2, 3, n, n + 1, 0} {
				parked := w.parked(limit)
				require.Len(w, parked, n)
				for i, p := range parked {
					require.Equal(w, mails[i], p.Delivery.MessageID)
					require.Equal(w, fmt.Sprint(i), string(p.Delivery.Content))
					require.Equal(w, 1, p.Attempts)
					require.Equal(w, noon, p.At)
				}
			}
			w.tenant = "another tenant"
			require.Empty(w, w.parked(3))
		},
	},
	{
		Name:  "park/released into its old place",
		IDs:   []string{"park.release"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			for _, content := range []string{"a", "b", "c"} {
				w.deliver(1, content)
			}
			a := w.claim(10)[0]
			require.ErrorIs(w, s.Release(background, acme, a.Lease.MessageID, false), store.ErrNoRecord)
			require.NoError(w, s.Park(background, a.Lease, 1, store.ParkedAttempts))
			b := w.claim(10)[0]
			require.Equal(w, "b", string(b.Delivery.Content))

			require.ErrorIs(w, s.Release(background, "another tenant", a.Lease.MessageID, false), store.ErrNoRecord)
			require.ErrorIs(w, s.Release(background, acme, w.id(), false), store.ErrNoRecord)
			require.NoError(w, s.Release(background, acme, a.Lease.MessageID, false))
			require.ErrorIs(w, s.Release(background, acme, a.Lease.MessageID, false), store.ErrNoRecord)
			require.Empty(w, w.parked(10))
			require.Empty(w, w.claim(10), "a released delivery overtook one of its chat that is leased")

			require.NoError(w, s.Nack(background, b.Lease, 1, 0))
			again := w.claim(10)
			require.Len(w, again, 1)
			require.Equal(w, "a", string(again[0].Delivery.Content))
			require.Equal(w, 1, again[0].Attempts)
			for _, content := range []string{"b", "c"} {
				require.NoError(w, s.Ack(background, again[0].Lease))
				again = w.claim(10)
				require.Equal(w, content, string(again[0].Delivery.Content))
			}

			// It does not wait for the retry of a later one, which goes on
			// waiting.
			require.NoError(w, s.Park(background, again[0].Lease, 1, store.ParkedAttempts))
			w.deliver(1, "d")
			require.NoError(w, s.Nack(background, w.claimed()["d"], 1, time.Hour))
			require.NoError(w, s.Release(background, acme, again[0].Lease.MessageID, false))
			got := w.claimed()
			require.Equal(w, []string{"c"}, keysOf(got))
			require.NoError(w, s.Ack(background, got["c"]))
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "park/attempts add up",
		IDs:   []string{"claim.attempts"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			w.deliver(1, "a")
			for i := range 5 {
				got := w.claim(1)
				require.Equal(w, i+1, got[0].Attempts)
				require.False(w, got[0].Unsettled)
				if i == 4 {
					require.NoError(w, s.Park(background, got[0].Lease, got[0].Attempts, store.ParkedAttempts))
				} else {
					require.NoError(w, s.Nack(background, got[0].Lease, got[0].Attempts, 0))
				}
			}
			require.Equal(w, 5, w.parked(1)[0].Attempts)
		},
	},
}
