package rarely

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What was told is remembered for two pauses at most, so that an outage with
// ever new errors does not fill the memory.
func TestWhatWasToldIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := teller{pause: time.Minute, told: map[string]time.Time{}}
		for i := range 3600 {
			require.True(t, r.isNews(strconv.Itoa(i)))
			require.LessOrEqual(t, len(r.told), 120)
			time.Sleep(time.Second)
		}
	})
}
