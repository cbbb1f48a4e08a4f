package line

import (
	"math"
	"time"
)

// AddNewChat counts a chat opened in the given hour, or in the newest hour that
// has a bucket, whichever is later: the hour of a line never runs backwards.
func (u *Use) AddNewChat(hour int64) {
	u.Advance(hour)
	u.NewChats[0]++
}

// AddFailover counts a chat opened in the given hour as [Use.AddNewChat] does,
// and as a failover too.
func (u *Use) AddFailover(hour int64) {
	u.AddNewChat(hour)
	u.Failovers[0]++
}

// AddMessages counts n messages, in or out, in the given hour, or in the newest
// hour that has a bucket of messages, whichever is later.
func (u *Use) AddMessages(hour int64, n int) {
	advance(&u.Messages, &u.MessagesHour, hour)
	u.Messages[0] += uint32(min(max(n, 0), int(math.MaxUint32-u.Messages[0])))
}

// Window returns how many new chats lie in the window of the given hour, or of
// the newest hour that has a bucket, whichever is later: those of that hour and
// the 24 before it.
func (u *Use) Window(hour int64) int { return window(&u.NewChats, u.Hour, hour) }

// FailoversWindow returns how many of the new chats of [Use.Window] are
// failovers.
func (u *Use) FailoversWindow(hour int64) int { return window(&u.Failovers, u.Hour, hour) }

// FailoversFull is [Use.Full] for a line that may take limit failovers in a
// window (0: any number).
func (u *Use) FailoversFull(hour int64, limit int) bool {
	return full(&u.Failovers, u.Hour, hour, limit)
}

// FailoversNextFree is [Use.NextFree] for a line that may take limit failovers
// in a window (0: any number).
func (u *Use) FailoversNextFree(hour int64, limit int) time.Time {
	return nextFree(&u.Failovers, u.Hour, hour, limit)
}

// MessagesWindow returns how many messages, in and out, lie in the window of
// the given hour, or of the newest hour that has a bucket of messages,
// whichever is later.
func (u *Use) MessagesWindow(hour int64) int { return window(&u.Messages, u.MessagesHour, hour) }

// Full reports whether a line that may open limit chats in a window (0: any
// number) is full in the given hour, or in the newest hour that has a bucket,
// whichever is later.
func (u *Use) Full(hour int64, limit int) bool {
	return full(&u.NewChats, u.Hour, hour, limit)
}

// NextFree returns the start of the first hour, not before the given one nor
// the newest that has a bucket, in which the line is not [Use.Full] if it opens
// no chat until then.
func (u *Use) NextFree(hour int64, limit int) time.Time {
	return nextFree(&u.NewChats, u.Hour, hour, limit)
}

// MessagesFullUntil returns the start of the first hour in which a line that
// may send and receive limit messages in a window, 0 for any number, is below
// that limit again, and the zero time if it is below it in the given hour.
func (u *Use) MessagesFullUntil(hour int64, limit int) time.Time {
	if !full(&u.Messages, u.MessagesHour, hour, limit) {
		return time.Time{}
	}
	return nextFree(&u.Messages, u.MessagesHour, hour, limit)
}

// Advance makes the given hour the newest one of the new chats, unless a newer
// one is: counts that leave the window are dropped.
func (u *Use) Advance(hour int64) {
	newest := u.Hour
	advance(&u.NewChats, &u.Hour, hour)
	advance(&u.Failovers, &newest, hour)
}

// window adds up the counts, the first of which is that of the newest hour,
// that lie in the window of the given hour; all of them if it is before the
// newest.
func window(counts *[WindowHours]uint32, newest, hour int64) int {
	total := 0
	for i, n := range counts {
		if newest-int64(i) > hour-WindowHours {
			total += int(n)
		}
	}
	return total
}

func full(counts *[WindowHours]uint32, newest, hour int64, limit int) bool {
	return limit > 0 && window(counts, newest, hour) >= limit
}

func nextFree(counts *[WindowHours]uint32, newest, hour int64, limit int) time.Time {
	hour = max(hour, newest) // before that, all counts lie in the window
	for full(counts, newest, hour, limit) {
		hour++ // at most hours times
	}
	return time.Unix(hour*3600, 0).UTC()
}

// advance makes the given hour the newest, unless a newer one is.
func advance(counts *[WindowHours]uint32, newest *int64, hour int64) {
	if hour <= *newest {
		return
	}
	n := min(hour-*newest, WindowHours)
	copy(counts[n:], counts[:WindowHours-n])
	clear(counts[:n])
	*newest = hour
}
