package fromline

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/store"
)

// maxSwaps bounds how often an event is taken in anew because others about the
// same chat came between.
const maxSwaps = 100

// takeChat takes in an event that is no direct message: what is told of the
// chat is kept first, and then the chat is made to say the same. An event that
// came between the two does that for both, and so does one that is told again
// after a crash.
func (a *arrival) takeChat(ctx context.Context) (reason Reason, err error) {
	applied := false
	for range maxSwaps {
		step, kept, err := a.takeOnce(ctx)
		if err != nil {
			return "", err
		}
		applied = applied || step.changed
		if kept && !step.again {
			if applied {
				return "", nil
			}
			return step.reason, nil
		}
	}
	return "", fmt.Errorf("fromline: %w: events about one chat came between %d times", store.ErrNotWritten, maxSwaps)
}

// taken is what came of one try.
type taken struct {
	reason  Reason
	changed bool // a value of the chat
	again   bool // something else was told meanwhile
}

// takeOnce does it once. It is to be done again where kept is false.
func (a *arrival) takeOnce(ctx context.Context) (step taken, kept bool, err error) {
	name := a.noteOfChat()
	was := store.Note{Of: a.ChatID()}
	if name != "" {
		n, err := a.inbox.Note(ctx, a.tenant, name)
		if err != nil {
			return step, false, err
		}
		if n.Name != "" {
			was = n
		}
	}
	t, err := readTold(was.Body)
	if err != nil {
		return step, false, err
	}
	chat, known, err := a.find(ctx, was.Of)
	switch {
	case err != nil:
		return step, false, err
	case known && a.Line.IsValid() && chat.Line != a.Line:
		return taken{reason: UnknownChat}, true, nil
	case known && chat.LineLeft:
		a.meant = chat.ID
		return taken{reason: LineLeft}, true, nil
	}
	direct := known && !a.Group && len(t.People) == 0 && chat.Roster.Len() == 1
	if !direct {
		t.take(&a.Event, known)
	}
	events, step := a.events(&t, &chat, known)
	if step.reason != "" && !a.keeps(step.reason) && !known {
		return step, true, nil
	}
	uncounted := t.Messages
	if step.reason == "" || known { // they are counted with what is applied now
		t.Messages = 0
	}
	now := store.Note{Name: name, Of: chat.ID}
	if now.Of == uuid.Nil {
		now.Of = was.Of
	}
	if now.Body = t.encoded(); direct {
		now.Body = was.Body
	}
	if now.Names, err = t.names(); err != nil {
		return step, false, err
	}
	if name != "" && (now.Of != was.Of || !bytes.Equal(now.Body, was.Body)) {
		swapped, err := a.inbox.KeepNote(ctx, a.tenant, named(was), now)
		if err != nil || !swapped {
			return step, false, err
		}
		// Others who had read less may have changed the chat since it was read.
		if chat, known, err = a.find(ctx, now.Of); err != nil {
			return step, false, err
		}
		t.Messages = uncounted
		events, step = a.events(&t, &chat, known)
	}
	a.meant = chat.ID // zero while it is not known
	if len(events) == 0 {
		return step, true, nil
	}
	step.changed = true
	if err := a.router.chats.Apply(ctx, a.tenant, events); err != nil {
		return step, false, err
	}
	if name != "" && !direct { // what came between may have been applied before this
		n, err := a.inbox.Note(ctx, a.tenant, name)
		if err != nil {
			return step, false, err
		}
		step.again = !known || n.Of != now.Of || !bytes.Equal(n.Body, now.Body)
	}
	return step, true, nil
}

// named is the note that was read, or the zero one if there was none.
func named(n store.Note) store.Note {
	if n.Name == "" {
		return store.Note{}
	}
	return n
}

// keeps says whether an event that was not applied is kept nevertheless, until
// the chat is known.
func (a *arrival) keeps(reason Reason) bool {
	return a.Group && a.Event.Chat != "" && (reason == ParticipantsUnknown || reason == UnknownChat)
}

// find returns the chat of an id, or one of the people that the event lists, on
// its line.
func (a *arrival) find(ctx context.Context, id uuid.UUID) (chat store.Chat, known bool, err error) {
	chat, err = a.router.Chat(ctx, a.tenant, id)
	if err == nil {
		return chat, true, nil
	}
	if !errors.Is(err, store.ErrUnknownChat) {
		return chat, false, err
	}
	people, err := a.Others()
	if err != nil || !people.IsValid() || !a.Line.IsValid() {
		return store.Chat{}, false, err
	}
	found, err := a.router.chats.Lookup(ctx, store.Query{Tenant: a.tenant, Set: people.Key()})
	if err != nil {
		return store.Chat{}, false, err
	}
	for _, c := range found.Chats { // the most recently active one first
		if c.Line == a.Line {
			return c, true, nil
		}
	}
	return store.Chat{}, false, nil
}

// events returns what is to be applied, and the reason where that is nothing
// for now. It makes up the chat that is to become known.
func (a *arrival) events(t *told, chat *store.Chat, known bool) (events []store.Event, step taken) {
	if known {
		events = append(a.activity(chat), t.changes(chat)...)
		if t.Messages > 0 {
			events = append(events, store.Activity{Chat: chat.ID, At: microTime(t.Active), Messages: t.Messages})
		}
		if len(events) == 0 {
			step.reason = NotNewer
		}
		return events, step
	}
	people, err := a.Others()
	line := a.Line
	if a.Group && t.Listed > 0 {
		people, err = t.present()
		line = t.Line
	}
	switch {
	case a.Type != inbound.MessageReceived && a.Type != inbound.ChatCreated && !(a.Group && t.Listed > 0):
		return nil, taken{reason: UnknownChat}
	case err != nil || !people.IsValid() || !line.IsValid():
		return nil, taken{reason: ParticipantsUnknown}
	}
	created := a.At
	var late []store.Event // who joined after the event that listed all
	if a.Group && t.Listed > 0 {
		created, people, late = t.split(people, a.ChatID())
	}
	*chat = store.Chat{ID: a.ChatID(), Line: line, CreatedAt: created}
	seen := store.ChatSeen{ // if all have left, the next who joins makes it known
		ID: chat.ID, Line: line, Participants: people, Service: a.Service, CreatedAt: created, ActiveAt: later(created, a.At),
	}
	if a.Group {
		seen.ActiveAt = later(created, microTime(t.Active))
		seen.Service, seen.Named = t.Service, t.Named.Is
	}
	events = append(append(events, seen), late...)
	if t.Messages > 0 {
		events = append(events, store.Activity{Chat: chat.ID, At: seen.ActiveAt, Messages: t.Messages})
	}
	if t.People[line].Left {
		events = append(events, store.LineLeft{Chat: chat.ID})
	}
	return events, step
}

// activity returns what a message, or the opening of a chat, changes of a chat
// that is known. A message that came in and is later than what is known is
// counted; all others were counted before, or are history.
func (a *arrival) activity(chat *store.Chat) (events []store.Event) {
	switch a.Type {
	case inbound.MessageReceived, inbound.MessageSent, inbound.ChatCreated:
	default:
		return nil
	}
	after := a.At.After(chat.ActiveAt)
	fills := chat.Service == 0 && a.Service != 0
	if chat.Roster.Len() > 0 && (fills || after && a.Type != inbound.MessageReceived) {
		seen := store.ChatSeen{
			ID: chat.ID, Line: chat.Line, Participants: chat.Roster.Set(), Service: a.Service, CreatedAt: chat.CreatedAt,
		}
		if after && a.Type != inbound.MessageReceived {
			seen.ActiveAt = a.At
		}
		events = append(events, seen)
	}
	if after && a.Type == inbound.MessageReceived {
		events = append(events, store.Activity{Chat: chat.ID, At: a.At})
	}
	return events
}
