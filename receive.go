package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Receive applies an event of a network about a chat on a line of the tenant,
// and returns the answer to the event. A person who writes to one of our lines
// has a chat on it from then on, and the next send to exactly the same people
// reuses it. It is safe for concurrent use.
//
// The chat of an event is the first of these that exists: the chat for which
// the store keeps the network's id; the chat whose own id is that id
// (inbound.ChatID); the most recently active chat of these people on this line,
// for which the store keeps the network's id from then on. If there is none,
// Receive makes a new chat, which does not count against the line's limit. A
// group becomes known with an event that lists all its people; the store keeps
// earlier events of it until then. Receipt.Chat is the chat: if your network
// needs its own chat id for a send, keep both ids side by side.
//
// The result does not depend on the order of the events, nor on how often each
// is reported: a message counts at its own time, and for each participant and
// for the name the event with the latest time counts. The store keeps no ids of
// events.
//
// The error is a [*fault.Error], with the place, if the event contradicts
// itself or is too far ahead of our clock; the error of a fleet for an unknown
// tenant; errors.ErrUnsupported if the store is no store.Inbox; or an
// [*UnavailableError] if the store could not keep the event: then report it
// again. An event that is not about us is no error: Receipt.Reason says why it
// changed nothing.
func (r *Router) Receive(ctx context.Context, tenant string, e inbound.Event) (Receipt, error) {
	if r.fleet == nil {
		return Receipt{}, errNotMade
	}
	if err := checkTenant(tenant, "the second argument of Router.Receive"); err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{EventType: e.Type, EventID: e.ID}
	now := r.opts.Clock()
	if err := r.checkClock(ctx, now); err != nil {
		return Receipt{}, err
	}
	if err := e.Check(now); err != nil {
		return Receipt{}, err
	}
	if !e.Known() {
		receipt.Reason = UnknownType
		return receipt, nil
	}
	inbox, is := r.chats.(store.Inbox)
	if !is {
		return Receipt{}, fmt.Errorf("fromline: the store takes in no events: %w", errors.ErrUnsupported)
	}
	e.At = store.Micros(e.At)
	if e.Line.IsValid() {
		if err := r.catchUp(ctx); err != nil {
			return Receipt{}, err
		}
		view, err := r.fleet.View(ctx, tenant, now)
		if err != nil {
			return Receipt{}, unavailable(err)
		}
		if _, ours := view.Line(e.Line); !ours && !view.Untold(e.Line) {
			receipt.Reason = UnknownLine
			return receipt, nil
		}
	}
	switch e.Type {
	case inbound.GroupNameUpdated, inbound.ParticipantAdded, inbound.ParticipantRemoved:
		e.Group = true
	}
	a := arrival{router: r, inbox: inbox, tenant: tenant, Event: e}
	reason, err := a.take(ctx)
	if err != nil {
		return Receipt{}, unavailable(err)
	}
	receipt.Applied, receipt.Reason, receipt.Chat = reason == "", reason, a.meant
	return receipt, nil
}

// arrival is an event on its way into the store.
type arrival struct {
	router *Router
	inbox  store.Inbox
	tenant string
	inbound.Event

	meant uuid.UUID // the chat that it turned out to be about; zero for none
}

// take takes the event in. The reason is empty if a value changed.
func (a *arrival) take(ctx context.Context) (reason Reason, err error) {
	switch a.Type {
	case inbound.MessageDelivered, inbound.MessageRead, inbound.MessageFailed:
		return a.followMessage(ctx)
	case inbound.ParticipantAdded, inbound.ParticipantRemoved:
		if !a.Participant.IsValid() {
			return ParticipantsUnknown, nil
		}
		if a.Event.Chat == "" && !a.Line.IsValid() {
			return UnknownChat, nil
		}
	case inbound.MessageReceived:
		people, err := a.Others()
		if err != nil {
			return "", err
		}
		if !a.Group && a.Line.IsValid() && people.Len() == 1 {
			return a.hear(ctx, people.At(0))
		}
		if err := a.router.listen(ctx, a.tenant, &a.Event); err != nil {
			return "", err
		}
	case inbound.MessageSent:
		if reason, err = a.followMessage(ctx); err != nil {
			return "", err
		}
		followed := reason == ""
		if reason, err = a.takeChat(ctx); followed {
			reason = ""
		}
		return reason, err
	}
	return a.takeChat(ctx)
}

// hear takes in a direct message, in one step of the store.
func (a *arrival) hear(ctx context.Context, sender recipients.Handle) (Reason, error) {
	rules := &a.router.opts.Consents
	m := store.DirectMessage{
		Line: a.Line, Sender: sender, Chat: a.ChatID(), Note: a.noteOfChat(), At: a.At, Service: a.Service,
		OptedOut: rules.says(a.Text, false), UnlessBlocked: rules.Blocks,
	}
	chat, heard, err := a.inbox.Hear(ctx, a.tenant, m)
	if heard != store.HeardElsewhere {
		a.meant = chat
	}
	switch heard {
	case store.HeardBefore:
		return NotNewer, err
	case store.HeardElsewhere:
		return UnknownChat, err
	case store.HeardLeft:
		return LineLeft, err
	case store.HeardBlocked:
		return SenderBlocked, err
	}
	return "", err
}

// logFailure writes the line of the log about a message that the network could
// not bring. Its event seldom names the line: the record does, if there is one.
func (r *Router) logFailure(ctx context.Context, tenant string, e *inbound.Event, rec *store.Record) {
	l := r.opts.Logger
	if l == nil || e.Type != inbound.MessageFailed {
		return
	}
	from := e.Line
	if rec != nil {
		from = rec.Line
	}
	l.LogAttrs(ctx, slog.LevelWarn, "the network could not deliver a message", slog.String("tenant", tenant),
		slog.String("line", from.String()), slog.String("network_message_id", e.Message), slog.Int("code", e.Failure))
}

// noteOfChat is the name of the note that tells which chat the network's id
// means; empty if the event has no id.
func (a *arrival) noteOfChat() string {
	if a.Event.Chat == "" {
		return ""
	}
	return "chat " + a.Event.Chat
}

// joinedAt returns when a participant joined, and whether it is one.
func joinedAt(r store.Roster, h recipients.Handle) (at time.Time, in bool) {
	for i, who := range r.Set().All() {
		if who == h {
			return r.JoinedAt(i), true
		}
	}
	return time.Time{}, false
}
