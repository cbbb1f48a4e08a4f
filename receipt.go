package fromline

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
)

// Receipt is the answer to an event. POST /v3/events and fromline route write
// it unchanged.
type Receipt struct {
	EventType string `json:"event_type"`
	EventID   string `json:"event_id,omitzero"`

	// Applied says whether a value changed.
	Applied bool `json:"applied"`

	// Reason says why nothing changed, in one stable word; empty if Applied is
	// true.
	Reason Reason `json:"reason,omitzero"`

	// Chat is the chat of an event of [Router.Receive]. It is zero if there is
	// none, if the chat is on another line, and for events about the status of
	// a sent message. It is not in the JSON form.
	Chat uuid.UUID `json:"-"`
}

// Reason says why an event changed nothing. It is one stable word of the HTTP
// answer.
type Reason string

// The reasons.
const (
	// NotNewer: the store already knows this, or something later.
	NotNewer Reason = "not_newer"
	// UnknownLine: the number is not a line of the tenant.
	UnknownLine Reason = "unknown_line"
	// UnknownType: the Router does not use events of this type.
	UnknownType Reason = "unknown_type"
	// UnknownChat: the store does not know the chat.
	UnknownChat Reason = "unknown_chat"
	// ParticipantsUnknown: the store does not know the chat, and the event does
	// not list its people or names a participant that is no handle. The store
	// keeps what the event says about a group until another event lists the
	// people.
	ParticipantsUnknown Reason = "participants_unknown"
	// LineLeft: our line has left the chat.
	LineLeft Reason = "line_left"
	// NotKept: the store has no record of the message, or none any more.
	NotKept Reason = "not_kept"
	// SenderBlocked: the tenant has blocked the person who wrote the message.
	SenderBlocked Reason = "blocked"
)

// Acknowledge applies an event as [Router.ReportLine] does, and returns the
// answer to it. An event about a number that is not ours is no error here: the
// vendor repeats an event after an answer of 5xx or 429, and to repeat this one
// would not help. The errors are those of ReportLine except
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
