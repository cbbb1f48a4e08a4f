package store

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Event is a change of a chat outside of a commit: one of ChatSeen, Activity,
// ParticipantAdded, ParticipantRemoved, Renamed and LineLeft, by value.
type Event interface {
	// ChatID returns the chat of the event.
	ChatID() uuid.UUID
	// Check returns an error wrapping ErrInvalid if the event contradicts
	// itself. Every store calls it before it applies the event, and refuses an
	// event of another type in the same way. [event.check]
	Check() error
}

// ChatSeen adds a chat that existed before, or that people opened by writing
// first. Its participants joined at CreatedAt. [seen.known] It takes no
// new-chat slot and counts no message. [seen.slot]
//
// If the store has the chat already, ChatSeen only advances its activity and
// fills in an unknown service: changes by later events stay. [seen.again] A
// chat that the store has on another line is refused with ErrInvalid.
// [seen.line]
type ChatSeen struct {
	ID           uuid.UUID
	Line         recipients.Handle
	Participants recipients.Set // without our line
	Named        bool
	Service      message.Service // zero: unknown
	CreatedAt    time.Time
	ActiveAt     time.Time // not before CreatedAt; zero means CreatedAt
}

// Activity reports messages in a chat at a time, in either direction. The
// activity of the chat becomes At, unless it is later already. [activity.later]
// So the activity of a chat never goes back, here and in commits.
// [activity.forward]
//
// The messages count against the line's message limit; 0 counts as 1. They move
// no window of new chats. [activity.messages] Do not report committed sends:
// they count already.
type Activity struct {
	Chat     uuid.UUID
	At       time.Time
	Messages int
}

// ParticipantAdded reports that a handle joined at a time. The chat then
// matches the larger set. [participant.moves] A handle that takes part already
// changes nothing. [participant.idle] The chat's own line cannot join, and is
// refused with ErrInvalid. [participant.line]
//
// A chat may grow beyond recipients.MaxRecipients (see recipients.NewLargeSet).
// No send has so many recipients, so it matches nothing until it is smaller
// again. [participant.large]
type ParticipantAdded struct {
	Chat   uuid.UUID
	Handle recipients.Handle
	At     time.Time
}

// ParticipantRemoved reports that a handle left or was removed. The chat then
// matches the smaller set, or nothing while it has no participants.
// [participant.none] A handle that does not take part changes nothing.
type ParticipantRemoved struct {
	Chat   uuid.UUID
	Handle recipients.Handle
}

// Renamed reports that the name of a group was set, or cleared. [name.set]
type Renamed struct {
	Chat  uuid.UUID
	Named bool
}

// LineLeft reports that our line has left the chat. From then on the chat
// matches nothing. [chat.left]
type LineLeft struct {
	Chat uuid.UUID
}

// ChatID returns the chat of the event.
func (e ChatSeen) ChatID() uuid.UUID { return e.ID }

// ChatID returns the chat of the event.
func (e Activity) ChatID() uuid.UUID { return e.Chat }

// ChatID returns the chat of the event.
func (e ParticipantAdded) ChatID() uuid.UUID { return e.Chat }

// ChatID returns the chat of the event.
func (e ParticipantRemoved) ChatID() uuid.UUID { return e.Chat }

// ChatID returns the chat of the event.
func (e Renamed) ChatID() uuid.UUID { return e.Chat }

// ChatID returns the chat of the event.
func (e LineLeft) ChatID() uuid.UUID { return e.Chat }

// Check implements Event.
func (e ChatSeen) Check() error {
	switch {
	case e.ID == uuid.Nil:
		return invalid("the chat id is zero")
	case !e.Line.IsPhone():
		return invalid("the line is not a phone number")
	case e.Participants.Len() == 0:
		return invalid("the chat has no participants")
	case e.Participants.Contains(e.Line):
		return invalid("the line is listed among the participants: leave it out")
	case !e.ActiveAt.IsZero() && e.ActiveAt.Before(e.CreatedAt):
		return invalid("the chat was active before it was created")
	case !e.ActiveAt.IsZero():
		return cmp.Or(checkTime("creation time", e.CreatedAt), checkTime("time of the last activity", e.ActiveAt))
	}
	return checkTime("creation time", e.CreatedAt)
}

// Check implements Event.
func (e Activity) Check() error {
	switch {
	case e.Chat == uuid.Nil:
		return invalid("the chat id is zero")
	case e.Messages < 0:
		return invalid("the number of messages is negative")
	}
	return checkTime("time", e.At)
}

// Check implements Event.
func (e ParticipantAdded) Check() error {
	switch {
	case e.Chat == uuid.Nil:
		return invalid("the chat id is zero")
	case !e.Handle.IsValid():
		return invalid("the handle is empty")
	}
	return checkTime("time", e.At)
}

// Check implements Event.
func (e ParticipantRemoved) Check() error {
	switch {
	case e.Chat == uuid.Nil:
		return invalid("the chat id is zero")
	case !e.Handle.IsValid():
		return invalid("the handle is empty")
	}
	return nil
}

// Check implements Event.
func (e Renamed) Check() error { return checkChat(e.Chat) }

// Check implements Event.
func (e LineLeft) Check() error { return checkChat(e.Chat) }

func checkChat(id uuid.UUID) error {
	if id == uuid.Nil {
		return invalid("the chat id is zero")
	}
	return nil
}
