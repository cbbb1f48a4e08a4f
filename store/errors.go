package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

var (
	// ErrNotWritten is wrapped by every error after which nothing was written:
	// conflicts, ErrInvalid, ErrFull, ErrClosed and others below.
	ErrNotWritten = errors.New("nothing was written")

	// ErrInvalid means that the arguments contradict themselves or the
	// contract. Repeating the call cannot help.
	ErrInvalid error = refused("invalid store request")

	// ErrFull means that the store has no room for another record unless it
	// forgets one too early, which it never does. [record.full] Purge records,
	// or wait until some expire.
	ErrFull = fmt.Errorf("the store is full: %w", ErrNotWritten)

	// ErrClosed means that the store was closed.
	ErrClosed = fmt.Errorf("the store is closed: %w", ErrNotWritten)

	// ErrUnknownChat means that the tenant has no chat with that id.
	ErrUnknownChat = fmt.Errorf("unknown chat: %w", ErrNotWritten)

	// ErrNoRecord means that the tenant has no record of that message.
	ErrNoRecord = errors.New("no record of that message")

	// ErrLeaseLost means that a delivery is not leased to the caller, or not
	// any more: the lease ran out and another process may be sending it, or it
	// was settled.
	ErrLeaseLost = fmt.Errorf("the lease is lost: %w", ErrNotWritten)
)

// refused is an error of a call that did not begin, which may be a read. It
// wraps ErrNotWritten without saying so.
type refused string

func (r refused) Error() string { return string(r) }
func (r refused) Unwrap() error { return ErrNotWritten }

func invalid(what string) error { return fmt.Errorf("%w: %s", ErrInvalid, what) }

// ConflictKind says which basis of a plan no longer holds.
type ConflictKind uint8

const (
	// RevisionMoved: the chats of the set have changed since the look-up.
	// [conflict.revision]
	RevisionMoved ConflictKind = 1 + iota
	// LineFull: the line has opened as many chats as it may for now.
	// [conflict.full]
	LineFull
	// KeyTaken: a record with the same key, or the same message id, exists.
	// [conflict.key]
	KeyTaken
	// LinePaced: the line has opened a chat too recently. [conflict.paced]
	LinePaced
	// FailoversFull: the line has taken as many failovers as it may for now.
	// [conflict.failovers]
	FailoversFull
)

// String returns a word for logs and metrics: revision_moved, line_full,
// key_taken, line_paced or failovers_full.
func (k ConflictKind) String() string {
	switch k {
	case RevisionMoved:
		return "revision_moved"
	case LineFull:
		return "line_full"
	case KeyTaken:
		return "key_taken"
	case LinePaced:
		return "line_paced"
	case FailoversFull:
		return "failovers_full"
	}
	return fmt.Sprintf("conflict(%d)", uint8(k))
}

// Conflict is the error of a Commit that wrote nothing, because the basis of
// the plan had changed. The caller looks up and decides again.
type Conflict struct {
	Kind ConflictKind

	// Line and NextFree are set for LineFull, LinePaced and FailoversFull: the
	// line, and when it may open a chat again if it opens none until then.
	// NextFree is the start of an hour, or for LinePaced a slot.
	Line     recipients.Handle
	NextFree time.Time
}

// Error names the kind of conflict, and masks the line.
func (c *Conflict) Error() string {
	switch c.Kind {
	case LineFull, LinePaced:
		return fmt.Sprintf("store: conflict: line %s may open no chat before %s",
			c.Line.Masked(), c.NextFree.Format(time.RFC3339Nano))
	case FailoversFull:
		return fmt.Sprintf("store: conflict: line %s may take no failover before %s",
			c.Line.Masked(), c.NextFree.Format(time.RFC3339Nano))
	}
	return "store: conflict: " + c.Kind.String()
}

// Unwrap returns ErrNotWritten.
func (c *Conflict) Unwrap() error { return ErrNotWritten }

// EventError says which event of an Apply failed, and why.
type EventError struct {
	Index int       // in the slice given to Apply
	Chat  uuid.UUID // the chat of the event
	Err   error     // wraps ErrInvalid, ErrUnknownChat, or the error of the engine
}

// Error names the event by its index and chat.
func (e *EventError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("store: event %d (chat %s) cannot be applied", e.Index, e.Chat)
	}
	return fmt.Sprintf("store: event %d (chat %s): %v", e.Index, e.Chat, e.Err)
}

// Unwrap returns Err.
func (e *EventError) Unwrap() error { return e.Err }
