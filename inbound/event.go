package inbound

import (
	"time"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// The types of events that fromline uses, by the vendor's names.
const (
	MessageReceived    = "message.received"
	MessageSent        = "message.sent"
	MessageDelivered   = "message.delivered"
	MessageRead        = "message.read"
	MessageFailed      = "message.failed"
	ChatCreated        = "chat.created"
	GroupNameUpdated   = "chat.group_name_updated"
	ParticipantAdded   = "participant.added"
	ParticipantRemoved = "participant.removed"
)

// Event is one event of a network about a chat. Fields that events of its type
// do not have are zero.
type Event struct {
	Type string // one of the constants; others tell nothing
	ID   string // the network's id of the event; may be empty

	// At is when the event happened, and not when it was reported. For a
	// message that the network found later, it is when the message was sent. It
	// may be at most [MaxAhead] in the future.
	At time.Time

	// Line is our line in the chat. It may be zero if the id of the chat is
	// known, and for MessageDelivered, MessageRead and MessageFailed, which are
	// found by their message.
	Line recipients.Handle

	// Chat and Message are the network's ids, of 1 to [MaxReference] bytes;
	// empty if the event names none.
	Chat    string
	Message string

	// Key is the idempotency key of a message that we sent; empty if the event
	// names none.
	Key string

	// Sender wrote the message: our line if FromMe is set. It is zero if the
	// sender is no handle, such as a short code or the name of a company.
	Sender recipients.Handle
	FromMe bool

	// Participants are all people in the chat if the event lists them, and nil
	// otherwise. Our line may be among them.
	Participants []recipients.Handle

	// Participant joined or left; for ParticipantAdded and ParticipantRemoved.
	// It may be our line. It is zero if the event names something that is no
	// handle.
	Participant recipients.Handle

	// Group says that the event describes the chat as a group.
	Group bool

	// Service is the service of the message or the chat; zero: unknown.
	Service message.Service

	// Named says that a person gave the group a name; for GroupNameUpdated and
	// ChatCreated.
	Named bool

	// Text is the text of a message with one text part and nothing else, for
	// the opt-out rule; nil for all other messages.
	Text *Text

	// Reconciled says that the network found the message later, so that it is
	// history.
	Reconciled bool

	// Failure is the code that MessageFailed names; 0: none.
	Failure int
}

// MaxReference is the greatest length in bytes of a network's id of a chat or
// message.
const MaxReference = 255

// Known reports whether fromline uses events of this type.
func (e *Event) Known() bool {
	switch e.Type {
	case MessageReceived, MessageSent, MessageDelivered, MessageRead, MessageFailed,
		ChatCreated, GroupNameUpdated, ParticipantAdded, ParticipantRemoved:
		return true
	}
	return false
}

// Others returns the people in the chat without our line: those that the event
// lists, or the sender of a direct message. The zero Set means that the event
// does not name them. A list with a zero handle is an error.
func (e *Event) Others() (recipients.Set, error) {
	if e.Participants == nil {
		if e.Type == MessageReceived && !e.Group && !e.FromMe && e.Sender.IsValid() && e.Sender != e.Line {
			return recipients.NewSet(e.Sender)
		}
		return recipients.Set{}, nil
	}
	people := make([]recipients.Handle, 0, len(e.Participants))
	for _, h := range e.Participants {
		if h != e.Line {
			people = append(people, h)
		}
	}
	if len(people) == 0 {
		return recipients.Set{}, nil
	}
	return recipients.NewLargeSet(people...)
}
