package fromline

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// LineEvents takes in what events say about lines: durably where the store
// keeps line states, and in this process at once (§15). It is safe for
// concurrent use.
type LineEvents struct {
	Fleet *fleet.Fleet

	// States is where states are kept, so that they survive a restart and every
	// process that follows the store learns them. Nil keeps them in this
	// process only.
	States store.LineStates
}

// Report applies an event if it is later than the line's last change, and says
// whether it did. Events of other types are no error and change nothing. The
// errors are those of fleet.Fleet.ReportLine, and an UnavailableError when the
// state could not be kept: then this process has learned nothing, and the event
// may be reported again.
func (l LineEvents) Report(ctx context.Context, e fleet.Event) (applied bool, err error) {
	if l.States != nil && e.ChangesLine() {
		state, err := l.Fleet.StateOf(e)
		if err != nil {
			return false, err
		}
		// An event that the store has outrun may still be news to this process,
		// which is behind the store by one poll at most.
		if err := keep(ctx, l.States, state); err != nil {
			return false, err
		}
	}
	return l.Fleet.ReportLine(ctx, e)
}

// Report takes what became of a delivery: it tells the line health, if that
// wants to know (see [LineReporter]), and otherwise does nothing. A line that the
// network has flagged is flagged in this process at once; where the store of the
// Router implements store.LineStates that is kept there as well, so that it
// survives a restart and every process that follows the store acts on it (§15).
// Nothing else has to be called for it.
//
// The zero o.At is the time of Options.Clock. It is safe for concurrent use. The
// error is that of the line health, and then nothing was kept; or an
// [*UnavailableError] when the state could not be kept: then the outcome should
// be reported again, and this process acts on it meanwhile.
func (r *Router) Report(ctx context.Context, tenant string, o Outcome) error {
	reporter, wants := r.lines.(LineReporter)
	if !wants {
		return nil
	}
	if o.At.IsZero() {
		o.At = r.opts.Clock()
	}
	if err := reporter.ReportDelivery(ctx, tenant, o); err != nil {
		return fmt.Errorf("fromline: report of a delivery: %w", err)
	}
	states, keeps := r.chats.(store.LineStates)
	if !keeps || o.Kind != fleet.LineFlagged {
		return nil
	}
	_, _, err := states.FlagLine(ctx, tenant, o.Line, o.At)
	return kept(err)
}

// keep gives a state to a store, which drops one that it has outrun.
func keep(ctx context.Context, states store.LineStates, s line.State) error {
	_, err := states.ReportLine(ctx, s)
	return kept(err)
}

// kept returns the error of a state that a store was given.
func kept(err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("fromline: the line state was not kept: %w", err)
	if errors.Is(err, store.ErrInvalid) { // and never will be
		return err
	}
	return &UnavailableError{Err: err, Retry: true}
}
