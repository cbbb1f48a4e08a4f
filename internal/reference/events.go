package reference

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Saw adds a chat that we did not open.
func (w *World) Saw(name string, id uuid.UUID, number recipients.Handle, people []recipients.Handle, named bool, created, active time.Time) {
	set, err := recipients.NewSet(people...)
	if err != nil {
		panic(err)
	}
	t := w.tenant(name)
	t.chats = append(t.chats, &store.Chat{
		ID: id, Line: number, Roster: store.NewRoster(set, created), Named: named, CreatedAt: created, ActiveAt: later(created, active),
	})
}

// Active reports messages in a chat. Activity never goes back.
func (w *World) Active(name string, id uuid.UUID, at time.Time, messages int) {
	t := w.tenant(name)
	c := t.chat(id)
	c.ActiveAt = later(c.ActiveAt, at)
	for _, l := range t.lines {
		if l.Number == c.Line {
			l.messages.add(at, messages)
		}
	}
}

// Joined reports that a person joined a chat.
func (w *World) Joined(name string, id uuid.UUID, h recipients.Handle) {
	c := w.tenant(name).chat(id)
	setPeople(c, append(distinct(c.Roster), h))
}

// Gone reports that a person left a chat.
func (w *World) Gone(name string, id uuid.UUID, h recipients.Handle) {
	c := w.tenant(name).chat(id)
	setPeople(c, slices.DeleteFunc(distinct(c.Roster), func(p recipients.Handle) bool { return p == h }))
}

func setPeople(c *store.Chat, people []recipients.Handle) {
	set := recipients.Set{}
	if len(people) > 0 {
		var err error
		if set, err = recipients.NewSet(people...); err != nil {
			panic(err)
		}
	}
	c.Roster = store.NewRoster(set, c.CreatedAt)
}

// Named reports that the name of a group was set or cleared.
func (w *World) Named(name string, id uuid.UUID, named bool) { w.tenant(name).chat(id).Named = named }

// Left reports that our line left the chat.
func (w *World) Left(name string, id uuid.UUID) { w.tenant(name).chat(id).LineLeft = true }

// LineChanged is a line event. Of each fact the latest report holds, and of
// reports at the same time the worst one.
func (w *World) LineChanged(name string, number recipients.Handle, status line.Status, reputation line.Reputation, at time.Time) {
	l := w.tenant(name).line(number)
	if status != 0 && (at.After(l.StatusAt) || at.Equal(l.StatusAt) && status > l.Status) {
		l.Status, l.StatusAt = status, at
	}
	if reputation != 0 && (at.After(l.ReputationAt) || at.Equal(l.ReputationAt) && reputation > l.Reputation) {
		l.Reputation, l.ReputationAt = reputation, at
	}
}
