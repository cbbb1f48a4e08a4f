package etcd

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Delivery implements store.DeliveryReader.
func (s *Store) Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (store.CopiedDelivery, error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return store.CopiedDelivery{}, err
	}
	var found *store.CopiedDelivery
	err := s.change(ctx, false, func(t *tx) error {
		found = nil
		d, err := content(messageID, t.get(s.keyOf(kindContent, tenant, messageID)))
		t.damage(store.UnreadableDelivery, tenant, messageID.String(), err)
		q, _ := t.queue(tenant, d.ChatID)
		if e := q.find(messageID); e != nil && !e.doomed {
			found = e.copied(d)
		}
		return nil
	})
	if err == nil && found == nil {
		err = fmt.Errorf("etcd: delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	if err != nil {
		return store.CopiedDelivery{}, err
	}
	return *found, nil
}

// copied returns a delivery with the state of its entry.
func (e *entry) copied(d store.Delivery) *store.CopiedDelivery {
	return &store.CopiedDelivery{Delivery: d, At: e.at, Attempts: e.attempts, Parked: e.parked, Why: e.why, Leave: e.leave, Due: e.due}
}
