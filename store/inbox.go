package store

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

const (
	// MaxNoteName is the length in bytes of the longest name of a note.
	MaxNoteName = 300

	// MaxNoteBody is the length in bytes of the longest body of a note.
	MaxNoteBody = 256 << 10
)

// DirectMessage is a message that a person sent to one of our lines, outside of
// groups.
type DirectMessage struct {
	Line, Sender recipients.Handle

	// Chat is the id of the chat if the message adds it.
	Chat uuid.UUID

	// Note is the name of the note about the chat of the message; empty if
	// there is none.
	Note string

	At      time.Time
	Service message.Service // zero: unknown

	// OptedOut says whether the message opts its sender out (true) or back in
	// (false); nil for neither.
	OptedOut *bool

	// UnlessBlocked drops the message if its sender is blocked.
	UnlessBlocked bool
}

// Heard says what Inbox.Hear did with a direct message.
type Heard uint8

// The values of Heard.
const (
	// HeardNews: something changed.
	HeardNews Heard = 1 + iota
	// HeardBefore: nothing changed. The store knew as much or more already.
	HeardBefore
	// HeardElsewhere: the chat of the message is on another line.
	HeardElsewhere
	// HeardLeft: our line has left the chat of the message.
	HeardLeft
	// HeardBlocked: the sender is blocked.
	HeardBlocked
)

// Inbox is implemented by stores that accept incoming messages, and keep the
// network's ids of chats and messages.
type Inbox interface {
	// Hear applies a direct message in one atomic step and one round trip. It
	// returns the chat of the message, and the zero id if the sender is
	// blocked.
	//
	// If the message states an opt-out or opt-in, Hear keeps it as
	// ChangeConsent does, even if it drops the message. [hear.consent] If the
	// sender is blocked and the message is to be dropped then, Hear does
	// nothing else. [hear.blocked]
	//
	// The chat of the message is the chat of the note, if it exists; else the
	// chat with the id Chat; else the most recently active direct chat of the
	// sender on the line, if the line has not left it. [hear.meant] If there is
	// none, Hear adds a chat as ChatSeen does: Chat, with the sender, created
	// and active at the time of the message. [hear.first] The note then names
	// the chat of the message, unless that is Chat and there was no note.
	// [hear.note]
	//
	// The chat becomes active at the time of the message, unless it was active
	// later; an unknown service is filled in. [hear.later] A message counts
	// against the line only if it adds its chat or makes it active later. So
	// hearing it again changes nothing. [hear.again]
	//
	// Hear does not change a chat that is on another line, or that the line has
	// left. [hear.elsewhere]
	Hear(ctx context.Context, tenant string, m DirectMessage) (chat uuid.UUID, heard Heard, err error)

	// Note returns the note with a name, whole, and the zero Note if there is
	// none. [note.whole]
	Note(ctx context.Context, tenant, name string) (Note, error)

	// KeepNote keeps a note if the note under its name is still the one that
	// the caller read: with the chat or message and the body of was, or none if
	// was is the zero Note. It returns whether it kept the note. [note.swap]
	//
	// A note of a message lives as long as the record of the message: it is
	// removed when the record is purged or forgotten. [note.record] If there is
	// no such record, the error wraps ErrNoRecord. [note.orphan] A note of a
	// chat is removed when the chat, or a person that the note names, is
	// forgotten, whether or not the chat exists. [note.forgotten]
	KeepNote(ctx context.Context, tenant string, was, now Note) (kept bool, err error)
}

// Note is a small text that a store keeps beside a chat or a message, such as
// the network's id of it.
type Note struct {
	Name string    // its name: 1 to MaxNoteName bytes, compared byte by byte
	Of   uuid.UUID // the chat or the message

	OfMessage bool
	Body      []byte // up to MaxNoteBody bytes, which a store does not interpret

	// Names are the names of the persons in the body, in any order; each is the
	// key of the set of that person alone. A note of a message has none.
	Names []recipients.Key
}

// Check returns an error wrapping ErrInvalid if the message contradicts itself.
// Every store calls it first.
func (m *DirectMessage) Check() error {
	switch {
	case !m.Line.IsPhone():
		return invalid("the line is not a phone number")
	case !m.Sender.IsValid():
		return invalid("the message has no sender")
	case m.Sender == m.Line:
		return invalid("the line wrote to itself")
	case m.Chat == uuid.Nil:
		return invalid("the chat id is zero")
	case len(m.Note) > MaxNoteName:
		return invalid(fmt.Sprintf("the name of the note has %d bytes, at most %d are kept", len(m.Note), MaxNoteName))
	}
	return cmp.Or(checkText("name of the note", m.Note), checkTime("time", m.At))
}

// CheckNote returns an error wrapping ErrInvalid if an argument of KeepNote is
// out of its range.
func CheckNote(tenant string, was, now *Note) error {
	if was.Name != "" && was.Name != now.Name {
		return invalid("a note keeps its name")
	}
	return cmp.Or(CheckTenant(tenant), now.check())
}

// CheckNoteName returns an error wrapping ErrInvalid unless a note can have
// that name.
func CheckNoteName(name string) error {
	if name == "" || len(name) > MaxNoteName {
		return invalid(fmt.Sprintf("the name of a note has %d bytes, and may have 1 to %d", len(name), MaxNoteName))
	}
	return checkText("name of the note", name)
}

func (n *Note) check() error {
	switch {
	case n.Of == uuid.Nil:
		return invalid("a note is of a chat or a message")
	case len(n.Body) > MaxNoteBody:
		return invalid(fmt.Sprintf("the body of the note has %d bytes, at most %d are kept", len(n.Body), MaxNoteBody))
	case n.OfMessage && len(n.Names) > 0:
		return invalid("a note of a message names no persons")
	}
	return CheckNoteName(n.Name)
}

// Format prints a note without its name, its body and the persons it names.
func (n Note) Format(f fmt.State, verb rune) {
	what := "chat "
	if n.OfMessage {
		what = "message "
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), "a note of "+what+n.Of.String())
}

// LogValue returns what %+v prints.
func (n Note) LogValue() slog.Value { return printed(n) }

// Format prints the message with its sender masked, and without the name of its
// note.
func (m DirectMessage) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), m.Sender.Masked()+" wrote to "+m.Line.String()+" in chat "+m.Chat.String())
}

// LogValue returns what %+v prints.
func (m DirectMessage) LogValue() slog.Value { return printed(m) }
