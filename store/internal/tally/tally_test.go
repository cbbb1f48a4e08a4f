package tally_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/internal/tally"
)

var line = recipients.MustParse("+13015550100")

// Counting through tallies, in whatever portions, is counting at once.
func TestSameAsCountingAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want, got fleet.Use
		var tl tally.Tally
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			hour, n := rapid.Int64Range(490_000, 490_060).Draw(t, "hour"), rapid.IntRange(1, 5).Draw(t, "messages")
			want.AddMessages(hour, n)
			tl.Add(tally.Count{Tenant: "acme", Line: line, Hour: hour, Messages: n})
			if rapid.Bool().Draw(t, "take") {
				for _, c := range tl.Take() {
					got.AddMessages(c.Hour, c.Messages)
				}
				require.Equal(t, want, got)
			}
		}
		for _, c := range tl.Take() {
			got.AddMessages(c.Hour, c.Messages)
		}
		require.Equal(t, want, got)
		require.Empty(t, tl.Take())
	})
}

// Nothing is lost or counted twice when many count, and what could not be
// added is given back.
func TestNothingIsLost(t *testing.T) {
	var tl tally.Tally
	var adders, taker sync.WaitGroup
	stop := make(chan struct{})
	total := 0
	taker.Go(func() {
		for i := 0; ; i++ {
			counts := tl.Take()
			if i%2 == 0 {
				tl.GiveBack(counts)
			} else {
				for _, c := range counts {
					total += c.Messages
				}
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for range 8 {
		adders.Go(func() {
			for i := range 500 {
				tl.Add(tally.Count{Tenant: "acme", Line: line, Hour: int64(i), Messages: 1})
			}
		})
	}
	adders.Wait()
	close(stop)
	taker.Wait()
	for _, c := range tl.Take() {
		total += c.Messages
	}
	require.Equal(t, 8*500, total)
}
