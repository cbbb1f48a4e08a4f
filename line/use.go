package line

import (
	"time"

	"github.com/fromline/fromline/recipients"
)

// WindowHours is the length of the window in hours: the current UTC hour and
// the 24 before it.
const WindowHours = 25

// Use is the use of one line, as the store counts it. It is not safe for
// concurrent use while a method changes it.
type Use struct {
	Tenant string
	Number recipients.Handle

	// Hour is the hour of the newest bucket, in hours since 1970 UTC (see
	// [HourOf]); NewChats[i] is the number of chats opened in hour Hour-i.
	Hour     int64
	NewChats [WindowHours]uint32

	// Failovers[i] is how many of NewChats[i] were failovers.
	Failovers [WindowHours]uint32

	// PacedAt is the paced time of the line (see [Pace]); zero if no opening
	// was paced.
	PacedAt time.Time

	// MessagesHour is the hour of the newest bucket of messages, and
	// Messages[i] the number of messages of hour MessagesHour-i, in and out.
	// The count of messages may be a second late, and goes by the times of
	// events, which other systems set. So messages have an hour of their own,
	// and never move the hour of the new chats, which are exact. A store knows
	// no message limits: from these counts and the limit of the line, a fleet
	// computes until when the line is over its limit.
	MessagesHour int64
	Messages     [WindowHours]uint32

	Change Change // assigned by the store
}

// HourOf returns the UTC hour of a time, in hours since 1970.
func HourOf(t time.Time) int64 {
	seconds := t.Unix()
	h := seconds / 3600
	if seconds%3600 < 0 {
		h--
	}
	return h
}
