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

// Receive takes in what a network tells of a chat on a line of the tenant, and
// returns what answers it. Who wrote to one of our lines has a chat on it from
// then on, and the next send to exactly these people reuses it. It is safe for
// concurrent use.
//
// Which chat is meant: the one of the network's id, which becomes the id of our
// chat where it is a UUID and is made into one where not; else the most recently
// active one of these people on this line; else one that is new, and costs the
// line no slot. A group becomes known by an event that lists all its people.
//
// A message counts with its own time: it makes a chat no more recent than it
// was, and is counted against the line once, when it is later than all that was
// known of the chat. Changes of a group are applied in the order in which they
// are received, but for one that was undone by a later one that is known.
//
// The error is a [*fault.Error] where the event cannot be one, with its place;
// the error of a fleet for an unknown tenant; or an [*UnavailableError] where
// nothing could be kept, and then the event is to be given again. An event that
// cannot be meant for us is no error: Receipt.Reason says why.
func (r *Router) Receive(ctx context.Context, tenant string, e inbound.Event) (Receipt, error) {
	if r.fleet == nil {
		return Receipt{}, errNotMade
	}
	if err := store.CheckTenant(tenant); err != nil {
		return Receipt{}, fmt.Errorf("fromline: an inbound event: %w", err)
	}
	receipt := Receipt{EventType: e.Type, EventID: e.ID}
	now := r.opts.Clock()
	if err := e.Check(now); err != nil {
		return Receipt{}, err
	}
	if !e.Known() {
		receipt.Reason = UnknownType
		return receipt, nil
	}
	e.At = store.Micros(e.At)
	if e.Line.IsValid() {
		view, err := r.fleet.View(ctx, tenant, now)
		if err != nil {
			return Receipt{}, unavailable(err)
		}
		if _, ours := view.Line(e.Line); !ours {
			receipt.Reason = UnknownLine
			return receipt, nil
		}
	}
	switch e.Type {
	case inbound.MessageDelivered, inbound.MessageRead, inbound.MessageFailed:
		receipt.Reason = NotKept
		r.logFailure(ctx, tenant, &e)
		return receipt, nil
	}
	if err := r.hear(ctx, tenant, &e); err != nil {
		return Receipt{}, unavailable(err)
	}
	a := arrival{router: r, tenant: tenant, Event: e}
	reason, err := a.apply(ctx)
	if err != nil {
		return Receipt{}, unavailable(err)
	}
	receipt.Applied, receipt.Reason = reason == "", reason
	return receipt, nil
}

// logFailure writes the line of the log about a message that the network could
// not bring.
func (r *Router) logFailure(ctx context.Context, tenant string, e *inbound.Event) {
	if l := r.opts.Logger; l != nil && e.Type == inbound.MessageFailed {
		l.LogAttrs(ctx, slog.LevelWarn, "the network could not bring a message", slog.String("tenant", tenant),
			slog.String("line", e.Line.String()), slog.String("message", e.Message), slog.Int("code", e.Failure))
	}
}

// arrival is an event on its way into the store.
type arrival struct {
	router *Router
	tenant string
	inbound.Event

	people recipients.Set // all in the chat but our line; zero: not known
	chat   store.Chat     // zero: not known
}

// apply finds the chat and applies what the event says of it. The reason is
// empty where a value changed.
func (a *arrival) apply(ctx context.Context) (reason Reason, err error) {
	if a.people, err = a.Others(); err != nil {
		return "", err
	}
	if changes := a.Type == inbound.ParticipantAdded || a.Type == inbound.ParticipantRemoved; changes && !a.Participant.IsValid() {
		return ParticipantsUnknown, nil
	}
	if err := a.find(ctx); err != nil {
		return "", err
	}
	known := a.chat.ID != uuid.Nil
	switch {
	case known && a.Line.IsValid() && a.chat.Line != a.Line:
		return UnknownChat, nil
	case known && a.chat.LineLeft:
		return LineLeft, nil
	case !known && (a.Type != inbound.MessageReceived && a.Type != inbound.ChatCreated):
		return UnknownChat, nil
	case !known && (!a.people.IsValid() || !a.Line.IsValid()):
		return ParticipantsUnknown, nil
	}
	events := a.events(known)
	if len(events) == 0 {
		return NotNewer, nil
	}
	return "", a.router.chats.Apply(ctx, a.tenant, events)
}

// find looks for the chat that is meant.
func (a *arrival) find(ctx context.Context) error {
	id := a.chatID()
	if a.people.IsValid() && a.Line.IsValid() {
		known, err := a.router.chats.Lookup(ctx, store.Query{Tenant: a.tenant, Set: a.people.Key()})
		if err != nil {
			return err
		}
		for _, c := range known.Chats { // the most recently active one first
			if c.ID == id {
				a.chat = c
				return nil
			}
			if c.Line == a.Line && a.chat.ID == uuid.Nil {
				a.chat = c
			}
		}
		if a.chat.ID != uuid.Nil && a.people.Len() == 1 {
			return nil
		}
	}
	if a.Event.Chat == "" {
		return nil
	}
	c, err := a.router.Chat(ctx, a.tenant, id)
	if err == nil {
		a.chat = c
	}
	if errors.Is(err, store.ErrUnknownChat) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// references is the name space of the ids of chats whose network has other ids
// than UUIDs.
var references = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/fromline/fromline/inbound"))

// chatID returns the id that the chat has if it became known by its network:
// the network's, or one made of it, or of the line and its people.
func (a *arrival) chatID() uuid.UUID {
	switch id, err := uuid.Parse(a.Event.Chat); {
	case err == nil && id != uuid.Nil && len(a.Event.Chat) == 36:
		return id
	case a.Event.Chat != "":
		return uuid.NewSHA1(references, []byte("chat "+a.Event.Chat))
	}
	key := a.people.Key().Bytes()
	return uuid.NewSHA1(references, append([]byte("line "+a.Line.String()+" "), key[:]...))
}

// events returns what is to be applied to the chat; nothing where the event
// says nothing new.
func (a *arrival) events(known bool) (events []store.Event) {
	if !known {
		a.chat.ID = a.chatID()
		events = append(events, store.ChatSeen{
			ID: a.chat.ID, Line: a.Line, Participants: a.people, Named: a.Named && a.people.IsGroup(), Service: a.Service, CreatedAt: a.At,
		})
	}
	switch a.Type {
	case inbound.MessageReceived, inbound.MessageSent:
		return append(events, a.message(known)...)
	case inbound.GroupNameUpdated:
		if a.Named != a.chat.Named && a.chat.Roster.Set().IsGroup() {
			return append(events, store.Renamed{Chat: a.chat.ID, Named: a.Named})
		}
	case inbound.ParticipantAdded:
		if a.Participant != a.chat.Line && !a.chat.Roster.Set().Contains(a.Participant) {
			return append(events, store.ParticipantAdded{Chat: a.chat.ID, Handle: a.Participant, At: a.At})
		}
	case inbound.ParticipantRemoved:
		if a.Participant == a.chat.Line {
			return append(events, store.LineLeft{Chat: a.chat.ID})
		}
		if at, in := joinedAt(a.chat.Roster, a.Participant); in && at.Before(a.At) {
			return append(events, store.ParticipantRemoved{Chat: a.chat.ID, Handle: a.Participant})
		}
	}
	return events
}

// message returns what a message changes. One that came in and is later than
// what is known is counted; all others were counted before, or are history.
func (a *arrival) message(known bool) (events []store.Event) {
	later := !known || a.At.After(a.chat.ActiveAt)
	fills := known && a.chat.Service == 0 && a.Service != 0
	if a.chat.Roster.Len() > 0 && (fills || later && a.Type == inbound.MessageSent) {
		active := a.chat.CreatedAt
		if later {
			active = a.At
		}
		events = append(events, store.ChatSeen{
			ID: a.chat.ID, Line: a.chat.Line, Participants: a.chat.Roster.Set(), Service: a.Service,
			CreatedAt: a.chat.CreatedAt, ActiveAt: active,
		})
	}
	if later && a.Type == inbound.MessageReceived {
		events = append(events, store.Activity{Chat: a.chat.ID, At: a.At})
	}
	return events
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
