package delivery

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDefaults is the table of what the zero Options mean.
func TestDefaults(t *testing.T) {
	o, err := Options{}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, Options{
		Concurrency: 32, Attempts: 12, Lease: 10 * time.Second, Gather: 50 * time.Millisecond, SendTimeout: 30 * time.Second,
		Backoff: time.Second, MaxBackoff: 5 * time.Minute, PollEvery: 500 * time.Millisecond, StopWithin: 10 * time.Second, NoLineFor: 24 * time.Hour,
	}, o)
	short, err := Options{Lease: 100 * time.Millisecond}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, 10*time.Millisecond, short.Gather, "a tenth of a lease")
}

// TestWaitsDoNotOverflow says that a wait doubles up to the longest and stays
// there, however many attempts there are and however long the waits may be.
func TestWaitsDoNotOverflow(t *testing.T) {
	assert.Equal(t, time.Second, doubled(time.Second, 0, time.Minute))
	assert.Equal(t, 4*time.Second, doubled(time.Second, 2, 4*time.Second+3))
	assert.Equal(t, 4*time.Second, doubled(time.Second, 3, 4*time.Second))
	for times := range 200 {
		for _, d := range []time.Duration{1, time.Second, time.Hour, math.MaxInt64} {
			wait := doubled(d, times, math.MaxInt64)
			require.GreaterOrEqual(t, wait, d, "%v doubled %d times", d, times)
		}
	}
	o := Options{Backoff: time.Hour, MaxBackoff: 24 * time.Hour}
	assert.GreaterOrEqual(t, o.wait(1000, 0), 12*time.Hour)
}

// TestJitter says that a random wait is at least half of the whole and at most
// all of it, and that each of these can be.
func TestJitter(t *testing.T) {
	for d, want := range map[time.Duration][]time.Duration{0: {0}, 1: {1}, 2: {1, 2}, 3: {2, 3}, 4: {2, 3, 4}} {
		found := map[time.Duration]bool{}
		for range 1000 {
			found[jitter(d)] = true
		}
		assert.Len(t, found, len(want))
		for _, w := range want {
			assert.True(t, found[w], "%v of %v", w, d)
		}
	}
}
