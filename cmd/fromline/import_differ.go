package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// compare looks up the chats of the batch at once, and returns the events that
// bring the store to what the lines say, each with the index of its entry.
func (l *loader) compare(ctx context.Context) (events []store.Event, owners []int, err error) {
	ids := make([]uuid.UUID, len(l.entries))
	for i, e := range l.entries {
		ids[i] = e.chat.ID
	}
	found, err := l.chats.ChatsByID(ctx, l.tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[uuid.UUID]store.Chat, len(found))
	for _, c := range found {
		known[c.ID] = c
	}
	for i := range l.entries {
		e := &l.entries[i]
		for _, event := range l.bring(e, known) {
			events, owners = append(events, event), append(owners, i)
		}
	}
	return events, owners, nil
}

// bring returns the events that bring the store to what an entry says, and
// notes in known what is then there: a later line may be of the same chat.
func (l *loader) bring(e *entry, known map[uuid.UUID]store.Chat) []store.Event {
	seen := e.chat
	kept, there := known[seen.ID]
	if !there {
		e.outcome = loaded
		if l.dry {
			if l.seen[seen.ID] {
				e.outcome = already
			}
			l.seen[seen.ID] = true
		}
		known[seen.ID] = store.Chat{
			ID: seen.ID, Line: seen.Line, Roster: store.NewRoster(seen.Participants, seen.CreatedAt),
			Service: seen.Service, Named: seen.Named, CreatedAt: seen.CreatedAt, ActiveAt: later(seen.CreatedAt, seen.ActiveAt),
		}
		return []store.Event{seen}
	}
	e.outcome = already
	if seen.Line != kept.Line {
		e.outcome = differs
		l.tell(e.number, fmt.Sprintf("chat %s is on %s in the store and on %s here: it stays where it is, for a chat never changes its line; give that of the other line an id of its own",
			seen.ID, kept.Line.String(), seen.Line.String()))
		return nil
	}
	var events []store.Event
	if active := later(seen.CreatedAt, seen.ActiveAt); active.After(kept.ActiveAt) || kept.Service == 0 && seen.Service != 0 {
		events = append(events, seen)
		kept.ActiveAt = later(kept.ActiveAt, active)
		if kept.Service == 0 {
			kept.Service = seen.Service
		}
	}
	what, changes := differences(kept, seen)
	if len(what) > 0 {
		e.outcome = differs
		l.tell(e.number, fmt.Sprintf("chat %s differs: %s; %s", seen.ID, strings.Join(what, "; "), l.treated()))
	}
	if l.update && len(changes) > 0 {
		events = append(events, changes...)
		kept.Named, kept.Roster = seen.Named, store.NewRoster(seen.Participants, kept.CreatedAt)
	}
	known[seen.ID] = kept
	return events
}

func (l *loader) treated() string {
	if l.update {
		return "the store now says what this line says"
	}
	return "the store keeps what it has (-on-difference update changes it)"
}

// differences says, with people masked, in what a line differs from the chat
// that the store has on the same line, and which events would change that. Who
// comes joins before others leave, so that the chat is never empty; when they
// joined is not known: no later than the chat was active.
func differences(kept store.Chat, seen store.ChatSeen) (what []string, changes []store.Event) {
	before, now := kept.Roster.Set(), seen.Participants
	joined := without(now, before)
	left := without(before, now)
	at := later(kept.CreatedAt, later(seen.CreatedAt, seen.ActiveAt))
	for _, h := range joined {
		changes = append(changes, store.ParticipantAdded{Chat: seen.ID, Handle: h, At: at})
	}
	for _, h := range left {
		changes = append(changes, store.ParticipantRemoved{Chat: seen.ID, Handle: h})
	}
	if len(joined) > 0 {
		what = append(what, masked(slices.Values(joined))+" not among its people in the store")
	}
	if len(left) > 0 {
		what = append(what, masked(slices.Values(left))+" among them in the store alone")
	}
	if kept.Named != seen.Named {
		changes = append(changes, store.Renamed{Chat: seen.ID, Named: seen.Named})
		name := "a name in the store alone"
		if seen.Named {
			name = "a name here alone"
		}
		what = append(what, name)
	}
	return what, changes
}

// without returns the handles of a set that another one lacks.
func without(set, other recipients.Set) []recipients.Handle {
	var lacks []recipients.Handle
	for _, h := range set.All() {
		if !other.Contains(h) {
			lacks = append(lacks, h)
		}
	}
	return lacks
}

func masked(people iter.Seq[recipients.Handle]) string {
	var texts []string
	for h := range people {
		texts = append(texts, h.Masked())
	}
	return strings.Join(texts, ", ")
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
