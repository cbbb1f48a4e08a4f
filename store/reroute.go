package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// MaxMoves is how many moves a record keeps, the newest ones.
const MaxMoves = 8

// Move is where a message was to go before it was rerouted.
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
	// ParkedLineFlagged: its line can no longer continue, and it was not rerouted.
	ParkedLineFlagged
	// ParkedNoLine: it waited for another line longer than it may.
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

// ParseParkReason reads what String returns.
func ParseParkReason(s string) (ParkReason, error) {
	for i, name := range parkReasons {
		if i > 0 && s == name {
			return ParkReason(i), nil
		}
	}
	return 0, fmt.Errorf("store: %q is no reason to park: it is attempts, refused, line_flagged, no_line or unreadable", s)
}

// CheckPark returns an error wrapping ErrInvalid where an argument of Park is
// out of its range.
func CheckPark(attempts int, why ParkReason) error {
	if !why.IsValid() {
		return invalid(fmt.Sprintf("%v is no reason to park", why))
	}
	return CheckAttempts(attempts)
}

// CheckReroute returns an error wrapping ErrInvalid where an argument of
// Reroute is out of its range.
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
	// Reroute makes another decision about a message that is leased to the caller
	// durable, in one atomic step: the plan's record takes the place of the record
	// of the message, if that is still kept, and the plan's delivery that of its
	// delivery, in the plan's chat and due at once, with no attempts. [reroute.moves]
	// It keeps its place in the order of commits. [reroute.order] The lease ends.
	//
	// All else is as in Commit: what the plan rests on, what it does to the chats,
	// the limit and the conflicts; that the message id and the key are taken by the
	// message itself is none. After a conflict the delivery is leased as before.
	// [reroute.conflict] Where the lease is not the caller's (any more), or the
	// people have been forgotten, the error wraps ErrLeaseLost. [reroute.lease]
	Reroute(ctx context.Context, id LeaseID, p *Plan) error
}
