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

// DirectMessage is a message that a person sent to one of our lines, and to no
// other.
type DirectMessage struct {
	Line, Sender recipients.Handle

	// Chat is the id that the chat gets where it becomes known by the message.
	Chat uuid.UUID

	// Note is the name of the note with the chat of the message; empty for
	// none.
	Note string

	At      time.Time
	Service message.Service // zero: unknown

	// OptedOut says whether the message opts its sender out (true) or back in
	// (false); nil for neither.
	OptedOut *bool

	// UnlessBlocked says that the message is dropped where its sender is blocked.
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

// Inbox is implemented by stores that take in incoming messages, and keep the
// network's ids of chats and messages.
type Inbox interface {
	// Hear takes in a direct message, in one atomic step and one round trip. It
	// returns the chat of the message, and the zero id where the sender is
	// blocked.
	//
	// What the message says of opting out is kept as ChangeConsent keeps it,
	// whatever comes of the rest. [hear.consent] Where the sender is blocked and the
	// message is to be dropped then, that is all. [hear.blocked]
	//
	// Meant is the chat that the note is about, if there is that chat; else the one
	// with the id Chat; else the most recently active direct chat of the sender on
	// the line that this has not left. [hear.meant] Where there is none, a chat
	// becomes known as ChatSeen makes one known: Chat, with the sender, created and
	// active at the time of the message. [hear.first] The note is then about the
	// chat that is meant, unless that is the chat Chat and there was no note.
	// [hear.note]
	//
	// The chat becomes active at the time of the message, unless it was active
	// later; a service that was not known is filled in. [hear.later] A message that
	// makes its chat known or active later is counted against the line, and no
	// other. So hearing one again changes nothing. [hear.again]
	//
	// A chat on another line, and one that the line has left, are not changed.
	// [hear.elsewhere]
	Hear(ctx context.Context, tenant string, m DirectMessage) (chat uuid.UUID, heard Heard, err error)

	// Note returns the note of a name, with all that it says, and the zero Note
	// where there is none. [note.whole]
	Note(ctx context.Context, tenant, name string) (Note, error)

	// KeepNote keeps a note, if what is kept under its name is still what the
	// caller read: the body and the chat or message of was, or nothing where that
	// is the zero Note. It says whether it kept the note. [note.swap]
	//
	// A note of a message lives as long as the record of the message: it goes when
	// that is purged or forgotten, [note.record] and is refused with an error
	// wrapping ErrNoRecord where there is none. [note.orphan] A note of a chat goes
	// when the chat is forgotten, or a person that it names, whether or not there
	// is that chat. [note.forgotten]
	KeepNote(ctx context.Context, tenant string, was, now Note) (kept bool, err error)
}

// Note is a small text that a store keeps beside a chat or a message, such as
// the network's id of it.
type Note struct {
	Name string    // what it is found by: 1 to MaxNoteName bytes, compared byte by byte
	Of   uuid.UUID // the chat or the message

	OfMessage bool
	Body      []byte // up to MaxNoteBody bytes, which mean nothing to a store

	// Names are those of the persons that the body names, in any order; each is the
	// key of the set of that person alone. A note of a message has none.
	Names []recipients.Key
}

// Check returns an error wrapping ErrInvalid when the message contradicts itself.
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

// CheckNote returns an error wrapping ErrInvalid where an argument of KeepNote
// is out of its range.
func CheckNote(tenant string, was, now *Note) error {
	if was.Name != "" && was.Name != now.Name {
		return invalid("a note keeps its name")
	}
	return cmp.Or(CheckTenant(tenant), now.check())
}

// CheckNoteName returns an error wrapping ErrInvalid unless a note can have that
// name.
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

// Format prints a note without its name, its body and the persons that it names.
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
