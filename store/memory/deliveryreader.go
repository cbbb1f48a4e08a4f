package memory

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
	defer s.mu.Unlock()
	d := s.tenant(tenant).deliveries[messageID]
	if d == nil || s.doomed[d] {
		return store.CopiedDelivery{}, fmt.Errorf("memory: delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	return *d.copied(), nil
}
