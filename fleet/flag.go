package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// FlagLine records, in this process only, that our own delivery found a line
// flagged at a time by our clock. The flag counts as later than every earlier
// report of the status: its time is the given one, or a microsecond after the
// known one, whichever is later. FlagLine returns the state that the fleet has
// now, and whether the status changed. The error is [ErrUnknownNumber] if the
// tenant has no such line, and [ErrEvent] if the time lies before 1970.
func (f *Fleet) FlagLine(tenant string, n recipients.Handle, at time.Time) (known line.State, applied bool, err error) {
	t, err := f.ownerOf(tenant, n)
	if err != nil {
		return line.State{}, false, err
	}
	if at.Unix() < 0 {
		return line.State{}, false, notUsable(badValue(), "/data/changed_at", "it was found at %v, which is before 1970", at)
	}
	t.mu.Lock()
	defer t.unlock()
	a := t.account(n)
	if known = a.learned.state(); known.Status != line.Flagged {
		if at = micros(at); !at.After(known.StatusAt) {
			at = known.StatusAt.Add(time.Microsecond)
		}
		applied, _ = a.learned.learn(line.State{Status: line.Flagged, StatusAt: at})
		t.refresh(n.Digits())
		known = a.learned.state()
	}
	known.Tenant, known.Number = t.name, n
	return known, applied, nil
}
