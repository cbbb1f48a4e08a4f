package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// How much is removed in one transaction at most.
const (
	purgeBatch  = 5000 // records, 20 to 50 milliseconds
	forgetBatch = 100  // chats
)

// Purge implements store.Purger. It removes in transactions of some thousand
// records, and leaves to others what they are removing already.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	if limit < 0 {
		_, err := store.PageSize(limit)
		return 0, err
	}
	if limit == 0 {
		limit = store.MaxPage
	}
	for removed < limit {
		asked := min(limit-removed, purgeBatch)
		var n int
		if err := s.call(ctx, s.sql.purge, []any{micros(before), asked}, &n); err != nil {
			return removed, err
		}
		removed += n
		if n < asked {
			break
		}
	}
	return removed, s.endOldLists(ctx)
}

// Forget implements store.Forgetter. It goes through the chats of a person in
// transactions of some hundred; when it fails in between, calling it again goes
// on.
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
