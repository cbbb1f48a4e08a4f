package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// CommitLeased implements store.Leaser.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	if err := store.CheckLease(lease); err != nil {
		return id, err
	}
	token := uuid.New()
	leased, err := s.commit(ctx, p, token, lease)
	if err != nil || !leased {
		return id, err
	}
	return store.LeaseID{Tenant: p.Tenant, MessageID: p.MessageID, Token: token}, nil
}

// leaseNew leases a delivery that the transaction has just added, unless
// another delivery goes first. It reports whether it did.
func (t *tx) leaseNew(tenant int64, c *commit, seq int64) (leased bool, err error) {
	held := false
	if _, err := t.row("held", []any{tenant, c.ChatID[:], seq}, &held); err != nil || held {
		return false, err
	}
	added, err := t.exec("enqueue leased", tenant, c.ChatID[:], c.until, c.token[:], seq)
	return added > 0, err
}

// AckAll implements store.Leaser. It is one transaction.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := store.CheckLeases(ids); err != nil {
		return nil, err
	}
	now := micros(s.now())
	var gone []store.LeaseID
	err = s.write(ctx, func(t *tx) error {
		gone = nil
		for _, id := range ids {
			switch err := t.settle(id, now, ack); {
			case errors.Is(err, store.ErrLeaseLost):
				gone = append(gone, id)
			case err != nil:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// ack removes a delivery that was handed over.
func ack(t *tx, l *leased) error { return l.end(t, "remove delivery") }

// settle calls a function with a delivery that is leased under the given lease.
func (t *tx) settle(lease store.LeaseID, now int64, do func(*tx, *leased) error) error {
	l := leased{now: now}
	args := []any{[]byte(lease.Tenant), lease.MessageID[:], lease.Token[:], now}
	held, err := t.row("leased", args, &l.seq, &l.tenant, &l.chat, &l.forgotten)
	if err != nil {
		return err
	}
	if !held {
		return fmt.Errorf("sqlite: %w", store.ErrLeaseLost)
	}
	return do(t, &l)
}
