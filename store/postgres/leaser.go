package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
)

// CommitLeased implements store.Leaser. It takes as many round trips as Commit.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	if err := store.CheckLease(lease); err != nil {
		return store.LeaseID{}, err
	}
	token := uuid.New()
	leased, err := s.commit(ctx, p, token, lease)
	if err != nil || !leased {
		return store.LeaseID{}, err
	}
	return store.LeaseID{Tenant: p.Tenant, MessageID: p.MessageID, Token: token}, nil
}

// AckAll implements store.Leaser. It is one round trip, and one more for each
// delivery whose lease is lost, or which another transaction has locked.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := store.CheckLeases(ids); err != nil {
		return nil, err
	}
	tenants, messages, tokens := make([][]byte, len(ids)), make([]pgtype.UUID, len(ids)), make([]pgtype.UUID, len(ids))
	for i, l := range ids {
		tenants[i], messages[i], tokens[i] = []byte(l.Tenant), id(l.MessageID), id(l.Token)
	}
	var done []pgtype.UUID
	if err := s.call(ctx, s.sql.ackAll, []any{tenants, messages, tokens}, &done); err != nil {
		return nil, err
	}
	if len(done) == len(ids) {
		return nil, nil
	}
	for i, l := range ids {
		if slices.Contains(done, tokens[i]) {
			continue
		}
		if err := s.Ack(ctx, l); errors.Is(err, store.ErrLeaseLost) {
			lost = append(lost, l)
		} else if err != nil {
			return nil, err
		}
	}
	return lost, nil
}
