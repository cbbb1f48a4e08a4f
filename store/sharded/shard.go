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

// again is how long a shard that could not be opened waits for the next try.
const again = time.Second

// get returns the store of the shard, and opens it if it is not open. An error
// wraps store.ErrNotWritten.
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

// current returns an error while this process has not read the states of the
// shard's lines since the shard was away: they may have changed, and a decision
// must not rest on the old ones. The error wraps store.ErrNotWritten.
func (sh *shard) current() error {
	if sh.behind.Load() {
		return fmt.Errorf("%w: it was away, so this process must read the states of its lines first", store.ErrNotWritten)
	}
	return nil
}

// named adds the name of the shard to an error, and wraps it.
func (sh *shard) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("shard %s: %w", sh.Name, err)
}

// check makes a small call, to see whether the shard answers.
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
