package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/store"
)

// Delivery implements store.DeliveryReader.
func (s *Store) Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (store.CopiedDelivery, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.CopiedDelivery{}, err
	}
	var found *store.CopiedDelivery
	err := s.rows(ctx, s.sql.delivery, []any{[]byte(tenant), id(messageID)}, func(rows pgx.Rows) error {
		item, err := s.scanCopiedDelivery(rows)
		found = item.Delivery
		return err
	})
	switch {
	case err != nil:
		return store.CopiedDelivery{}, err
	case found == nil:
		return store.CopiedDelivery{}, fmt.Errorf("postgres: delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	return *found, nil
}
