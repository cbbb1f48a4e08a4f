package fromline

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// told is what a network told of one group, of each thing the latest: who is in
// it, our line among them, and whether it has a name. It is kept in a note
// beside the chat, also while the chat is not known, so that events come out
// the same in whatever order, and however often, they are told. The chat itself
// is made to say the same.
type told struct {
	Line   recipients.Handle          `json:"line,omitzero"`
	People map[recipients.Handle]fact `json:"people,omitempty"`
	Named  fact                       `json:"named,omitzero"`

	// Listed is the time of the event that listed all people; 0: none did.
	Listed int64 `json:"listed,omitzero"`

	// Active is the time of the latest message while the chat is not known, and
	// Messages how many of those that came in are not counted yet.
	Active   int64           `json:"active,omitzero"`
	Messages int             `json:"messages,omitzero"`
	Service  message.Service `json:"service,omitzero"`
}

// fact is whether something is so, and the time of the event that said it, in
// microseconds since 1970.
type fact struct {
	Is bool  `json:"is,omitzero"`
	At int64 `json:"at,omitzero"`

	// Left says of a participant that any event said that they left. Our line
	// leaves a chat for good, whatever else is told of it.
	Left bool `json:"left,omitzero"`
}

// later returns the fact of the later time; at the same time what is not so.
func (f fact) later(g fact) fact {
	left := f.Left || g.Left
	if g.At > f.At || g.At == f.At && f.Is && !g.Is || f == (fact{}) {
		f = g
	}
	f.Left = left
	return f
}

// readTold reads what String returned; an empty body tells nothing.
func readTold(body []byte) (t told, err error) {
	if len(body) > 0 {
		err = json.Unmarshal(body, &t)
	}
	return t, err
}

// encoded returns it as bytes, none where nothing was told; equal ones are
// equal bytes.
func (t *told) encoded() []byte {
	b, err := json.Marshal(t) // maps in the order of their keys
	if err != nil {
		panic(err) // it holds nothing that JSON cannot say
	}
	if string(b) == "{}" {
		return nil
	}
	return b
}

// take adds what an event of a group says. Whatever the order, the result is
// the same; but for the count of messages, of which one that is told late is
// history.
func (t *told) take(e *inbound.Event, known bool) {
	at := fact{Is: true, At: e.At.UnixMicro()}
	if e.Line.IsValid() {
		t.Line = e.Line
	}
	if t.Service == 0 && (!known || e.Type == inbound.ChatCreated) {
		t.Service = e.Service
	}
	join := func(h recipients.Handle, f fact) {
		if t.People == nil {
			t.People = make(map[recipients.Handle]fact)
		}
		t.People[h] = t.People[h].later(f)
	}
	switch e.Type {
	case inbound.MessageReceived, inbound.MessageSent:
		if known {
			break
		}
		if at.At > t.Active {
			t.Active = at.At
			if e.Type == inbound.MessageReceived {
				t.Messages++
			}
		}
	case inbound.ChatCreated:
		t.Active = max(t.Active, at.At)
		if e.Named {
			t.Named = t.Named.later(at)
		}
	case inbound.GroupNameUpdated:
		t.Named = t.Named.later(fact{Is: e.Named, At: at.At})
	case inbound.ParticipantAdded:
		join(e.Participant, at)
	case inbound.ParticipantRemoved:
		join(e.Participant, fact{At: at.At, Left: true})
	}
	if e.Participants == nil {
		return
	}
	if t.Listed == 0 || at.At < t.Listed {
		t.Listed = at.At
	}
	for _, h := range e.Participants {
		join(h, at)
	}
}

// present returns who is in the group, as far as was told.
func (t *told) present() (recipients.Set, error) {
	var people []recipients.Handle
	for h, f := range t.People {
		if f.Is && h != t.Line {
			people = append(people, h)
		}
	}
	if len(people) == 0 {
		return recipients.Set{}, nil
	}
	return recipients.NewLargeSet(people...)
}

// split returns when the first of the people joined or all were listed, who was
// in the chat then, and the events by which the others joined. So each is in
// the chat since the time that was told of them.
func (t *told) split(people recipients.Set, chat uuid.UUID) (since time.Time, first recipients.Set, joined []store.Event) {
	began := t.Listed
	for _, h := range people.All() {
		began = min(began, t.People[h].At)
	}
	since, first = microTime(began), people
	var early []recipients.Handle
	for _, h := range people.All() {
		if at := t.People[h].At; at > began {
			joined = append(joined, store.ParticipantAdded{Chat: chat, Handle: h, At: microTime(at)})
		} else {
			early = append(early, h)
		}
	}
	if len(early) == 0 { // all of them came back after they had been listed
		h := people.At(0)
		early, joined = append(early, h), joined[1:]
	}
	if some, err := recipients.NewLargeSet(early...); err == nil {
		first = some
	}
	return since, first, joined
}

// names returns the names of all persons that were told of, in their order.
func (t *told) names() (names []recipients.Key, err error) {
	for _, h := range slices.SortedFunc(maps.Keys(t.People), recipients.Handle.Compare) {
		alone, err := recipients.NewSet(h)
		if err != nil {
			return nil, err
		}
		names = append(names, alone.Key())
	}
	return names, nil
}

// changes returns the events by which a chat that is known says what was told.
func (t *told) changes(c *store.Chat) (events []store.Event) {
	if t.People[c.Line].Left {
		if !c.LineLeft {
			return []store.Event{store.LineLeft{Chat: c.ID}}
		}
		return nil
	}
	set := c.Roster.Set()
	for h, f := range t.People {
		if h == c.Line {
			continue
		}
		joined, in := joinedAt(c.Roster, h)
		switch at := time.UnixMicro(f.At).UTC(); {
		case f.Is && !in:
			events = append(events, store.ParticipantAdded{Chat: c.ID, Handle: h, At: at})
		case !f.Is && in && !joined.After(at):
			events = append(events, store.ParticipantRemoved{Chat: c.ID, Handle: h})
		}
	}
	if t.Named != (fact{}) && t.Named.Is != c.Named && (set.IsGroup() || len(t.People) > 1) {
		events = append(events, store.Renamed{Chat: c.ID, Named: t.Named.Is})
	}
	if active := time.UnixMicro(t.Active).UTC(); (active.After(c.ActiveAt) || c.Service == 0 && t.Service != 0) && set.Len() > 0 {
		events = append(events, store.ChatSeen{
			ID: c.ID, Line: c.Line, Participants: set, Service: t.Service, CreatedAt: c.CreatedAt, ActiveAt: later(c.CreatedAt, active),
		})
	}
	return events
}
