package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Hear implements store.Inbox.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	name, unnamed := people.Name(m.Sender)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), m.Check(), unnamed)); err != nil {
		return uuid.Nil, 0, err
	}
	defer s.mu.Unlock()
	if err := store.CheckAhead(s.now(), m.At); err != nil {
		return uuid.Nil, 0, err
	}
	t := s.writable(tenant)
	news := false
	if m.OptedOut != nil {
		kept := t.consents[name]
		kept.Name, kept.Person = name, m.Sender
		if kept, news = kept.Change(store.ConsentChange{OptedOut: m.OptedOut, At: m.At}); news {
			t.consents[name] = kept
		}
	}
	if m.UnlessBlocked && t.consents[name].Blocked {
		return uuid.Nil, store.HeardBlocked, nil
	}
	c := t.meant(&m, name)
	switch {
	case c == nil:
		alone, err := recipients.NewSet(m.Sender)
		if err != nil {
			return uuid.Nil, 0, fmt.Errorf("memory: %w: %w", store.ErrInvalid, err)
		}
		at := m.At.UnixMicro()
		c = &chat{id: m.Chat, line: t.line(m.Line), created: at, active: at, service: m.Service}
		s.admit(t, c, alone)
		s.count(c.line, line.HourOf(m.At), 1)
		news = true
	case c.line.use.Number != m.Line:
		return c.id, store.HeardElsewhere, nil
	case c.left:
		return c.id, store.HeardLeft, nil
	default:
		if c.service == 0 && m.Service != 0 {
			c.service, news = m.Service, true
		}
		if at := m.At.UnixMicro(); at > c.active {
			s.advance(c, at)
			s.count(c.line, line.HourOf(m.At), 1)
			news = true
		}
	}
	if n := t.notes[m.Note]; m.Note != "" && (n != nil && n.Of != c.id || n == nil && c.id != m.Chat) {
		if n == nil {
			n = &store.Note{Name: m.Note}
		}
		moved := *n
		moved.Of = c.id
		t.keepNote(moved)
	}
	if news {
		return c.id, store.HeardNews, nil
	}
	return c.id, store.HeardBefore, nil
}

// meant returns the chat that a message is in, nil if there is none yet.
func (t *tenant) meant(m *store.DirectMessage, sender recipients.Key) *chat {
	if n := t.notes[m.Note]; n != nil {
		if c := t.chats[n.Of]; c != nil {
			return c
		}
	}
	if c := t.chats[m.Chat]; c != nil {
		return c
	}
	if direct := t.sets[sender]; direct != nil {
		for _, c := range direct.chats {
			if c.line.use.Number == m.Line {
				return c
			}
		}
	}
	return nil
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckNoteName(name))); err != nil {
		return store.Note{}, err
	}
	defer s.mu.Unlock()
	if n := s.tenant(tenant).notes[name]; n != nil {
		return ownNote(n), nil
	}
	return store.Note{}, nil
}

// KeepNote implements store.Inbox.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (kept bool, err error) {
	if err := s.begin(ctx, store.CheckNote(tenant, &was, &now)); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	t := s.writable(tenant)
	if now.OfMessage && t.messages[now.Of] == nil {
		return false, fmt.Errorf("memory: message %s: %w", now.Of, store.ErrNoRecord)
	}
	there := t.notes[now.Name]
	if (there != nil) != (was.Name != "") || there != nil && (there.Of != was.Of || !bytes.Equal(there.Body, was.Body)) {
		return false, nil
	}
	t.keepNote(ownNote(&now))
	return true, nil
}

// ownNote returns a note that shares no memory.
func ownNote(n *store.Note) store.Note {
	own := *n
	own.Body, own.Names = bytes.Clone(n.Body), slices.Clone(n.Names)
	return own
}

func (t *tenant) keepNote(n store.Note) {
	if old := t.notes[n.Name]; old != nil {
		t.dropNote(old)
	}
	t.notes[n.Name] = &n
	if n.OfMessage {
		t.noted[n.Of] = append(t.noted[n.Of], n.Name)
	}
}

func (t *tenant) dropNote(n *store.Note) {
	delete(t.notes, n.Name)
	if !n.OfMessage {
		return
	}
	left := slices.DeleteFunc(t.noted[n.Of], func(name string) bool { return name == n.Name })
	if t.noted[n.Of] = left; len(left) == 0 {
		delete(t.noted, n.Of)
	}
}

// dropNotesOf removes the notes of a message.
func (t *tenant) dropNotesOf(message uuid.UUID) {
	for _, name := range slices.Clone(t.noted[message]) {
		t.dropNote(t.notes[name])
	}
}

// forgetNotes removes the notes of chats that are gone, and those that name a
// person.
func (t *tenant) forgetNotes(gone map[uuid.UUID]bool, person recipients.Key) {
	for _, n := range t.notes {
		if !n.OfMessage && (gone[n.Of] || slices.Contains(n.Names, person)) {
			t.dropNote(n)
		}
	}
}
