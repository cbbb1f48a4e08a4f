package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// The largest number of rows in one transaction of a removal.
const (
	purgeBatch  = 5000 // records: 20 to 50 milliseconds
	forgetBatch = 100  // chats
)

// Purge implements store.Purger. It removes up to 5,000 records in a
// transaction, and passes over records that others are removing.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	if limit < 0 {
		_, err := store.PageSize(limit)
		return 0, err
	}
	if limit == 0 {
		limit = store.MaxPage
	}
	for n := 1; n != 0; removed += n {
		if err := s.call(ctx, s.sql.purge, []any{micros(before), min(limit-removed, purgeBatch)}, &n); err != nil {
			return removed, err
		}
	}
	return removed, s.endOldLists(ctx)
}

// Forget implements store.Forgetter. It removes up to 100 chats in a
// transaction. If it fails, call it again: it continues.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return 0, err
	}
	if err := store.CheckHandle(h); err != nil {
		return 0, err
	}
	name, err := people.Name(h)
	if err != nil {
		return 0, err
	}
	for {
		var n int
		if err := s.call(ctx, s.sql.forget, []any{[]byte(tenant), keyBytes(name), forgetBatch}, &n); err != nil {
			return chats, err
		}
		if n == 0 {
			return chats, errors.Join(s.forgetNotes(ctx, tenant, name), s.forgetConsent(ctx, tenant, name))
		}
		chats += n
	}
}
