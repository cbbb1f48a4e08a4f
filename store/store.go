package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// MaxChats is how many matching chats a Lookup returns at most, the most
// recently active first (docs/rules.md §9).
const MaxChats = 32

// ChatStore remembers chats, decisions and use. Implementations are safe for
// concurrent use by any number of goroutines and, where they share an engine,
// processes.
type ChatStore interface {
	// Lookup returns what is known about one recipient set, and what was
	// decided under an idempotency key or for a message id, as of one moment:
	// the chats, the revision and the record belong together. It changes
	// nothing. An unknown set is not an error: no chats, and a revision that a
	// plan opening its first chat can be based on.
	Lookup(ctx context.Context, q Query) (Snapshot, error)

	// Commit applies the whole plan or nothing: it opens or touches the chat,
	// notes the successor on the abandoned one, counts the new chat and the
	// message against the line, keeps the record and enqueues the delivery.
	//
	// It returns nil when all of that is durable; a *Conflict when the plan
	// rests on something that has changed; another error wrapping ErrNotWritten
	// when the store refused for a reason of its own; and any other error when
	// the outcome is unknown. When several conflicts hold, which one is
	// reported is not specified. A plan that contradicts the very state it
	// rests on (see Plan) is refused with ErrInvalid; a conflict goes before
	// that and before ErrFull, because looking up again mends it.
	Commit(ctx context.Context, p *Plan) error

	// Apply tells the store what happened to chats outside of commits, in
	// order. Each event is applied whole or not at all. The first event that
	// cannot be applied ends the call with an *EventError that holds its index;
	// those before it stay applied. Every event is idempotent, so the same
	// slice may be applied again (which counts the messages of an Activity
	// again). An event that changes nothing moves no revision. Bulk loads pass
	// many events at once: a store applies a slice in as few round trips as it
	// can.
	Apply(ctx context.Context, tenant string, events []Event) error
}

// Query says what a Lookup is to return.
type Query struct {
	Tenant string         // whose chats; the empty tenant is an error
	Set    recipients.Key // which people

	// SkipNamed leaves out groups whose name was set explicitly, so that the
	// limit of MaxChats counts only chats that may match (docs/rules.md §9).
	SkipNamed bool

	// IdempotencyKey selects the record to return; when it is empty, MessageID
	// does, unless that is zero too. Keys are compared byte by byte.
	IdempotencyKey string
	MessageID      uuid.UUID

	// Lines are the lines whose use is wanted, none for a caller that follows
	// the use of all lines through a UsageReader.
	Lines []recipients.Handle
}

// Snapshot is what a Lookup saw at one moment.
type Snapshot struct {
	// Chats are the chats of the tenant whose active participants are exactly
	// the set and whose line has not left, the most recently active first;
	// ties: the later created, then the smaller id.
	Chats []Chat

	// More says that there were more than MaxChats of them.
	More bool

	// Revision is what a plan about this set has to rest on.
	Revision Revision

	// Record is the decision kept under the query's key or message id, nil if
	// there is none. An expired record is returned until a purge removed it.
	Record *Record

	// Uses holds the use of each line of the query that has any, in the
	// query's order.
	Uses []line.Use
}

// Revision identifies the state of one recipient set; it is opaque and only
// compared for equality. It moves when a chat joins or leaves the set (opened,
// seen, participants changed, line left), when the name of a chat is set or
// cleared, when the note of a successor is set or cleared, and when another
// chat becomes the most recently active one. It does not move when the chat
// that already is the most recently active one becomes active again: such a
// touch checks the revision and leaves it, so that concurrent reuses of one
// chat do not conflict. The zero Revision is that of a set nobody has written
// about; a set whose chats were all forgotten may have it again. Any other is
// given to one state of a set only and never again, not even then.
type Revision uint64

// Chat is one conversation between a line and its other participants.
type Chat struct {
	ID     uuid.UUID
	Line   recipients.Handle
	Roster Roster // the active participants, our line not among them

	// Service is what the chat is known to run on, zero while unknown.
	Service message.Service

	Named    bool // the group has a name that somebody set
	LineLeft bool // our line is no longer in the chat; it matches nothing

	CreatedAt time.Time
	ActiveAt  time.Time // the last decided send or reported message, the later

	// Successor is the chat that took over when this one's line could not
	// continue, and SucceededAt when; zero if none did, or if the chat was
	// reused since.
	Successor   uuid.UUID
	SucceededAt time.Time
}
