package sqlite

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Tenants implements store.ChatWalker.
func (s *Store) Tenants(ctx context.Context, after string, limit int) ([]string, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	return readAll(ctx, s, "tenants", []any{[]byte(after), limit}, func(rows *sql.Rows) (string, error) {
		var name []byte
		err := rows.Scan(&name)
		return string(name), err
	})
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
	return s.page(ctx, limit, "chats of tenant", tenant, []byte(tenant), after[:], limit+1)
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
	joined := make([]byte, 0, len(ids)*len(uuid.UUID{}))
	for _, id := range ids {
		joined = append(joined, id[:]...)
	}
	rows, err := readAll(ctx, s, "chats by id", []any{[]byte(tenant), joined}, scanChat)
	return s.readable(tenant, rows), err
}
