package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
)

// ListChanges waits at most writersWait for the transactions that began before
// the list, and looks at them every writersLook.
const (
	writersWait = time.Minute
	writersLook = 20 * time.Millisecond
)

// ListChanges implements store.ChangeLister. Triggers write the list. It waits,
// at most a minute, for all transactions of the server that had written
// something when the list began: their changes may not be listed, but an Export
// sees them once they have ended.
func (s *Store) ListChanges(ctx context.Context, tenant string, list uuid.UUID) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.endList(ctx, tenant); err != nil || list == uuid.Nil {
		return err
	}
	if err := s.call(ctx, s.sql.beginList, []any{[]byte(tenant), id(list)}, new(any)); err != nil {
		return err
	}
	var oldest, next int64
	if err := s.call(ctx, s.sql.writers, nil, &oldest, &next); err != nil {
		return err
	}
	for last, until := next, time.Now().Add(writersWait); oldest < last; {
		if time.Now().After(until) {
			return fmt.Errorf("postgres: %w: a transaction that writes has been open for a minute: end it, or wait for its end", store.ErrNotWritten)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, ctx.Err())
		case <-time.After(writersLook):
		}
		if err := s.call(ctx, s.sql.writers, nil, &oldest, &next); err != nil {
			return err
		}
	}
	return nil
}

// endList ends the list of changes of a tenant, if there is one, and removes
// its changes.
func (s *Store) endList(ctx context.Context, tenant string) error {
	for n := 1; n != 0; {
		if err := s.call(ctx, s.sql.endList, []any{[]byte(tenant), purgeBatch}, &n); err != nil {
			return err
		}
	}
	return nil
}

// Changes implements store.ChangeLister.
func (s *Store) Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]store.Change, error) {
	limit, err := store.PageSize(limit)
	if err := cmp.Or(store.CheckTenant(tenant), err); err != nil {
		return nil, err
	}
	number, err := s.useList(ctx, tenant, list)
	if err != nil {
		return nil, err
	}
	var changes []store.Change
	err = s.rows(ctx, s.sql.changes, []any{number, limit}, func(rows pgx.Rows) error {
		var c store.Change
		var name []byte
		err := rows.Scan(&c.Number, &c.Thing.Kind, &name)
		c.Thing.ID = string(name)
		changes = append(changes, c)
		return err
	})
	return changes, err
}

// DropChanges implements store.ChangeLister.
func (s *Store) DropChanges(ctx context.Context, tenant string, list uuid.UUID, changes []store.Change) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	number, err := s.useList(ctx, tenant, list)
	if err != nil {
		return err
	}
	numbers := make([]int64, len(changes))
	for i, c := range changes {
		numbers[i] = c.Number
	}
	return s.rows(ctx, s.sql.dropChanges, []any{number, numbers}, func(pgx.Rows) error { return nil })
}

// useList returns the number of a tenant that has the list of changes, and an
// error wrapping store.ErrNoList if it has not.
func (s *Store) useList(ctx context.Context, tenant string, list uuid.UUID) (int64, error) {
	var number pgtype.Int8
	if err := s.call(ctx, s.sql.useList, []any{[]byte(tenant), id(list)}, &number); err != nil {
		return 0, err
	}
	if !number.Valid {
		return 0, fmt.Errorf("postgres: %w", store.ErrNoList)
	}
	return number.Int64, nil
}

// endOldLists ends the lists of changes that no process reads any more.
func (s *Store) endOldLists(ctx context.Context) error {
	for {
		var tenant []byte
		if err := s.call(ctx, s.sql.oldLists, []any{store.ListLife.Microseconds()}, &tenant); err != nil || len(tenant) == 0 {
			return err
		}
		if err := s.endList(ctx, string(tenant)); err != nil {
			return err
		}
	}
}
