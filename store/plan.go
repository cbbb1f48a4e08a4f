package store

import (
	"cmp"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Plan is one decision, to be made durable by Commit. It holds each fact of the
// decision once: the Record is the decision, and the store makes the delivery
// from it. A store only reads a plan, and clones what it keeps of it in memory: the
// key of the record may share memory with the body of a request.
type Plan struct {
	Tenant   string
	Set      recipients.Set // the people of the send
	Revision Revision       // of the Lookup that the decision rests on

	// Record is the decision. It is kept for replays and read-backs, and comes
	// back whole. [record.whole] Its Reason says what to do with the chat ChatID.
	//
	// ReusedActiveChat: it is a chat of the set, on Line. It becomes active at At,
	// unless it was active later. [reuse.active] The note of a successor on it is
	// cleared. [reuse.note] It takes no new-chat slot. [reuse.slot]
	//
	// NewBestNumber and FailoverFlagged: it is an id that the tenant has no chat
	// of. The chat is opened on Line with the people of Set, who all join at At.
	// It is created at At. It has no name and no known service. [open.chat] It is
	// active at At, or a microsecond after the most recently active chat of the
	// set, whichever is later: whatever the clocks of the callers say, a new chat
	// is more recently active than every other chat of its set. [open.latest]
	//
	// PreviousChatID is the chat of the set that ChatID takes over from, for
	// FailoverFlagged only: the note of its successor is set to ChatID at At.
	// [failover.note]
	//
	// A new chat is counted in the UTC hour that At falls into, or in the newest
	// hour that the line has opened a chat in, whichever is later. [window.hour]
	// It is counted against Line alone. [window.line]
	Record

	// NewChatLimit is how many chats Line may open in any 24 hours, 0 for no
	// limit. The store counts the chats that a line opened whether or not there is
	// a limit. [window.limit] It counts them in the commit, exactly: a line never
	// opens more chats than the limit, by any number of processes. [window.exact]
	NewChatLimit int

	// MaxSkew is how far At may be from the clock of the store when the plan is
	// committed, before or after it, so that a caller whose clock is wrong writes
	// nothing; 0 compares nothing, for what was decided by another clock.
	MaxSkew time.Duration

	// Guarded bounds the opening of a chat further, where the guard of a fleet
	// says so.
	Guarded

	// Content is the message of the delivery, as message.EncodeContent wrote it: it
	// is enqueued in the outbox. Nil enqueues nothing. A store without an Outbox
	// refuses a plan with content with ErrInvalid. [plan.outbox] So does a store
	// that still has a delivery of the same message, whose record was purged.
	// [purge.outbox]
	Content []byte

	// Terms is what the request said beside the message that another decision
	// about it needs: the JSON of a message.Request with its continuation, the lines
	// that it excludes and whether it overrides an opt-out; nil for none of them. A
	// store keeps it with the delivery and hands on the bytes as they are.
	// [outbox.terms]
	Terms []byte
}

// Delivery returns the delivery that the plan enqueues, and false where it
// enqueues none.
func (p *Plan) Delivery() (Delivery, bool) {
	if p.Content == nil {
		return Delivery{}, false
	}
	return Delivery{
		MessageID: p.MessageID, ChatID: p.ChatID, From: p.Line, To: p.Set, Reason: p.Reason, Content: p.Content,
		Terms: p.Terms,
	}, true
}

// Check returns an error wrapping ErrInvalid when the plan contradicts itself.
// Every store calls it first, so no store has to decide what half a plan means.
func (p *Plan) Check() error {
	if err := CheckTenant(p.Tenant); err != nil {
		return err
	}
	opens := p.Reason == NewBestNumber || p.Reason == FailoverFlagged
	switch {
	case p.Set.Len() == 0:
		return invalid("the recipient set is empty")
	case !opens && p.Reason != ReusedActiveChat:
		return invalid(fmt.Sprintf("unknown reason %d", p.Reason))
	case p.ChatID == uuid.Nil:
		return invalid("the chat id is zero")
	case !p.Line.IsPhone():
		return invalid("the line is not a phone number")
	case p.Set.Contains(p.Line):
		return invalid("the line is one of the recipients")
	case (p.PreviousChatID != uuid.Nil) != (p.Reason == FailoverFlagged):
		return invalid("an abandoned chat goes with failover, and only with it")
	case p.PreviousChatID == p.ChatID:
		return invalid("a chat cannot take over from itself")
	case p.NewChatLimit < 0 || p.FailoverLimit < 0:
		return invalid("a limit of new chats or of failovers is negative")
	case p.MaxSkew < 0:
		return invalid("no clock is less than nothing away from another")
	case p.MessageID == uuid.Nil:
		return invalid("the message id is zero")
	case p.KeepUntil.Before(p.At):
		return invalid("the record would expire before it was made")
	case p.Content == nil && p.Terms != nil:
		return invalid("there are terms and no delivery")
	case len(p.Moves) > MaxMoves:
		return invalid("the record has too many moves")
	}
	for _, m := range p.Moves {
		if m.ChatID == uuid.Nil || !m.Line.IsPhone() {
			return invalid("a move has no chat or no line")
		}
		if err := checkTime("time of a move", m.At); err != nil {
			return err
		}
	}
	return cmp.Or(
		checkTime("time", p.At),
		checkTime("time until which the record is kept", p.KeepUntil),
		p.checkTexts(),
		p.checkGuarded(),
	)
}

func (r *Record) checkTexts() error {
	err := checkKey(r.Key)
	for _, note := range r.Notes {
		err = cmp.Or(err, checkText("note", note))
	}
	for _, a := range r.Attachments {
		err = cmp.Or(err, checkText("filename", a.Filename), checkText("MIME type", a.MimeType), checkText("URL", a.URL))
	}
	return err
}

// Record is what a store remembers of a decision: enough to answer the same
// request again with the same body, never its content.
type Record struct {
	// Key is the idempotency key, 1 to MaxKey characters, or empty for a decision
	// made without one. That is found by its message id only, and takes no key.
	// [record.keyless]
	Key string

	MessageID      uuid.UUID
	ChatID         uuid.UUID
	PreviousChatID uuid.UUID // zero unless Reason is FailoverFlagged
	Line           recipients.Handle
	At             time.Time // when it was decided; the message's created_at

	Roster       Roster // who was in the chat, for the answer
	Reason       Reason
	Service      message.Service // the answer's service
	Continuation bool            // whether the continuation replaced the message
	MoreChats    bool            // whether more chats matched than were considered

	// Fingerprint says which request the decision answered.
	Fingerprint message.Fingerprint

	// Attachments are the resolver's answers, one for each media part of the
	// message sent, in order.
	Attachments []message.Media

	// Notes are the rule names of the advisories that came from the state of the
	// world at the time. A replay cannot see that state any more.
	Notes []string

	// Trace is the decision explained, in the bytes that package routing wrote,
	// for routing.ReadTrace; empty where none was kept. A store hands them on as
	// they are. They hold nothing about people.
	Trace string

	// NotBefore is when the delivery is due, for an opening that waits for the pace
	// of its line; zero for at once. It is not before At, and the chat and the counts
	// are as of At nevertheless. It goes with the opening of a chat. [guarded.later]
	// It is a time of the same clock as At, which is at most MaxSkew from the clock of
	// the store; the delivery waits by the clock of the store.
	NotBefore time.Time

	// Moves are where the message was to go before it was rerouted, the oldest
	// first; mostly none.
	Moves []Move

	// KeepUntil is when a purge may remove the record, not before. Until a purge
	// removed it, an expired record is looked up like any other. [record.kept]
	KeepUntil time.Time
}

// Delivery is one decided message on its way to the network.
type Delivery struct {
	MessageID uuid.UUID
	ChatID    uuid.UUID
	From      recipients.Handle
	To        recipients.Set
	Reason    Reason

	// Content is the one message to send, as message.EncodeContent wrote it. A
	// store hands on the bytes as they are. [outbox.content]
	Content []byte

	// Terms is Plan.Terms.
	Terms []byte
}
