package uptime_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/internal/uptime"
)

// A clock begins with the given time, even a wrong one, and advances from
// there. Every process with its anchor reads the same time.
func TestClock(t *testing.T) {
	for _, wrong := range []time.Duration{0, 26 * time.Hour, -time.Hour, 366 * 24 * time.Hour} {
		began := time.Now()
		c := uptime.New(began.Add(wrong))
		first := c.Now()
		require.WithinRange(t, first, began.Add(wrong), time.Now().Add(wrong).Add(time.Minute))
		require.False(t, c.Now().Before(first))
		same, valid := uptime.Of(c.Anchor)
		require.Equal(t, c.Boot != "", valid)
		if valid {
			require.WithinRange(t, same.Now(), first, c.Now().Add(time.Minute))
		}
	}
	for _, a := range []uptime.Anchor{{}, {Boot: "another start", Began: 1}} {
		_, valid := uptime.Of(a)
		require.False(t, valid)
	}
}
