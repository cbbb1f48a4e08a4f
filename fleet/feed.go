package fleet

import (
	"context"

	"github.com/fromline/fromline/line"
)

// Feed is what a [Fleet] follows: a store that keeps line states and counts
// use. All methods are safe for concurrent use.
type Feed interface {
	// LineStates returns, over all tenants, the states that changed after a
	// change number, in order of change, at most limit of them, and the number
	// to go on from. Fewer than limit means that there were no more.
	LineStates(ctx context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error)

	// LineUse does the same for the use of lines. It must show every commit
	// that returned before the call of LineUse.
	LineUse(ctx context.Context, after line.Change, limit int) (uses []line.Use, last line.Change, err error)
}
