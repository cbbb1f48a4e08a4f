//go:build unix

package move_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
)

// known is a chat of both stores, and fresh a chat of only one.
var known, fresh = uuid.UUID{1}, uuid.UUID{2}

// seen adds a chat to a store.
func seen(t *testing.T, s store.Store, tenant string, id uuid.UUID, named bool) {
	t.Helper()
	e := store.ChatSeen{ID: id, Line: number(1), Participants: sets()[2], CreatedAt: noon, Named: named}
	require.NoError(t, s.Apply(ctx, tenant, []store.Event{e}))
}

// TestDifferences: a copy reports items that the other store had and that
// differ, by tenant, kind and numbers, and leaves them. It ignores items of
// other tenants.
func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		had  func(s store.Store) // what the other store had
		want *move.DifferentError
	}{
		"nothing":  {func(store.Store) {}, nil},
		"the same": {func(s store.Store) { seen(t, s, "acme", known, false) }, nil},
		"one chat more": {
			func(s store.Store) { seen(t, s, "acme", fresh, false) },
			&move.DifferentError{Tenant: "acme", Kind: move.Chats, From: 1, To: 2},
		},
		"the chat with a name": {
			func(s store.Store) { seen(t, s, "acme", known, true) },
			&move.DifferentError{Tenant: "acme", Kind: move.Chats, From: 1, To: 1},
		},
		"another tenant": {func(s store.Store) { seen(t, s, "zenith", known, true) }, nil},
		"later news of the line": {
			func(s store.Store) {
				_, err := s.ReportLine(ctx, line.State{Tenant: "acme", Number: number(1), Status: line.Active, StatusAt: noon.Add(1)})
				require.NoError(t, err)
				_, err = s.ReportLine(ctx, line.State{Tenant: "acme", Number: number(2), Status: line.Active, StatusAt: noon})
				require.NoError(t, err)
			},
			&move.DifferentError{Tenant: "acme", Kind: move.LineStates, From: 1, To: 2},
		},
	} {
		from, to := memory.New(memory.Options{}), memory.New(memory.Options{})
		seen(t, from, "acme", known, false)
		_, err := from.ReportLine(ctx, line.State{Tenant: "acme", Number: number(1), Status: line.Flagged, StatusAt: noon})
		require.NoError(t, err)
		c.had(to)
		var steps []move.Progress
		result, err := move.All(ctx, from, to, move.Options{Progress: func(p move.Progress) { steps = append(steps, p) }})
		require.Equal(t, 2, result.Total())
		require.Equal(t, move.Progress{Step: move.Copying, Done: 2, Total: 2}, steps[0])
		require.Equal(t, move.Comparing, steps[len(steps)-1].Step)
		if c.want == nil {
			require.NoError(t, err, name)
			require.Equal(t, 1, result.Samples)
			continue
		}
		var different *move.DifferentError
		require.ErrorAs(t, err, &different, name)
		require.Equal(t, c.want, different, name)
		require.Contains(t, err.Error(), "acme")
	}
}
