package sharded_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sharded"
)

// A shard that is down fails only its own tenants, is named, and works again
// when it answers.
func TestDown(t *testing.T) {
	all := newEngines()
	set := person(t, 1)
	first := all.process(t)
	lives := make(map[string][]string) // tenants by shard
	for i := range 20 {
		tenant := fmt.Sprintf("tenant %d", i)
		acked, err := send(t.Context(), first, tenant, set, "k")
		require.NoError(t, err)
		require.True(t, acked)
		home := all.where(t, tenant)
		require.Len(t, home, 1)
		lives[home[0]] = append(lives[home[0]], tenant)
	}
	require.Len(t, lives, 3, "twenty tenants spread over three shards")

	setDown := all.setDown
	setDown("two", true)
	s := all.process(t) // it begins while the shard is down
	for name, tenants := range lives {
		for _, tenant := range tenants {
			_, err := send(t.Context(), s, tenant, set, "later")
			if name != "two" {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, errDown)
			require.ErrorIs(t, err, store.ErrNotWritten)
			require.ErrorContains(t, err, "two")
		}
	}
	for _, p := range s.Parts(t.Context()) {
		require.Equal(t, p.Name == "two", p.Err != nil, p.Name)
	}
	claimed, err := s.Claim(t.Context(), time.Minute, 100)
	require.NoError(t, err)
	require.NotEmpty(t, claimed)
	uses, last, err := s.LineUse(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Len(t, uses, len(lives["one"])+len(lives["three"]))
	_, err = s.Count(t.Context(), "")
	require.ErrorIs(t, err, errDown, "a count of a part would be taken for the whole")

	setDown("two", false)
	require.Eventually(t, func() bool {
		acked, _ := send(t.Context(), s, lives["two"][0], set, "later")
		return acked
	}, time.Minute, 10*time.Millisecond)
	more, _, err := s.LineUse(t.Context(), last, 0)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(more), len(lives["two"]), "what changed meanwhile is told")
}

// Claims take from all shards: no shard waits until the others are empty.
func TestClaimsAreShared(t *testing.T) {
	all := newEngines()
	s := all.process(t)
	for i := range 12 {
		for k := range 10 {
			_, err := send(t.Context(), s, fmt.Sprintf("tenant %d", i), person(t, k), fmt.Sprint(k))
			require.NoError(t, err)
		}
	}
	from := make(map[string]int)
	for range 3 {
		claimed, err := s.Claim(t.Context(), time.Minute, 6)
		require.NoError(t, err)
		require.Len(t, claimed, 6)
		for _, c := range claimed {
			from[all.where(t, c.Lease.Tenant)[0]]++
		}
	}
	require.Equal(t, map[string]int{"one": 6, "two": 6, "three": 6}, from)
}

func TestNew(t *testing.T) {
	for _, bad := range []struct {
		shards []sharded.Shard
		o      sharded.Options
	}{
		{nil, sharded.Options{}},
		{[]sharded.Shard{{Name: ""}}, sharded.Options{}},
		{[]sharded.Shard{{Name: "a"}, {Name: "a"}}, sharded.Options{}},
		{[]sharded.Shard{{Name: "a"}}, sharded.Options{Directory: "b"}},
	} {
		_, err := sharded.New(bad.shards, bad.o)
		require.ErrorIs(t, err, store.ErrInvalid)
	}
	s, err := sharded.New([]sharded.Shard{{Name: "a"}}, sharded.Options{})
	require.NoError(t, err)
	_, err = s.Move(t.Context(), "acme", "a", sharded.MoveOptions{})
	require.ErrorIs(t, err, store.ErrInvalid, "without a directory")
}

func (all engines) setDown(name string, down bool) {
	all[name].mu.Lock()
	defer all[name].mu.Unlock()
	all[name].down = down
}

// LineStates fails while the engine is down, also for a process that has it
// open.
func (e *engine) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	e.mu.Lock()
	down := e.down
	e.mu.Unlock()
	if down {
		return nil, 0, errDown
	}
	return e.Store.LineStates(ctx, after, limit)
}

// Nothing is committed in a shard that was away on the old states of its lines:
// commits are refused until the states are read.
func TestLinesOfAShardThatWasAway(t *testing.T) {
	all := newEngines()
	s := all.process(t)
	tenant, home := "", ""
	for i := 0; home != "two"; i++ {
		tenant = fmt.Sprintf("tenant %d", i)
		_, err := send(t.Context(), s, tenant, person(t, 1), "k")
		require.NoError(t, err)
		home = all.where(t, tenant)[0]
	}
	look := func() {
		_, _, err := s.LineStates(t.Context(), 0, 0)
		require.NoError(t, err, "one of three is away")
	}
	look()
	_, err := send(t.Context(), s, tenant, person(t, 2), "before")
	require.NoError(t, err)
	all.setDown("two", true)
	look()
	all.setDown("two", false)
	_, err = send(t.Context(), s, tenant, person(t, 2), "back")
	require.ErrorIs(t, err, store.ErrNotWritten)
	require.NotErrorIs(t, err, errDown)
	leased := func(ctx context.Context, p *store.Plan) error {
		_, err := s.CommitLeased(ctx, p, time.Minute)
		return err
	}
	_, err = sendBy(t.Context(), s, tenant, person(t, 2), "back", leased)
	require.ErrorIs(t, err, store.ErrNotWritten)
	look()
	_, err = sendBy(t.Context(), s, tenant, person(t, 2), "leased", leased)
	require.NoError(t, err)
	_, err = send(t.Context(), s, tenant, person(t, 2), "read")
	require.NoError(t, err)
}
