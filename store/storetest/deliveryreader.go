package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var deliveryReaderClauses = []Clause{
	{
		Name:  "deliveries/by message id",
		IDs:   []string{"delivery.one", "delivery.gone"},
		Needs: []Power{DeliveryReader, Outbox},
		check: func(w *world) {
			s, out := w.Store.(store.DeliveryReader), w.Store.(store.Outbox)
			p := withDelivery(w.opening(people(1), number(1), noon), "content")
			silent := w.opening(people(2), number(1), noon)
			w.commit(p)
			w.commit(silent)
			want, _ := p.Delivery()
			is := func(attempts int, parked bool) {
				d, err := s.Delivery(background, acme, p.MessageID)
				require.NoError(w, err)
				require.Equal(w, want.Content, d.Content)
				require.Equal(w, want.ChatID, d.ChatID)
				require.Equal(w, want.From, d.From)
				require.Equal(w, want.To.Key(), d.To.Key())
				require.Equal(w, want.Reason, d.Reason)
				require.True(w, d.At.Equal(p.At))
				require.Equal(w, attempts, d.Attempts)
				require.Equal(w, parked, d.Parked)
			}
			gone := func(tenant string, of *store.Plan) {
				_, err := s.Delivery(background, tenant, of.MessageID)
				require.ErrorIs(w, err, store.ErrNoRecord)
			}
			is(0, false)
			gone("another tenant", p)
			gone(acme, silent)

			claim := func() store.LeaseID {
				claimed, err := out.Claim(background, time.Hour, 1)
				require.NoError(w, err)
				require.Len(w, claimed, 1)
				return claimed[0].Lease
			}
			lease := claim()
			is(0, false) // leased
			require.NoError(w, out.Nack(background, lease, 1, 0))
			is(1, false)
			require.NoError(w, out.Park(background, claim(), 2, store.ParkedAttempts))
			is(2, true)
			require.NoError(w, out.Release(background, acme, p.MessageID, false))
			require.NoError(w, out.Ack(background, claim()))
			gone(acme, p)
		},
	},
}
