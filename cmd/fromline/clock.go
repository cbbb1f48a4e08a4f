package main

import (
	"sync"
	"time"
)

// clock gives each line its time: its own, or that of the run. It is also the
// clock of the fleet, for which the time of the last line is now.
type clock struct {
	mu   sync.Mutex
	next time.Time // of the next line without a time of its own; zero: the system's clock
	last time.Time // of the last line; zero: the system's clock
}

// at returns the time of the next line, given its own or the zero time. With
// -now, each later line without a time of its own is one second after it.
func (c *clock) at(own time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := own
	if at.IsZero() {
		at = c.next
	}
	c.last = at
	if at.IsZero() {
		return time.Now()
	}
	if !c.next.IsZero() {
		c.next = at.Add(time.Second)
	}
	return at
}

// Now returns the time of the line that is being answered.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.IsZero() {
		return time.Now()
	}
	return c.last
}
