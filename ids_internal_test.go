package fromline

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Ids are UUIDs of version 7: no two are the same, and later ones come later,
// drawn by any number of goroutines.
func TestNewIDs(t *testing.T) {
	draw := newIDs()
	drawn := make(chan []uuid.UUID, 8)
	for range cap(drawn) {
		go func() {
			var ids []uuid.UUID
			for range 1_000 {
				ids = append(ids, draw())
			}
			drawn <- ids
		}()
	}
	seen := map[uuid.UUID]bool{}
	for range cap(drawn) {
		ids := <-drawn
		require.True(t, slices.IsSortedFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }))
		for _, id := range ids {
			require.Equal(t, uuid.Version(7), id.Version())
			require.False(t, seen[id])
			seen[id] = true
		}
	}
}
