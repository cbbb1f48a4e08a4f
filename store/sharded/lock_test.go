package sharded_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sharded"
)

// While a process moves a tenant, no other process can. Other tenants can be
// moved.
func TestMovesExcludeEachOther(t *testing.T) {
	t.Parallel()
	all := newEngines()
	first := all.process(t)
	for _, tenant := range []string{"acme", "other"} {
		acked, err := send(t.Context(), first, tenant, person(t, 1), "k")
		require.NoError(t, err)
		require.True(t, acked)
	}
	to := map[string]string{"one": "two", "two": "three", "three": "one"}
	target, another := to[all.where(t, "acme")[0]], to[all.where(t, "other")[0]]

	for _, step := range []sharded.Step{sharded.Copying, sharded.Finishing, sharded.Sweeping} {
		reached, goOn := make(chan struct{}), make(chan struct{})
		var mover sync.WaitGroup
		var firstErr error
		stay := sync.OnceFunc(func() {
			close(reached)
			<-goOn
		})
		mover.Go(func() {
			firstErr = moved(t, all.process(t), "acme", target, func(at sharded.Step) error {
				if at == step {
					stay()
				}
				return nil
			})
		})
		<-reached
		_, err := all.process(t).Move(t.Context(), "acme", target, sharded.MoveOptions{})
		require.ErrorIs(t, err, sharded.ErrMoveUnderWay, "while the first is at %v", step)
		require.NoError(t, moved(t, all.process(t), "other", another, nil))
		close(goOn)
		mover.Wait()
		require.NoError(t, firstErr)
		require.Equal(t, []string{target}, all.where(t, "acme"))
		target, another = to[target], to[another]
	}
}

// A lock whose holder was killed is taken over when it has run out.
func TestLockRunsOut(t *testing.T) {
	t.Parallel()
	all := newEngines()
	acked, err := send(t.Context(), all.process(t), "acme", person(t, 1), "k")
	require.NoError(t, err)
	require.True(t, acked)
	home := all.where(t, "acme")[0]
	target := map[string]string{"one": "two", "two": "three", "three": "one"}[home]

	killed := errors.New("killed")
	dead := all.process(t)
	err = moved(t, dead, "acme", target, func(at sharded.Step) error {
		if at == sharded.Switching {
			require.NoError(t, dead.Close()) // so that it does not release the lock
			return killed
		}
		return nil
	})
	require.ErrorIs(t, err, killed)
	began := time.Now()
	require.NoError(t, moved(t, all.process(t), "acme", target, nil))
	require.Greater(t, time.Since(began), 2*time.Second, "it waits for as long as a lock lasts")
	require.Equal(t, []string{target}, all.where(t, "acme"))
}
