package sharded

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
)

func (s *Store) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("sharded: %w: %w", store.ErrNotWritten, ctx.Err())
	case <-time.After(d):
		return nil
	}
}

// waited returns the progress of a wait that began at since and lasts for of.
func waited(since time.Time, of time.Duration) move.Progress {
	return move.Progress{Step: move.Waiting, Done: int(min(time.Since(since), of).Milliseconds()), Total: int(of.Milliseconds())}
}
