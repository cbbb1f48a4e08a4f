package sim

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// inbox is the part of a store that inbound events need.
type inbox interface {
	store.ChatStore
	store.ChatReader
	store.Inbox
}

// telling is an event that the network reports until it is applied, and
// sometimes again.
type telling struct {
	event  inbound.Event
	taken  bool
	failed int // the number of the last report of it that failed
}

// The people of the network's own chats. Clients never send to them, so the
// network reports everything that happens to these chats. The last one is in no
// group that others are in: a person's direct message goes to a group of that
// person alone if there is no direct chat.
var netPeople = []recipients.Handle{
	recipients.MustParse("carol@example.com"), recipients.MustParse("dan@example.com"), recipients.MustParse("eve@example.com"),
	recipients.MustParse("fay@example.com"),
}

const alone = 3

// ofNetwork reports whether a chat is one of the network's own.
func ofNetwork(c store.Chat) bool {
	return c.ID.String() == netGroup || slices.ContainsFunc(netPeople, c.Roster.Set().Contains)
}

const (
	netGroup = "6e000000-0000-0000-0000-000000000001"
	netChat  = "a direct chat"
	maxTold  = 14
)

// networkTells makes a new event, or reports one: late, twice and in any order.
func (w *world) networkTells() {
	if len(w.told) < maxTold && (len(w.told) == 0 || w.draw.once(2)) {
		w.told = append(w.told, &telling{event: w.newTelling()})
		return
	}
	w.tell(w.told[w.draw.below(len(w.told))])
}

func (w *world) newTelling() inbound.Event {
	ours := w.tenants[0].lines[0].Number
	e := inbound.Event{Line: ours, Chat: netGroup, Group: true, At: noon.Add(time.Duration(w.draw.below(9)) * time.Second)}
	who := netPeople[w.draw.below(alone)]
	switch kind := w.draw.below(8); {
	case len(w.told) == 0:
		e.Type, e.Participants = inbound.ChatCreated, []recipients.Handle{ours, netPeople[0], netPeople[1]}
	case kind < 2:
		e.Type, e.Participant = inbound.ParticipantAdded, who
	case kind < 4:
		e.Type, e.Participant = inbound.ParticipantRemoved, who
	case kind == 4:
		e.Type, e.Named = inbound.GroupNameUpdated, w.draw.once(2)
	case kind == 5:
		e.Type, e.Sender = inbound.MessageReceived, who
	default:
		e.Type, e.Group, e.Chat, e.Sender = inbound.MessageReceived, false, netChat, netPeople[alone]
	}
	return e
}

// tell makes a process apply an event. If the process could not answer, the
// network reports the event again.
func (w *world) tell(t *telling) {
	w.tellings++
	began := w.tellings
	p := w.processes[w.draw.below(len(w.processes))]
	lines, err := fleet.New(fleet.Options{Clock: p.Now, StaleAfter: forever, ActWithin: forever})
	if err == nil {
		err = lines.SetLines(w.tenants[0].name, w.tenants[0].lines)
	}
	if err != nil {
		panic(err)
	}
	router, err := fromline.New(&hearing{inbox: w.inbox, world: w}, lines, fromline.Options{Clock: func() time.Time { return w.now }})
	if err != nil {
		panic(err)
	}
	receipt, err := router.Receive(context.Background(), w.tenants[0].name, t.event)
	w.log("%s takes in %s of %s: %v %v", p.name, t.event.Type, t.event.At.Format(time.TimeOnly), receipt, err)
	if err != nil { // how much of it was applied is unknown
		t.failed, t.taken = w.tellings, false
	} else if began > t.failed {
		t.taken = true
	}
}

// hearing is the store of a process that applies an event. Between any two of
// its calls other processes may apply others, and it may die.
type hearing struct {
	inbox
	world *world
}

func (h *hearing) between() error {
	w := h.world
	if w.nested < 3 && len(w.told) > 1 && w.draw.once(4) {
		w.nested++
		w.tell(w.told[w.draw.below(len(w.told))])
		w.nested--
	}
	if w.faults > 0 && w.draw.once(20) {
		return errLost
	}
	return nil
}

func (h *hearing) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := h.between(); err != nil {
		return store.Chat{}, err
	}
	return h.inbox.Chat(ctx, tenant, id)
}

func (h *hearing) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := h.between(); err != nil {
		return err
	}
	return cmp.Or(h.inbox.Apply(ctx, tenant, events), h.between())
}

func (h *hearing) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	chat, heard, err := h.inbox.Hear(ctx, tenant, m)
	return chat, heard, cmp.Or(err, h.between())
}

func (h *hearing) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	n, err := h.inbox.Note(ctx, tenant, name)
	return n, cmp.Or(err, h.between())
}

func (h *hearing) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if err := h.between(); err != nil {
		return false, err
	}
	kept, err := h.inbox.KeepNote(ctx, tenant, was, now)
	return kept, cmp.Or(err, h.between())
}

// allTold reports all events until they are applied, and checks that the chats
// are as if each event had been reported once and in order.
func (w *world) allTold() {
	for _, t := range w.told {
		for !t.taken {
			w.tell(t)
		}
	}
	var group, direct []inbound.Event
	for _, t := range w.told {
		if t.event.Group {
			group = append(group, t.event)
		} else {
			direct = append(direct, t.event)
		}
	}
	want, got := endOf(group), ""
	id := uuid.MustParse(netGroup)
	if c, err := w.engine.Chat(context.Background(), w.tenants[0].name, id); err == nil && c.Roster.Len() > 0 {
		var people []string
		for _, h := range c.Roster.Set().All() {
			people = append(people, h.String())
		}
		slices.Sort(people)
		got = fmt.Sprint(strings.Join(people, " "), c.Named, c.ActiveAt)
	}
	if got != want {
		broken(19, "the group is %q, and what was told of it makes it %q", got, want)
	}
	w.directTold(direct)
}

func (w *world) directTold(direct []inbound.Event) {
	person, err := recipients.NewSet(netPeople[alone])
	if err != nil {
		panic(err)
	}
	found, err := w.engine.Lookup(context.Background(), store.Query{Tenant: w.tenants[0].name, Set: person.Key()})
	if err != nil {
		panic(err)
	}
	var latest time.Time
	for _, e := range direct {
		if e.At.After(latest) {
			latest = e.At
		}
	}
	chats := found.Chats
	if len(direct) == 0 && len(chats) == 0 {
		return
	}
	if len(chats) != 1 || !chats[0].ActiveAt.Equal(latest) {
		broken(19, "a person who wrote %d messages, the last at %s, has %d chats: %v", len(direct), latest, len(chats), chats)
	}
}

// endOf returns the final state of a group whose events come in the order of
// their times; empty if it has no people.
func endOf(events []inbound.Event) string {
	gone := func(e inbound.Event) int { // at the same time what is not so comes last
		if e.Type == inbound.ParticipantRemoved || e.Type == inbound.GroupNameUpdated && !e.Named {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(events, func(a, b inbound.Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(gone(a), gone(b))) })
	in, named, active := map[string]bool{}, false, time.Time{}
	for _, e := range events {
		switch e.Type {
		case inbound.ChatCreated:
			in[e.Participants[1].String()], in[e.Participants[2].String()] = true, true
			active = e.At
		case inbound.MessageReceived:
			active = e.At
		case inbound.ParticipantAdded:
			in[e.Participant.String()] = true
		case inbound.ParticipantRemoved:
			delete(in, e.Participant.String())
		case inbound.GroupNameUpdated:
			named = e.Named
		}
	}
	if len(in) == 0 {
		return ""
	}
	return fmt.Sprint(strings.Join(slices.Sorted(maps.Keys(in)), " "), named, active)
}
