package fromline

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Ids are UUIDs of version 7: no two are the same, and those of a later moment
// come later, to the quarter of a microsecond that the twelve bits can tell.
func TestNewID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[uuid.UUID]bool{}
		for range 1_000 {
			earlier := newID()
			time.Sleep(245 * time.Nanosecond)
			later := newID()
			require.Negative(t, bytes.Compare(earlier[:], later[:]))
			for _, id := range []uuid.UUID{earlier, later} {
				require.Equal(t, uuid.Version(7), id.Version())
				require.Equal(t, uuid.RFC4122, id.Variant())
				require.False(t, seen[id])
				seen[id] = true
			}
			second, nanos := later.Time().UnixTime()
			require.Equal(t, time.Now().Truncate(time.Millisecond), time.Unix(second, nanos))
		}
	})
}
