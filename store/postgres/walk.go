package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
)

// Tenants implements store.ChatWalker.
func (s *Store) Tenants(ctx context.Context, after string, limit int) (tenants []string, err error) {
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	err = s.rows(ctx, s.sql.tenants, []any{[]byte(after), limit}, func(rows pgx.Rows) error {
		var name []byte
		err := rows.Scan(&name)
		tenants = append(tenants, string(name))
		return err
	})
	return tenants, err
}

// ChatsOfTenant implements store.ChatWalker.
func (s *Store) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	return s.page(ctx, limit, s.sql.chatsOfTenant, tenant, []byte(tenant), id(after), limit+1)
}

// ChatsByID implements store.ChatWalker.
func (s *Store) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, err
	}
	ids, err := store.DistinctIDs(ids)
	if err != nil {
		return nil, err
	}
	wanted := make([]pgtype.UUID, len(ids))
	for i := range ids {
		wanted[i] = id(ids[i])
	}
	rows, err := s.chatRows(ctx, s.sql.chatsByID, []byte(tenant), wanted)
	return s.readable(tenant, rows), err
}
