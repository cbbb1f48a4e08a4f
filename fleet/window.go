package fleet

import "time"

// AddNewChat counts a chat opened in the given hour, or in the newest hour that
// has a bucket, whichever is later: the hour of a line never runs backwards.
func (u *Use) AddNewChat(hour int64) {
	u.advance(hour)
	u.NewChats[0]++
}

// Full says whether a line that may open limit chats in a window, 0 for any
// number, may open none in the given hour, or in the newest hour that has a
// bucket, whichever is later.
func (u *Use) Full(hour int64, limit int) bool {
	return limit > 0 && u.Window(max(hour, u.Hour)) >= limit
}

// NextFree returns the start of the first hour, not before the given one nor
// the newest that has a bucket, in which the line is not [Use.Full] if it opens
// no chat until then.
func (u *Use) NextFree(hour int64, limit int) time.Time {
	free := max(hour, u.Hour)
	for u.Full(free, limit) {
		free++ // at most hours times
	}
	return time.Unix(free*3600, 0).UTC()
}

// advance makes the given hour the newest, unless a newer one is.
func (u *Use) advance(hour int64) {
	gone := hour - u.Hour
	if gone <= 0 {
		return
	}
	u.Hour = hour
	u.NewChats = shift(u.NewChats, gone)
}

// shift returns the counts as they stand some hours later.
func shift(counts [hours]uint32, later int64) (shifted [hours]uint32) {
	n := min(later, hours)
	copy(shifted[n:], counts[:hours-n])
	return shifted
}
