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
	At   time.Time // when it was known, at most five minutes ahead; zero: now
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
// an event of that time does that says nothing else ([Fleet.ReportLine]): in this
// process only, unless a line event was later. The other outcomes change nothing,
// and nothing of them is checked. routing.Router.Report also writes the state to
// the store, so that it survives a restart and reaches the other processes; call
// that where there is a Router.
//
// The error is [ErrUnknownTenant] or [ErrUnknownNumber] where the tenant has no
// such line, [ErrAhead] where At is more than five minutes ahead, and [ErrEvent]
// where it lies before 1970. The zero At is the time of [Options.Clock]. The
// context is not looked at: nothing is waited for.
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
	_, err := f.ReportLine(ctx, Event{Type: StatusUpdated, Tenant: tenant, Number: o.Line, Status: line.Flagged, ChangedAt: o.At})
	return err
}
