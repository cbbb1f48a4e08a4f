package rarely_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fromline/fromline/internal/rarely"
)

// In an outage, the same errors come twice a second, one after the other: each
// is told once a minute, and another one at once.
func TestSameErrorIsToldRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		begin := time.Now()
		tell := rarely.Tell(time.Minute, func(err error) {
			told = append(told, time.Since(begin).String()+" "+err.Error())
		})
		for range 2 * 150 {
			tell(errors.New("away"))
			tell(errors.New("cut"))
			time.Sleep(time.Second / 2)
		}
		tell(errors.New("full"))
		tell(errors.New("full"))
		if want := []string{"0s away", "0s cut", "1m0s away", "1m0s cut", "2m0s away", "2m0s cut", "2m30s full"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
