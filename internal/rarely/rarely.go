package main

import (
	"sync"
	"time"
)

// rarely returns a function that tells errors with tell, and the same error
// again only after the pause. It is safe for concurrent use.
func rarely(pause time.Duration, tell func(error)) func(error) {
	var mu sync.Mutex
	var last string
	var at time.Time
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); err.Error() != last || now.Sub(at) >= pause {
			last, at = err.Error(), now
			tell(err)
		}
	}
}
