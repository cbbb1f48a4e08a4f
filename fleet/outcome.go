package fleet

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// An Outcome is what became of one delivery, told by whoever delivers.
type Outcome struct {
	Line recipients.Handle // the line it went out on, or was to go out on
	Kind OutcomeKind
	At   time.Time // when it was known by our clock; zero: now
}

// OutcomeKind is the kind of an [Outcome].
type OutcomeKind uint8

// The outcomes. LineFlagged is the one that changes a line: the network refused
// the message because it has flagged the number.
const (
	Sent OutcomeKind = 1 + iota
	Failed
	LineFlagged
)

// String returns sent, failed or line_flagged.
func (k OutcomeKind) String() string {
	switch k {
	case Sent:
		return "sent"
	case Failed:
		return "failed"
	case LineFlagged:
		return "line_flagged"
	}
	return fmt.Sprintf("OutcomeKind(%d)", uint8(k))
}

// ReportDelivery takes what became of a delivery. [LineFlagged] flags the line as
// [Fleet.FlagLine] does, in this process only. The other outcomes change nothing,
// and nothing of them is checked. fromline.Router.Report also writes the state to
// the store, so that it survives a restart and reaches the other processes; call
// that where there is a Router.
//
// The error is [ErrUnknownTenant] or [ErrUnknownNumber] where the tenant has no
// such line, and [ErrEvent] where At lies before 1970. The zero At is the time of
// [Options.Clock]. The context is not looked at: nothing is waited for.
func (f *Fleet) ReportDelivery(ctx context.Context, tenant string, o Outcome) error {
	if o.Kind != LineFlagged {
		return nil
	}
	if f.known(tenant) == nil {
		return fmt.Errorf("%w: %q has no lines", ErrUnknownTenant, tenant)
	}
	if o.At.IsZero() {
		o.At = f.options.Clock.Now()
	}
	_, _, err := f.FlagLine(tenant, o.Line, o.At)
	return err
}

// FlagLine takes in that our own delivery found a line flagged at a time by our
// clock, in this process only. That is later than all that is known of the status:
// its time is the one given, or a microsecond after the known one, whichever is
// later. It returns what is known of the line now, and whether the status
// changed. The error is [ErrUnknownNumber] where the tenant has no such line, and
// [ErrEvent] where the time lies before 1970.
func (f *Fleet) FlagLine(tenant string, n recipients.Handle, at time.Time) (known line.State, applied bool, err error) {
	t, err := f.ownerOf(tenant, n)
	if err != nil {
		return line.State{}, false, err
	}
	if at.Unix() < 0 {
		return line.State{}, false, fmt.Errorf("%w: it was found at %v, which is before 1970", ErrEvent, at)
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
