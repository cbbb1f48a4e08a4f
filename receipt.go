package fromline

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
)

// Receipt is the answer to an event. POST /v3/events and fromline route write
// it as it is.
type Receipt struct {
	EventType string `json:"event_type"`
	EventID   string `json:"event_id,omitzero"`

	// Applied says whether a value changed.
	Applied bool `json:"applied"`

	// Reason says why nothing was applied, in one stable word; empty where
	// something was.
	Reason Reason `json:"reason,omitzero"`

	// Chat is the chat that an event of [Router.Receive] is about. It is zero
	// where there is none, where the chat is on another line, and for events
	// about what became of a sent message. It is no part of the JSON form.
	Chat uuid.UUID `json:"-"`
}

// Reason says why an event was acknowledged and not applied. It is one stable
// word of the HTTP answer.
type Reason string

// The reasons.
const (
	// NotNewer: the event is no later than what is known, or says the same.
	NotNewer Reason = "not_newer"
	// UnknownLine: the number is no line of the tenant.
	UnknownLine Reason = "unknown_line"
	// UnknownType: the Router does not use events of this type.
	UnknownType Reason = "unknown_type"
	// UnknownChat: the store does not know the chat.
	UnknownChat Reason = "unknown_chat"
	// ParticipantsUnknown: the store does not know the chat, and the event does
	// not list its people or names a participant that is no handle. What it
	// says of a group is kept until an event lists the people.
	ParticipantsUnknown Reason = "participants_unknown"
	// LineLeft: our line has left the chat.
	LineLeft Reason = "line_left"
	// NotKept: the store has no record of the message, or none any more.
	NotKept Reason = "not_kept"
	// SenderBlocked: the tenant has blocked the person who wrote the message.
	SenderBlocked Reason = "blocked"
)

// Acknowledge takes in an event as [Router.ReportLine] does, and returns what
// answers it. An event about a number that is not ours is acknowledged too: the
// vendor repeats an event after an answer of 5xx or 429, and repeating this one
// would not help. The error is one of ReportLine, and never
// fleet.ErrUnknownNumber. It is safe for concurrent use.
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
