package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
)

// Parked implements store.Outbox.
func (s *Store) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	args := []any{[]byte(tenant), after[:], limit + 1}
	parked, err := readAll(ctx, s, "parked", args, func(rows *sql.Rows) (p store.ParkedDelivery, err error) {
		var r deliveryRow
		var why aside.Fact
		if err := rows.Scan(&r.messageID, &r.chatID, &r.decidedAt, &r.attempts, &why, &r.body); err != nil {
			return p, err
		}
		d, bad := r.delivery()
		if bad != nil {
			_ = s.aside.Add(store.UnreadableDelivery, tenant, d.MessageID.String(), bad)
			d = store.Delivery{MessageID: d.MessageID, ChatID: d.ChatID}
		}
		return store.ParkedDelivery{Delivery: d, Attempts: r.attempts, Why: store.ParkReason(why.Byte()), At: fromMicros(r.decidedAt)}, nil
	})
	if err != nil || len(parked) <= limit {
		return parked, uuid.Nil, err
	}
	parked = parked[:limit]
	return parked, parked[limit-1].Delivery.MessageID, nil
}

// Release implements store.Outbox. It does not end the lease of another
// delivery of the chat.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	now := micros(s.now())
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, seq, tenantID int64, chat []byte) error {
		if _, err := t.exec("release", seq, now, leave); err != nil {
			return err
		}
		return t.join(tenantID, chat, now)
	})
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, seq, _ int64, _ []byte) error {
		_, err := t.exec("remove delivery", seq)
		return err
	})
}

func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(t *tx, seq, tenantID int64, chat []byte) error) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		var seq, tenantID int64
		var chat []byte
		found, err := t.row("parked one", []any{[]byte(tenant), messageID[:]}, &seq, &tenantID, &chat)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("sqlite: no parked delivery: %w", store.ErrNoRecord)
		}
		return do(t, seq, tenantID, chat)
	})
}
