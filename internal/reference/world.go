package reference

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// World is some tenants with their lines, chats and keys over time. A test
// reports what happened, and gets the facts of decisions. The zero World is
// empty. It is not safe for concurrent use.
type World struct {
	SkipNamedGroups bool
	AllowCritical   bool

	tenants map[string]*tenant
}

type tenant struct {
	lines []*account
	chats []*store.Chat
	kept  map[string]Kept
}

// account is a line, with every message and new chat that it counts.
type account struct {
	line.Line
	StatusAt, ReputationAt time.Time // of the last event with that fact
	opened, messages       counter
	gone                   bool // removed from the fleet
}

// Kept is the entry of an idempotency key.
type Kept struct {
	Request string // identifies the request
	Answer  Answer
	Chat    uuid.UUID
	Until   time.Time
}

func (w *World) tenant(name string) *tenant {
	if w.tenants == nil {
		w.tenants = map[string]*tenant{}
	}
	t := w.tenants[name]
	if t == nil {
		t = &tenant{kept: map[string]Kept{}}
		w.tenants[name] = t
	}
	return t
}

// AddLine adds a line to the fleet of a tenant.
func (w *World) AddLine(name string, l line.Line) {
	t := w.tenant(name)
	t.lines = append(t.lines, &account{Line: l})
}

// SetGone removes a line from the fleet, or puts it back as it was.
func (w *World) SetGone(name string, number recipients.Handle, gone bool) {
	w.tenant(name).line(number).gone = gone
}

// Lines returns the fleet of a tenant at a moment.
func (w *World) Lines(name string, at time.Time) []line.Line {
	var lines []line.Line
	for _, l := range w.tenant(name).lines {
		if l.gone {
			continue
		}
		now := l.Line
		now.NewChats = l.opened.window(at)
		now.NewChatsFullUntil = l.opened.fullUntil(at, l.Limits.NewChatsPerDay)
		now.MessagesFullUntil = l.messages.fullUntil(at, l.Limits.MessagesPerDay)
		lines = append(lines, now)
	}
	return lines
}

// Chats returns the chats of a tenant.
func (w *World) Chats(name string) []store.Chat {
	var chats []store.Chat
	for _, c := range w.tenant(name).chats {
		chats = append(chats, *c)
	}
	return chats
}

// Facts returns the facts of a send at a moment.
func (w *World) Facts(name string, at time.Time, s Send) Facts {
	return Facts{
		Send: s, Chats: w.Chats(name), Lines: w.Lines(name, at), At: at,
		SkipNamedGroups: w.SkipNamedGroups, AllowCritical: w.AllowCritical,
	}
}

// Kept returns the entry of a key, and false if there is none.
func (w *World) Kept(name, key string) (Kept, bool) {
	k, ok := w.tenant(name).kept[key]
	return k, ok && key != ""
}

// Purge removes the keys whose Until is before a time.
func (w *World) Purge(before time.Time) {
	for _, t := range w.tenants {
		for key, k := range t.kept {
			if k.Until.Before(before) {
				delete(t.kept, key)
			}
		}
	}
}

// Decided reports that an answer was made durable. opened is the id of the chat
// if it opens one. The key may be empty.
func (w *World) Decided(name string, at time.Time, s Send, a Answer, opened uuid.UUID, key string, k Kept) {
	t := w.tenant(name)
	chat := a.Reused
	if a.Branch == store.ReusedActiveChat {
		c := t.chat(chat)
		c.ActiveAt = later(c.ActiveAt, at)
		c.Successor, c.SucceededAt = uuid.Nil, time.Time{}
	} else {
		chat = opened
		t.open(opened, a.Line, s.To, at)
	}
	if a.Branch == store.FailoverFlagged {
		old := t.chat(a.Previous)
		old.Successor, old.SucceededAt = opened, at
	}
	l := t.line(a.Line)
	l.messages.add(at, 1)
	if a.Branch != store.ReusedActiveChat {
		l.opened.add(at, 1)
	}
	if key != "" {
		k.Answer, k.Chat = a, chat
		t.kept[key] = k
	}
}

// open adds a chat, more recently active than all others of its set.
func (t *tenant) open(id uuid.UUID, number recipients.Handle, to []recipients.Handle, at time.Time) {
	set, err := recipients.NewSet(to...)
	if err != nil {
		panic(err)
	}
	active := at
	for _, c := range t.chats {
		if !c.LineLeft && slices.Equal(distinct(c.Roster), sorted(to)) {
			active = later(active, c.ActiveAt.Add(time.Microsecond))
		}
	}
	t.chats = append(t.chats, &store.Chat{
		ID: id, Line: number, Roster: store.NewRoster(set, at), CreatedAt: at, ActiveAt: active,
	})
}

func (t *tenant) chat(id uuid.UUID) *store.Chat {
	for _, c := range t.chats {
		if c.ID == id {
			return c
		}
	}
	panic(fmt.Sprintf("reference: no chat %s", id))
}

func (t *tenant) line(number recipients.Handle) *account {
	for _, l := range t.lines {
		if l.Number == number {
			return l
		}
	}
	panic("reference: no such line")
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
