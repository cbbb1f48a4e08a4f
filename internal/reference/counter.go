package reference

import "time"

// window is the number of hours that count: the current UTC hour and the 24
// before it.
const window = 25

// counter counts things by the UTC hour in which they happen. Its hour never
// goes back: an earlier time counts in the newest hour.
type counter struct {
	newest int64
	byHour map[int64]int
}

func hour(at time.Time) int64 { return at.Unix() / 3600 }

func (c *counter) add(at time.Time, n int) {
	if c.byHour == nil {
		c.byHour = map[int64]int{}
	}
	c.newest = max(c.newest, hour(at))
	c.byHour[c.newest] += n
}

// window returns the count in the window of a moment, or of the newest hour if
// that is later.
func (c *counter) window(at time.Time) int { return c.inWindow(max(hour(at), c.newest)) }

func (c *counter) inWindow(now int64) int {
	n := 0
	for h, count := range c.byHour {
		if h > now-window {
			n += count
		}
	}
	return n
}

// fullUntil returns when the count is below the limit again. It is zero if it
// is below now, or if there is no limit.
func (c *counter) fullUntil(at time.Time, limit int) time.Time {
	now := max(hour(at), c.newest)
	if limit == 0 || c.inWindow(now) < limit {
		return time.Time{}
	}
	for c.inWindow(now) >= limit {
		now++
	}
	return time.Unix(now*3600, 0).UTC()
}
