package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A store that cannot be written makes a Router not ready, for as long as a
// commit may still find out that it can; what says nothing of the store does
// not.
func TestReadinessTellsAStoreThatCannotBeWritten(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		told bool
	}{
		"full":         {fmt.Errorf("the disk: %w", store.ErrFull), true},
		"not written":  {fmt.Errorf("the file was removed: %w", store.ErrNotWritten), true},
		"unknown":      {errors.New("the connection broke"), true},
		"invalid":      {fmt.Errorf("a plan: %w", store.ErrInvalid), false},
		"not readable": {fmt.Errorf("a record: %w", store.ErrUnreadable), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chats := &script{Store: memory.New(memory.Options{}), notes: &notes{}}
				r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
				require.NoError(t, err)
				send := func() error {
					_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
					return err
				}
				require.NoError(t, send())
				require.NoError(t, r.Ready(t.Context()))
				chats.aroundCommit = func(*store.Plan, func() error) error { return c.err }
				require.Error(t, send())
				if !c.told {
					require.NoError(t, r.Ready(t.Context()))
					return
				}
				require.ErrorIs(t, r.Ready(t.Context()), c.err)
				time.Sleep(10 * time.Second)
				require.ErrorIs(t, r.Ready(t.Context()), c.err)
				time.Sleep(time.Nanosecond)
				require.NoError(t, r.Ready(t.Context()), "it has to be tried again")
				require.Error(t, send())
				require.Error(t, r.Ready(t.Context()))
				chats.aroundCommit = nil
				require.NoError(t, send())
				require.NoError(t, r.Ready(t.Context()))

				chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
					chats.aroundCommit = func(*store.Plan, func() error) error { return c.err }
					err := commit()
					time.Sleep(time.Second)
					require.Error(t, send()) // beside it
					return err
				}
				require.NoError(t, send())
				require.ErrorIs(t, r.Ready(t.Context()), c.err, "a commit from before the failure says nothing of after it")
				time.Sleep(time.Second)
				chats.aroundCommit = nil
				require.NoError(t, send())
				require.NoError(t, r.Ready(t.Context()))

				chats.aroundCommit = func(*store.Plan, func() error) error { return c.err }
				gone, cancel := context.WithCancel(t.Context())
				cancel()
				_, err = r.Route(gone, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.Error(t, err)
				require.NoError(t, r.Ready(t.Context()), "a caller that gave up says nothing of the store")
			})
		})
	}
}
