//go:build unix

package move_test

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/sqlite"
)

// chatsSeen adds n chats to a store. Their ids count up from first; each has a
// name if named is true.
func chatsSeen(t *testing.T, s store.Store, first, n int, named bool) {
	t.Helper()
	for i := first; i < first+n; i++ {
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		seen(t, s, "acme", id, named)
	}
}

// renamedWhileCopied is a store whose chats change when its list of changes is
// read for the first time.
type renamedWhileCopied struct {
	store.Store
	store.ChangeLister
	rename func()
}

// Changes renames chats on its first call, then lists the changes.
func (s *renamedWhileCopied) Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]store.Change, error) {
	if s.rename != nil {
		s.rename()
		s.rename = nil
	}
	return s.ChangeLister.Changes(ctx, tenant, list, limit)
}

// Every report of a step of a copy has the total: Done grows up to Total, and
// Total is at most the number of items in the store.
func TestStepsTellTheirTotal(t *testing.T) {
	const chats, renamed = 1600, 700
	for name, open := range map[string]func(t *testing.T) store.Store{
		"a store without a list of changes": func(t *testing.T) store.Store { return memory.New(memory.Options{}) },
		"a store with one": func(t *testing.T) store.Store {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "from.db"), sqlite.Options{Synchronous: sqlite.Normal})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return &renamedWhileCopied{s, s, func() {
				for i := range renamed {
					var id uuid.UUID
					binary.BigEndian.PutUint64(id[:], uint64(i+1))
					require.NoError(t, s.Apply(t.Context(), "acme", []store.Event{store.Renamed{Chat: id, Named: true}}))
				}
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := open(t), memory.New(memory.Options{})
			chatsSeen(t, from, 0, chats, false)
			seen(t, from, "zenith", known, false)
			var told []move.Progress
			f := move.Follow(from, to, "acme", func(p move.Progress) { told = append(told, p) })
			require.NoError(t, f.Copy(t.Context()))
			result, err := f.Finish(t.Context())
			require.NoError(t, err)
			require.Equal(t, chats, result.Items[move.Chats])

			items, err := from.Count(t.Context(), "acme")
			require.NoError(t, err)
			runs := make(map[move.Step][]move.Progress) // the first report of each run of a step
			for i, p := range told {
				require.Positive(t, p.Done, "%+v", p)
				require.LessOrEqual(t, p.Done, p.Total, "%+v", p)
				require.LessOrEqual(t, p.Total, items, "%+v", p)
				if i == 0 || told[i-1].Step != p.Step || told[i-1].Done > p.Done {
					runs[p.Step] = append(runs[p.Step], p)
				}
			}
			require.Equal(t, []move.Progress{{Step: move.Copying, Done: 500, Total: items}}, runs[move.Copying])
			require.NotEmpty(t, runs[move.Comparing])
			for _, p := range runs[move.Comparing] {
				require.Equal(t, move.Progress{Step: move.Comparing, Done: 500, Total: chats}, p)
			}
			if _, lists := from.(store.ChangeLister); lists {
				require.Equal(t, move.Progress{Step: move.CatchingUp, Done: 500, Total: renamed}, runs[move.CatchingUp][0])
			}
		})
	}
}
