package fromline

import (
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// untold returns why a decision would rest on a line of which the host's own
// table says nothing that can be used (docs/rules.md §15): the send names it,
// or would leave a chat on it for another line, as if it were gone.
func untold(in *routing.Input) error {
	if !in.Lines.HasUntold() {
		return nil
	}
	if in.From.IsValid() {
		if in.Lines.Untold(in.From) {
			return fmt.Errorf("%w: what the source tells of %s, which the send names, cannot be used", fleet.ErrStale, in.From.String())
		}
		return nil
	}
	trace := routing.Explain(*in)
	if trace.Branch != store.FailoverFlagged {
		return nil
	}
	for _, c := range trace.Chats {
		if c.Verdict == routing.LineGone && c.Line != in.Leaves && in.Lines.Untold(c.Line) {
			return fmt.Errorf("%w: what the source tells of %s, which chat %s is on, cannot be used", fleet.ErrStale, c.Line.String(), c.ChatID)
		}
	}
	return nil
}
