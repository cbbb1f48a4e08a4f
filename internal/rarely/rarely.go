// Package rarely tells the errors of an outage without filling a log with them.
package rarely

import (
	"maps"
	"sync"
	"time"
)

// Tell returns a function that tells errors with tell, and an error of the same
// text again only after the pause. It is safe for concurrent use.
func Tell(pause time.Duration, tell func(error)) func(error) {
	var mu sync.Mutex
	var swept time.Time
	told := map[string]time.Time{}
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(swept) >= pause {
			maps.DeleteFunc(told, func(_ string, at time.Time) bool { return now.Sub(at) >= pause })
			swept = now
		}
		text := err.Error()
		if at, is := told[text]; is && now.Sub(at) < pause {
			return
		}
		told[text] = now
		tell(err)
	}
}
