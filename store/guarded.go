package store

import (
	"time"

	"github.com/fromline/fromline/line"
)

// Guarded holds the bounds of a plan that opens a chat, besides the limit of
// new chats. The zero value has no bounds. They do not concern a reuse.
// [guarded.reuse]
//
// For them a store keeps two things of each line: its paced time ([line.Use]
// PacedAt), and how many of the chats that it opened are failovers. The use of
// the line shows both. They stay, whatever bounds later plans have.
// [guarded.use] Failovers count even if a plan does not bound them, in the hour
// of their new chats. [failovers.counted]
type Guarded struct {
	// Pace is how close together Line may open chats; zero is no bound. The
	// store checks it in the commit, exactly, against the paced time of the
	// line, at NotBefore of the record if that is set, and else at At. If the
	// pace holds the line back, the commit is a *Conflict of the kind
	// LinePaced. [pace.exact] Every opening, also a failover, advances the
	// paced time as line.Pace.After says, and nothing else does. [pace.moves] A
	// plan without a pace leaves it unchanged. [pace.none]
	Pace line.Pace

	// FailoverLimit is how many of the new chats of Line in its window may be
	// failovers, 0 for any number. The store checks it, exactly, in the commit
	// of a failover only. If the line has taken as many, the commit is a
	// *Conflict of the kind FailoversFull. [failovers.exact]
	FailoverLimit int
}

// PacedAt returns the time of the opening for the pace of its line: NotBefore
// of the record if that is set, and else At.
func (p *Plan) PacedAt() time.Time {
	if p.NotBefore.IsZero() {
		return p.At
	}
	return p.NotBefore
}

// AddOpening counts the opening of a plan in the use of its line. Every store
// calls it.
func (p *Plan) AddOpening(u *line.Use) {
	hour := line.HourOf(p.At)
	if p.Reason == FailoverFlagged {
		u.AddFailover(hour)
	} else {
		u.AddNewChat(hour)
	}
	u.PacedAt = p.Pace.After(u.PacedAt, p.PacedAt())
}

// Bounded returns the conflict if the use of a line forbids the opening of the
// plan, and nil otherwise.
func (p *Plan) Bounded(u *line.Use) *Conflict {
	hour := line.HourOf(p.At)
	switch {
	case u.Full(hour, p.NewChatLimit):
		return &Conflict{Kind: LineFull, Line: p.Line, NextFree: u.NextFree(hour, p.NewChatLimit)}
	case p.Pace.Holds(u.PacedAt, p.PacedAt()):
		return &Conflict{Kind: LinePaced, Line: p.Line, NextFree: p.Pace.Slot(u.PacedAt)}
	case p.Reason == FailoverFlagged && u.FailoversFull(hour, p.FailoverLimit):
		return &Conflict{Kind: FailoversFull, Line: p.Line, NextFree: u.FailoversNextFree(hour, p.FailoverLimit)}
	}
	return nil
}

// checkGuarded refuses bounds that contradict themselves or the plan.
func (p *Plan) checkGuarded() error {
	switch {
	case p.Pace.Step < 0 || p.Pace.Step%time.Microsecond != 0 || p.Pace.Burst < 0 || p.Pace.Burst > line.MaxBurst || (p.Pace.Step == 0) != (p.Pace.Burst == 0):
		return invalid("the pace is none: a step in whole microseconds goes with a burst")
	case p.Pace.Step > maxStep:
		return invalid("the step of the pace is longer than a guard can make it")
	case p.NotBefore.IsZero():
		return nil
	case p.Reason == ReusedActiveChat:
		return invalid("only the opening of a chat is put off")
	case p.NotBefore.Before(p.At):
		return invalid("the delivery would be due before it was decided")
	}
	return checkTime("time from which the delivery is due", p.NotBefore)
}

// maxStep is longer than the step of any guard, which has at most the longest
// gap and at least the smallest share of a limit.
const maxStep = 200 * line.MaxGap
