package fromline

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
)

// Receipt is what answers an event: POST /v3/events and fromline route write it
// as it is.
type Receipt struct {
	EventType string `json:"event_type"`
	EventID   string `json:"event_id,omitzero"`

	// Applied says whether a value changed.
	Applied bool `json:"applied"`

	// Reason says why nothing was applied, in one stable word; empty where
	// something was.
	Reason Reason `json:"reason,omitzero"`

	// Chat is the chat of ours that an event of [Router.Receive] is about. It is
	// zero where there is none, where the chat is on another line, and for what is
	// told of a message after it was sent. It is no part of the JSON form.
	Chat uuid.UUID `json:"-"`
}

// Reason says why an event was acknowledged and not applied. It is a stable
// word of the wire.
type Reason string

// The reasons.
const (
	// NotNewer events say nothing later than what is known, or the same value.
	NotNewer Reason = "not_newer"
	// UnknownLine events are about a number that is no line of the tenant.
	UnknownLine Reason = "unknown_line"
	// UnknownType events are of a type that tells nothing.
	UnknownType Reason = "unknown_type"
	// UnknownChat events are about a chat that the store does not know.
	UnknownChat Reason = "unknown_chat"
	// ParticipantsUnknown events are of a chat that is not known and do not say
	// who is in it, or name as a participant what is no handle. What they say of a
	// group is kept until an event lists its people.
	ParticipantsUnknown Reason = "participants_unknown"
	// LineLeft events are about a chat that our line has left.
	LineLeft Reason = "line_left"
	// NotKept events tell what became of a message of which there is no record, or
	// none any more.
	NotKept Reason = "not_kept"
	// SenderBlocked events are messages of a person whom the tenant has blocked.
	SenderBlocked Reason = "blocked"
)

// Acknowledge takes in an event as [Router.ReportLine] does, and returns what
// answers it. An event that cannot be meant for us is acknowledged: the vendor
// repeats only what was answered with 5xx or 429, and repeating it would not
// help. The error is one of ReportLine, and never fleet.ErrUnknownNumber. It is
// safe for concurrent use.
func (r *Router) Acknowledge(ctx context.Context, e fleet.Event) (Receipt, error) {
	receipt := Receipt{EventType: e.Type, EventID: e.ID}
	if !e.ChangesLine() {
		receipt.Reason = UnknownType
		return receipt, nil
	}
	applied, err := r.ReportLine(ctx, e)
	switch {
	case errors.Is(err, fleet.ErrUnknownNumber):
		receipt.Reason = UnknownLine
		r.logUnknown(ctx, e)
		return receipt, nil
	case err != nil:
		return Receipt{}, err
	case !applied:
		receipt.Reason = NotNewer
	}
	receipt.Applied = applied
	return receipt, nil
}
