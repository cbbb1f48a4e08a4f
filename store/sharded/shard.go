package sharded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
)

// shard is one store, opened when it is needed.
type shard struct {
	Shard
	now func() time.Time

	behind atomic.Bool // the last look at the states of its lines failed

	mu     sync.Mutex
	store  store.Store
	err    error     // why it could not be opened
	tried  time.Time // when that was
	closed bool
}

// again is how long a shard that could not be opened is not tried.
const again = time.Second

// get returns the store of the shard, opened. Nothing was written where it
// cannot be.
func (sh *shard) get(ctx context.Context) (store.Store, error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	switch {
	case sh.closed:
		return nil, fmt.Errorf("sharded: %w", store.ErrClosed)
	case sh.store != nil:
		return sh.store, nil
	case sh.err != nil && sh.now().Before(sh.tried.Add(again)):
		return nil, sh.err
	}
	opened, err := sh.Open(ctx)
	if err != nil {
		sh.tried = sh.now()
		sh.err = fmt.Errorf("sharded: %w: shard %s cannot be opened: %w", store.ErrNotWritten, sh.Name, err)
		return nil, sh.err
	}
	sh.store, sh.err = opened, nil
	return opened, nil
}

// opened returns the store of the shard if it is open, without waiting.
func (sh *shard) opened() store.Store {
	if !sh.mu.TryLock() {
		return nil
	}
	defer sh.mu.Unlock()
	return sh.store
}

func (sh *shard) close() error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed = true; sh.store == nil {
		return nil
	}
	return sh.named(sh.store.Close())
}

// current returns an error where the states of the shard's lines may have changed
// unseen while it was away: it is back, and the next look at them is to come. What
// was known of them before is not to be acted on. Nothing was written.
func (sh *shard) current() error {
	if sh.behind.Load() {
		return fmt.Errorf("%w: it was away, and the states of its lines are read first", store.ErrNotWritten)
	}
	return nil
}

// named says of which shard an error is. What it wraps, it wraps still.
func (sh *shard) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("shard %s: %w", sh.Name, err)
}

// check asks the shard for anything.
func (sh *shard) check(ctx context.Context) error {
	at, err := sh.get(ctx)
	if err != nil {
		return err
	}
	_, err = at.Decision(ctx, Tenant, anyMessage)
	if errors.Is(err, store.ErrNoRecord) {
		err = nil
	}
	return sh.named(err)
}
