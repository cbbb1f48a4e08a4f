package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// MaxMoves is the largest number of moves that a record keeps: the newest ones.
const MaxMoves = 8

// Move is an earlier place of a rerouted message.
type Move struct {
	ChatID uuid.UUID
	Line   recipients.Handle
	At     time.Time // when that was decided
}

// ParkReason says why a delivery is parked.
type ParkReason uint8

// The reasons.
const (
	// ParkedAttempts: its attempts are used up.
	ParkedAttempts ParkReason = 1 + iota
	// ParkedRefused: the receiver refused the message for good.
	ParkedRefused
	// ParkedLineFlagged: its line cannot continue, and it was not rerouted.
	ParkedLineFlagged
	// ParkedNoLine: it waited for another line for too long.
	ParkedNoLine
	// ParkedUnreadable: its row is damaged, so that no release can read it.
	ParkedUnreadable
)

var parkReasons = [...]string{ParkedAttempts: "attempts", ParkedRefused: "refused", ParkedLineFlagged: "line_flagged", ParkedNoLine: "no_line", ParkedUnreadable: "unreadable"}

// IsValid reports whether r is one of the reasons.
func (r ParkReason) IsValid() bool { return 0 < r && int(r) < len(parkReasons) }

// String returns attempts, refused, line_flagged, no_line or unreadable.
func (r ParkReason) String() string {
	if r.IsValid() {
		return parkReasons[r]
	}
	return fmt.Sprintf("park_reason(%d)", uint8(r))
}

// ParseParkReason parses a text of String. Any other text is an error.
func ParseParkReason(s string) (ParkReason, error) {
	for i, name := range parkReasons {
		if i > 0 && s == name {
			return ParkReason(i), nil
		}
	}
	return 0, fmt.Errorf("store: %q is no reason to park: it is attempts, refused, line_flagged, no_line or unreadable", s)
}

// CheckPark returns an error wrapping ErrInvalid if an argument of Park is out
// of its range.
func CheckPark(attempts int, why ParkReason) error {
	if !why.IsValid() {
		return invalid(fmt.Sprintf("%v is no reason to park", why))
	}
	return CheckAttempts(attempts)
}

// CheckReroute returns an error wrapping ErrInvalid if an argument of Reroute
// is out of its range.
func CheckReroute(id LeaseID, p *Plan) error {
	switch err := p.Check(); {
	case err != nil:
		return err
	case p.Tenant != id.Tenant || p.MessageID != id.MessageID:
		return invalid("the plan is about another message than the lease")
	case p.Content == nil:
		return invalid("a message that is rerouted has content")
	}
	return nil
}

// Rerouter is the part of an Outbox that moves a message to another line.
type Rerouter interface {
	// Reroute commits another decision about a message that is leased to the
	// caller, in one atomic step. The plan's record replaces the record of the
	// message, if the store still has that, and the plan's delivery replaces
	// its delivery: in the plan's chat, due at once, without attempts.
	// [reroute.moves] The delivery keeps its place in the order of commits.
	// [reroute.order] The lease ends.
	//
	// Everything else is as in Commit: the basis of the plan, the changes of
	// chats, the limit and the conflicts. It is no conflict that the message
	// itself has the message id and the key. After a conflict the delivery is
	// leased as before. [reroute.conflict] If the lease is not the caller's, or
	// not any more, or if the people have been forgotten, the error wraps
	// ErrLeaseLost. [reroute.lease]
	Reroute(ctx context.Context, id LeaseID, p *Plan) error
}
