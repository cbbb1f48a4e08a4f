package line

import (
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/recipients"
)

// ErrLine is wrapped by every error about a line that cannot be used as given.
var ErrLine = errors.New("line: not a usable line")

// A Line is one number that we own and send from, with its health and its use
// at one moment. It is a plain value: changing a copy changes nothing else.
//
// Its health is status, eligibility, reputation, services and limits. Its use
// is NewChats, Failovers, PacedAt and the three times until which it is full. A
// fleet counts use itself and ignores the use given to it here; only
// fleet.NewView takes the use from the line.
type Line struct {
	// Number is the line's phone number and its identity. Required.
	Number recipients.Handle

	// ID is the vendor's id of the number, and Forwarding the number that its
	// calls are forwarded to. Lists of lines show them; no decision uses them.
	ID         string
	Forwarding string

	// Status and Reputation are the line's health. Zero stands for Active and
	// Healthy.
	Status     Status
	Reputation Reputation

	// Ineligible takes the line out of service without flagging it: like a
	// flagged line it neither opens nor continues chats.
	Ineligible bool

	// Services is what the line can send over; zero means everything.
	Services ServiceSet

	// Limits are the line's allowances; zero means none.
	Limits Limits

	// Guard, if set, replaces the guard of the fleet for this line; the zero
	// Guard turns it off. No code changes the value behind the pointer.
	Guard *Guard

	// StartedAt is when the line was first used; zero means long ago.
	// RecoveredAt is when the line last became active after it was flagged. If
	// events report a later recovery, a fleet uses that. The ramp of a guard
	// counts from the later of the two ([Line.Start]).
	StartedAt   time.Time
	RecoveredAt time.Time

	// Label is your own word for the line, such as a campaign or a brand. A
	// policy with fleet.ByLabel prefers lines with the label of the query.
	// Empty matches nothing.
	Label string

	// NewChats is how many chats the line opened in the window: the current
	// UTC hour and the 24 before it, picks in flight included. It may be too
	// high by the oldest hour and is never too low.
	NewChats int

	// Failovers is how many of NewChats are failovers. PacedAt is the paced
	// time of the line ([Pace]). Both include picks in flight.
	Failovers int
	PacedAt   time.Time

	// Allowance is how many new chats the line may open in the window, 0 for
	// any number: its limit, or less while the line is young. A view sets it,
	// for the properties of a policy. A fleet ignores it in the lines that it
	// gets.
	Allowance int

	// NewChatsFullUntil is set if a commit found the line at its limit of new
	// chats: the line opens no chat before that time. MessagesFullUntil is the
	// same for the message limit. FailoversFullUntil is the same for the
	// failover share: the line takes no failover before that time. Zero, or a
	// time that has passed, means not full.
	NewChatsFullUntil  time.Time
	MessagesFullUntil  time.Time
	FailoversFullUntil time.Time

	// ChangedAt is when Status and Reputation last changed; zero if that is not
	// known. With ChangedAt, the line counts like an event of that time.
	// Without it, the line never replaces what an event has reported.
	ChangedAt time.Time

	// Err, if set, says why the source cannot read the line, such as the error
	// of rows.Scan. [Line.Validate] then fails, and a fleet with a source sets
	// this line aside.
	Err error
}

// Limits are the allowances of one line, from 1 to 1,000,000,000; zero means no
// limit. Both count a window of the current UTC hour and the 24 before it, so
// that a limit is never exceeded in any 24 hours (docs/rules.md §10). Messages
// are counted by a store alone: in a fleet that follows none their limit stops
// nothing.
type Limits struct {
	NewChatsPerDay int
	MessagesPerDay int
}

// CanContinue reports whether the line may send into chats that it already has:
// it is active and eligible. Reputation, services and limits do not stop it
// (docs/rules.md §9).
func (l Line) CanContinue() bool { return l.Status != Flagged && !l.Ineligible }

// Start returns the time from which the ramp of a guard counts: the later of
// StartedAt and RecoveredAt; zero if neither is known.
func (l Line) Start() time.Time { return latest(l.StartedAt, l.RecoveredAt) }

// Validate returns an error wrapping [ErrLine] if a field of the line has a
// value that its comment does not allow, and nil if a fleet or a view can use
// the line.
func (l Line) Validate() error {
	switch {
	case l.Err != nil && l.Number.IsPhone():
		return fmt.Errorf("%w: %s: %w", ErrLine, l.Number, l.Err)
	case l.Err != nil:
		return fmt.Errorf("%w: %w", ErrLine, l.Err)
	case !l.Number.IsPhone():
		return fmt.Errorf("%w: the number of a line is a phone number", ErrLine)
	case l.Status != 0 && !l.Status.IsValid():
		return fmt.Errorf("%w: %s: %v", ErrLine, l.Number, l.Status)
	case l.Reputation != 0 && !l.Reputation.IsValid():
		return fmt.Errorf("%w: %s: %v", ErrLine, l.Number, l.Reputation)
	case !l.Services.IsValid():
		return fmt.Errorf("%w: %s: it serves nothing: name its services with line.Services, or leave them out for all", ErrLine, l.Number)
	case !inRange(l.Limits.NewChatsPerDay) || !inRange(l.Limits.MessagesPerDay):
		return fmt.Errorf("%w: %s: limits of %d new chats and %d messages a day: a limit is from 1 to %d, or 0 for none",
			ErrLine, l.Number, l.Limits.NewChatsPerDay, l.Limits.MessagesPerDay, MaxLimit)
	case !inRange(l.NewChats):
		return fmt.Errorf("%w: %s: %d new chats", ErrLine, l.Number, l.NewChats)
	case !inRange(l.Failovers):
		return fmt.Errorf("%w: %s: %d failovers", ErrLine, l.Number, l.Failovers)
	case l.Guard != nil:
		if err := l.Guard.Validate(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrLine, l.Number, err)
		}
	}
	return nil
}

// MaxLimit is the greatest limit of a line, and the greatest use it can have.
const MaxLimit = 1_000_000_000

func inRange(n int) bool { return n >= 0 && n <= MaxLimit }

// Normal returns the line with Active for the zero status, and Healthy for the
// zero reputation.
func (l Line) Normal() Line {
	if l.Status == 0 {
		l.Status = Active
	}
	if l.Reputation == 0 {
		l.Reputation = Healthy
	}
	return l
}
