package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Delivery implements store.DeliveryReader.
func (s *Store) Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (store.CopiedDelivery, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.CopiedDelivery{}, err
	}
	items, err := readAll(ctx, s, "delivery", []any{[]byte(tenant), messageID[:]}, func(rows *sql.Rows) (store.Item, error) {
		return s.scanCopiedDelivery(rows)
	})
	switch {
	case err != nil:
		return store.CopiedDelivery{}, err
	case len(items) == 0:
		return store.CopiedDelivery{}, fmt.Errorf("sqlite: delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	return *items[0].Delivery, nil
}
