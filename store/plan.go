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
// from it. A store only reads a plan, and copies what it keeps in memory: the
// key of the record may share memory with the body of a request.
type Plan struct {
	Tenant   string
	Set      recipients.Set // the people of the send
	Revision Revision       // of the Lookup that the decision rests on

	// Record is the decision. The store keeps it for replays and read-backs,
	// and returns it whole. [record.whole] Its Reason says what happens to the
	// chat ChatID.
	//
	// ReusedActiveChat: ChatID is a chat of the set, on Line. It becomes active
	// at At, unless it was active later. [reuse.active] The note of its
	// successor is cleared. [reuse.note] It takes no new-chat slot.
	// [reuse.slot]
	//
	// NewBestNumber and FailoverFlagged: the tenant has no chat with the id
	// ChatID. The store opens it on Line with the people of Set, who all join
	// at At. It is created at At. It has no name and no known service.
	// [open.chat] It is active at At, or a microsecond after the most recently
	// active chat of the set, whichever is later. So a new chat is more
	// recently active than every other chat of its set, whatever the clocks of
	// the callers show. [open.latest]
	//
	// PreviousChatID is the chat of the set that ChatID takes over from, for
	// FailoverFlagged only. The note of its successor is set to ChatID at At.
	// [failover.note]
	//
	// A new chat counts in the UTC hour of At, or in the newest hour in which
	// the line has opened a chat, whichever is later. [window.hour] It counts
	// against Line alone. [window.line]
	Record

	// NewChatLimit is how many chats Line may open in any 24 hours, 0 for no
	// limit. The store counts the chats that a line opens even without a limit.
	// [window.limit] It counts them in the commit, exactly: no number of
	// processes makes a line open more chats than the limit. [window.exact]
	NewChatLimit int

	// MaxSkew is how far At may be from the clock of the store at the commit,
	// before or after it, so that a caller with a wrong clock writes nothing. 0
	// compares nothing, for decisions by another clock.
	MaxSkew time.Duration

	// Guarded holds further bounds for the opening of a chat, from the guard of
	// a fleet.
	Guarded

	// Content is the message of the delivery in the bytes of
	// message.EncodeContent; the store enqueues it in the outbox. Nil enqueues
	// nothing. A store without an Outbox refuses a plan with content with
	// ErrInvalid. [plan.outbox] So does a store that still has a delivery of
	// the same message, whose record was purged. [purge.outbox]
	Content []byte

	// Terms are the parts of the request, beside the message, that another
	// decision about the message needs: the JSON of a message.Request with its
	// continuation, the lines that it excludes, and whether it overrides an
	// opt-out; nil if it has none of them. A store keeps the bytes with the
	// delivery, and returns them unchanged. [outbox.terms]
	Terms []byte
}

// Delivery returns the delivery that the plan enqueues, and false if it
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

// Check returns an error wrapping ErrInvalid if the plan contradicts itself.
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

// Record is what a store keeps of a decision: enough to answer the same request
// again with the same body, but never the content.
type Record struct {
	// Key is the idempotency key, 1 to MaxKey characters, or empty for a
	// decision made without one. Such a record is found only by its message id,
	// and takes no key. [record.keyless]
	Key string

	MessageID      uuid.UUID
	ChatID         uuid.UUID
	PreviousChatID uuid.UUID // zero unless Reason is FailoverFlagged
	Line           recipients.Handle
	At             time.Time // the time of the decision; the message's created_at

	Roster       Roster // the participants in the answer
	Reason       Reason
	Service      message.Service // the answer's service
	Continuation bool            // whether the continuation replaced the message
	MoreChats    bool            // whether more chats matched than were considered

	// Fingerprint identifies the request that the decision answered.
	Fingerprint message.Fingerprint

	// Attachments are the answers of the resolver: one for each media part of
	// the message, in order.
	Attachments []message.Media

	// Notes are the rule names of the advisories about the state at the time of
	// the decision. A replay cannot see that state any more.
	Notes []string

	// Trace explains the decision, in the bytes that package routing wrote for
	// routing.ReadTrace; empty if none was kept. A store returns them
	// unchanged. They hold nothing about people.
	Trace string

	// NotBefore is when the delivery is due, for an opening that waits for the
	// pace of its line; zero for at once. It is not before At; the chat and the
	// counts have the time At nevertheless. Only the opening of a chat may have
	// it. [guarded.later] It is a time by the clock of At, which is at most
	// MaxSkew from the clock of the store; the delivery waits by the clock of
	// the store.
	NotBefore time.Time

	// Moves are the earlier places of a rerouted message, the oldest first;
	// mostly none.
	Moves []Move

	// KeepUntil is the time before which no purge removes the record. Until a
	// purge removes it, an expired record is looked up like any other.
	// [record.kept]
	KeepUntil time.Time
}

// Delivery is a decided message on its way to the network.
type Delivery struct {
	MessageID uuid.UUID
	ChatID    uuid.UUID
	From      recipients.Handle
	To        recipients.Set
	Reason    Reason

	// Content is the message in the bytes of message.EncodeContent. A store
	// returns the bytes unchanged. [outbox.content]
	Content []byte

	// Terms is Plan.Terms.
	Terms []byte
}
