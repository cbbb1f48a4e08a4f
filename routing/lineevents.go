package routing

import (
	"context"
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// LineEvents takes in what is learned about lines: durably where the store
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
// state could not be kept: then nothing has changed, and the event may be
// reported again.
func (l LineEvents) Report(ctx context.Context, e fleet.Event) (applied bool, err error) {
	if l.States != nil && e.Type == fleet.StatusUpdated {
		state, err := l.Fleet.StateOf(e)
		if err != nil {
			return false, err
		}
		// An event that the store has outrun may still be news to this process,
		// which is behind the store by one poll at most.
		if _, err := l.States.ReportLine(ctx, state); err != nil {
			return false, &UnavailableError{Err: fmt.Errorf("routing: the line state was not kept: %w", err), Retry: true}
		}
	}
	return l.Fleet.ReportLine(ctx, e)
}
