package sharded_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/sharded"
)

// slowlyRemoved is a store whose RemoveTenant removes some things of one
// tenant, and the others after goOn is closed.
type slowlyRemoved struct {
	store.Store
	tenant string
	half   []store.Thing
	goOn   chan struct{}
}

func (s *slowlyRemoved) RemoveTenant(ctx context.Context, tenant string) error {
	if tenant == s.tenant && s.half != nil {
		if err := s.Store.RemoveThings(ctx, tenant, s.half); err != nil {
			return err
		}
		select {
		case <-s.goOn:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.Store.RemoveTenant(ctx, tenant)
}

// A move reports the total of each of its long steps: the items that it copies,
// compares and removes, and the time that it waits for other processes.
func TestMoveTellsHowMuchThereIs(t *testing.T) {
	t.Parallel()
	const chats, half = 600, 100
	all := newEngines()
	s := all.process(t)
	var events []store.Event
	var things []store.Thing
	for i := range chats {
		id := uuid.New()
		events = append(events, store.ChatSeen{ID: id, Line: recipients.MustParse("+13025550161"), Participants: person(t, i), CreatedAt: time.Unix(0, 0)})
		if i < half {
			things = append(things, store.Thing{Kind: store.ThingChat, ID: string(id[:])})
		}
	}
	require.NoError(t, s.Apply(t.Context(), "acme", events))
	home := all.where(t, "acme")[0]
	to := map[string]string{"one": "two", "two": "three", "three": "one"}[home]
	goOn := make(chan struct{})
	all[home].Store = &slowlyRemoved{all[home].Store, "acme", things, goOn}

	told := make(map[move.Step][]move.Progress)
	release := sync.OnceFunc(func() { close(goOn) })
	_, err := all.process(t).Move(t.Context(), "acme", to, sharded.MoveOptions{Progress: func(p move.Progress) {
		require.LessOrEqual(t, p.Done, p.Total, "%v", p)
		if told[p.Step] = append(told[p.Step], p); p.Step == move.Removing {
			release()
		}
	}})
	require.NoError(t, err)
	items := told[move.Copying][0].Total
	require.GreaterOrEqual(t, items, chats)
	require.Equal(t, move.Progress{Step: move.Copying, Done: 500, Total: items}, told[move.Copying][0])
	require.Equal(t, move.Progress{Step: move.Comparing, Done: 500, Total: chats}, told[move.Comparing][0])
	require.Equal(t, move.Progress{Step: move.Removing, Done: half, Total: items}, told[move.Removing][0])
	waited := told[move.Waiting]
	require.NotEmpty(t, waited)
	for i, p := range waited {
		require.Equal(t, 1050, p.Total, "the patience and the recheck of this test")
		require.True(t, i == 0 || waited[i-1].Done <= p.Done)
	}
	require.Equal(t, []string{to}, all.where(t, "acme"))
}
