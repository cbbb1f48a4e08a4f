package reference

import (
	"time"

	"github.com/fromline/fromline/line"
)

// soonest returns, by §11a, the line with the earliest slot that the send may
// wait for, among the lines that only their pace holds back. Of several it is
// the best line.
func (f *Facts) soonest() (line.Line, bool) {
	var first []line.Line
	for _, l := range f.Lines {
		rested := l
		rested.PacedAt = time.Time{}
		slot := f.slot(l)
		if f.obstacle(rested, f.Send.ExcludeFrom) != none || slot.After(f.SentAt.Add(f.DeferUpTo)) {
			continue
		}
		if len(first) > 0 && slot.Before(f.slot(first[0])) {
			first = nil
		}
		if len(first) == 0 || slot.Equal(f.slot(first[0])) {
			first = append(first, l)
		}
	}
	if len(first) == 0 {
		return line.Line{}, false
	}
	rested := *f
	rested.Guard.Gap, rested.Guard.Burst, rested.Lines = 0, 0, first
	return rested.best(f.Send.ExcludeFrom)
}

// slot returns when the pace lets a line open a chat.
func (f *Facts) slot(l line.Line) time.Time { return f.bounds(l).Pace.Slot(l.PacedAt) }
