package fleet

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/recipients"
)

// An Outcome is what became of one delivery, told by whoever delivers.
type Outcome struct {
	Line recipients.Handle // the line it went out on, or was to go out on
	Kind OutcomeKind
	At   time.Time // when it was known
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
