package routing

import (
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Input is everything a decision depends on. It is read only.
type Input struct {
	// Send is the request, checked.
	Send validate.Checked

	// Chats are the chats of the tenant that match the recipients, in any
	// order, and MoreChats whether the store had more than it returned. Chats
	// of other sets, or that our line has left, are passed over.
	Chats     []store.Chat
	MoreChats bool

	// SkipNamedGroups passes over groups with an explicitly set name.
	SkipNamedGroups bool

	// Label is the host's own word for the send, for a policy of the fleet that
	// prefers lines of the same label; empty asks for nothing.
	Label string

	// Known are the lines that recipients have chats on, for a policy of the fleet
	// that prefers them (fleet.ByKnown), in any order. AliasesUnknown says that
	// further handles of the recipients could not be found out for it.
	Known          []fleet.Known
	AliasesUnknown bool

	// OptOutOverridden says that the recipient opted out and that the send
	// overrides it.
	OptOutOverridden bool

	// Leaves is a line that the message must not go out from: the line that a
	// rerouted message leaves. Zero for all other sends.
	Leaves recipients.Handle

	// From, if it is valid, is the line that the send names. Decide then
	// decides as if we had no other line: chats on other lines do not match, so
	// there is no failover, and named groups do not match either. Into, if it
	// is not zero, is the chat of that line that the message goes into: no
	// other chat matches, and Decide opens none.
	From recipients.Handle
	Into uuid.UUID

	// Lines is the view of our lines at the time At.
	Lines fleet.View
	At    time.Time

	// MessageID is the id of the message, drawn by the caller. NewChatID is the
	// id that a new chat gets. Where it is zero, the decision that opens a chat
	// has a zero ChatID, and the caller draws one.
	MessageID uuid.UUID
	NewChatID uuid.UUID

	// DeferUpTo is how long after At a message that opens a chat may go out, where
	// nothing but their pace holds our lines back; zero for no waiting.
	DeferUpTo time.Duration

	// KeepTrace asks for Decision.KeptTrace.
	KeepTrace bool
}

// Decision says what to send, from where and into which chat. It is a
// value; what it refers to must not be modified.
type Decision struct {
	Reason         store.Reason
	ChatID         uuid.UUID
	PreviousChatID uuid.UUID // the abandoned chat; zero unless Reason is FailoverFlagged
	Line           recipients.Handle
	MessageID      uuid.UUID
	At             time.Time // microseconds, UTC

	// DeliverAt is when the message goes out, where it waits for the pace of its
	// line; zero for at once.
	DeliverAt time.Time

	// Message is the one message to send: the request's, or the continuation
	// as a single text part, and without a reply that cannot be kept.
	Message *message.Content

	ContinuationUsed bool
	ReplyDropped     bool
	MoreChats        bool // more chats matched than were considered

	// Roster is who takes part in the chat besides the line.
	Roster store.Roster

	// Service is what the chat runs on or the sender prefers; zero when
	// neither is known.
	Service message.Service

	// Advisories say what is legal but worth knowing, in a stable order.
	Advisories []validate.Advisory

	// Mentions are who the parts of Message mention, in order; mostly nil.
	Mentions []validate.Mention

	// Attachments are the resolver's answers for the media parts of Message,
	// in order; nil when there is no resolver. Set by the Router.
	Attachments []message.Media

	// Replay says that this is the recorded decision of an earlier send with
	// the same idempotency key. Set by the Router.
	Replay bool

	// Trace is set by the Router when the send asked for it.
	Trace *Trace

	// KeptTrace is the trace in the compact form of records, for [ReadTrace]:
	// at most MaxKeptTrace bytes. It is empty unless Input.KeepTrace is set. It
	// holds nothing about people.
	KeptTrace string
}

// OpensChat says whether the decision creates a chat.
func (d *Decision) OpensChat() bool { return d.Reason != store.ReusedActiveChat }
