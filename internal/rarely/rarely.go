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
	t := teller{pause: pause, told: map[string]time.Time{}}
	return func(err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.isNews(err.Error()) {
			tell(err)
		}
	}
}

type teller struct {
	pause time.Duration

	mu    sync.Mutex
	told  map[string]time.Time // by the text; the old ones go once a pause
	swept time.Time
}

// isNews says whether to tell a text now, and remembers that it was told.
func (t *teller) isNews(text string) bool {
	now := time.Now()
	old := func(at time.Time) bool { return now.Sub(at) >= t.pause }
	if old(t.swept) {
		maps.DeleteFunc(t.told, func(_ string, at time.Time) bool { return old(at) })
		t.swept = now
	}
	if at, is := t.told[text]; is && !old(at) {
		return false
	}
	t.told[text] = now
	return true
}
