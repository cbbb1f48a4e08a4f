package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// MaxChats is the largest number of matching chats that a Lookup returns.
const MaxChats = 32

// ChatStore remembers chats, decisions and use. Its methods are safe for
// concurrent use.
type ChatStore interface {
	// Lookup returns the chats of one set of people, whole [lookup.whole], and
	// the record of an idempotency key or message id. The whole answer is of
	// one moment: the chats, the revision and the record belong together.
	// [lookup.moment]
	//
	// It changes nothing. [lookup.reads] A set that the store does not have,
	// such as that of the zero key, is no error: it has no chats, and a
	// revision on which a plan can open its first chat. [lookup.unknown]
	Lookup(ctx context.Context, q Query) (Snapshot, error)

	// Commit makes a plan durable, as a whole or not at all: it opens or
	// touches the chat, notes the successor on the chat that it takes over
	// from, counts the new chat and the message against the line, keeps the
	// record, and enqueues the delivery. The comment of the package says how it
	// ends.
	//
	// It checks in this order:
	//
	//   1. A plan that contradicts itself (see Plan.Check) is refused with
	//      ErrInvalid. [plan.invalid]
	//   2. A plan that rests on something that has changed is a *Conflict. If
	//      several conflicts hold, the store may report any of them.
	//   3. A plan that contradicts the state that it rests on is refused with
	//      ErrInvalid: it reuses a chat that is not of the set or not on the
	//      line, opens one that exists, or takes over from one that is not of
	//      the set. [plan.contradiction]
	//
	// A conflict is reported before such a contradiction and before ErrFull,
	// because a new look-up mends it. [conflict.first]
	Commit(ctx context.Context, p *Plan) error

	// Apply applies events that happened to chats outside of commits, in order.
	// Each event is applied whole or not at all. The first event that cannot be
	// applied ends the call with an *EventError that holds its index; the
	// events before it stay applied. [apply.order]
	//
	// Events about a chat that the tenant does not have are refused with
	// ErrUnknownChat, except ChatSeen, which adds the chat. [apply.unknown]
	// Every event is idempotent, except for the messages that an Activity
	// counts, so a caller may apply a slice again. [event.idempotent] An event
	// that changes nothing moves no revision. [event.idle]
	//
	// A caller that loads in bulk passes many events at once, of any number of
	// chats. [apply.bulk] A store applies them in as few round trips as it can.
	Apply(ctx context.Context, tenant string, events []Event) error
}

// Query says what a Lookup returns.
type Query struct {
	Tenant string         // the tenant of the chats; the empty tenant is an error
	Set    recipients.Key // the people of the chats

	// SkipNamed leaves out groups whose name was set explicitly, before
	// MaxChats limits the chats. So the limit counts only chats that may match.
	// [lookup.named]
	SkipNamed bool

	// IdempotencyKey selects the record to return. If it is empty, MessageID
	// does, unless that is zero too. [record.selected] Keys are compared byte
	// by byte. [record.keys]
	IdempotencyKey string
	MessageID      uuid.UUID

	// Recipients asks for the standing of these people; the empty set asks for
	// none. They must be the people of Set: others are an error wrapping
	// ErrInvalid. [lookup.people]
	Recipients recipients.Set
}

// Snapshot is the answer of a Lookup, at one moment.
type Snapshot struct {
	// Chats are the chats of the tenant whose active participants are exactly
	// the set and whose line has not left. [lookup.exact] The most recently
	// active one comes first; of chats with the same activity the one created
	// later, then the one with the smaller id. [lookup.order]
	Chats []Chat

	// More says that there are more than MaxChats of them; Chats has the first
	// MaxChats. [lookup.limit]
	More bool

	// Revision is the revision that a plan about this set must rest on.
	Revision Revision

	// Record is the decision under the query's key or message id, nil if there
	// is none.
	Record *Record

	// Standing is the standing of the query's Recipients, in their order; nil
	// if the query has none. [lookup.standing]
	Standing []Standing
}

// Revision identifies the state of one set of people. It is opaque: callers
// only compare it for equality.
//
// It moves when a chat joins or leaves the set (opened, seen, participants
// changed, line left), when the name of a chat is set or cleared, when the note
// of a successor is set or cleared, and when another chat becomes the most
// recently active one. [revision.moves]
//
// It stays when the chat that is the most recently active one becomes active
// again. A commit of such a reuse checks the revision and leaves it, so that
// concurrent reuses of one chat do not conflict. [revision.stays]
//
// The zero Revision is that of a set without any history. A set whose chats
// were all forgotten may have it again. Any other revision belongs to one state
// of a set only, and is never given again, not even after the set was
// forgotten. [revision.unique]
type Revision uint64

// Chat is a conversation between a line and its other participants.
type Chat struct {
	ID     uuid.UUID
	Line   recipients.Handle
	Roster Roster // the active participants, our line not among them

	// Service is the service that the chat runs on, zero while it is unknown.
	Service message.Service

	Named    bool // the group has a name that a person set
	LineLeft bool // our line is no longer in the chat; it matches nothing

	CreatedAt time.Time
	ActiveAt  time.Time // the last decided send or reported message, the later

	// Successor is the chat that took over when this chat's line could not
	// continue, and SucceededAt the time of that. Both are zero if none did, or
	// if the chat was reused since.
	Successor   uuid.UUID
	SucceededAt time.Time
}
