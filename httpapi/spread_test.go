package httpapi

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A spread lies from zero up to the time that it is over, follows the place on
// the ring, and spreads nothing over none.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := rapid.Uint64().Draw(t, "ring")
		over := time.Duration(rapid.Int64Range(1, int64(24*time.Hour)).Draw(t, "over"))
		at := spread(ring, over)
		require.True(t, at >= 0 && at < over)
		require.InDelta(t, float64(ring)/math.MaxUint64, float64(at)/float64(over), 1e-9+1/float64(over))
		require.Zero(t, spread(ring, 0))
	})
}
