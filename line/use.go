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

	// PacedAt is the paced time of the line (see [Pace]), zero where no opening
	// was paced.
	PacedAt time.Time

	// MessagesHour is the hour of the newest bucket of messages, and
	// Messages[i] the number of messages of hour MessagesHour-i, in and out.
	// They are counted softly, at most a second late, and by the times of
	// events, which come from elsewhere: so they have an hour of their own and
	// never move that of the new chats, which are counted exactly. A store
	// knows no limits: a fleet derives from these counts and the line's limit
	// until when the line is over it.
	MessagesHour int64
	Messages     [WindowHours]uint32

	Change Change // assigned by the store
}

// HourOf returns the UTC hour that a time falls into, in hours since 1970.
func HourOf(t time.Time) int64 {
	seconds := t.Unix()
	h := seconds / 3600
	if seconds%3600 < 0 {
		h--
	}
	return h
}
