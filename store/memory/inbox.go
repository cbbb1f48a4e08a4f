package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Hear implements store.Inbox.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (_ uuid.UUID, heard store.Heard, err error) {
	alone, unnamed := recipients.NewSet(m.Sender)
	t, err := s.beginFor(ctx, tenant, cmp.Or(store.CheckTenant(tenant), m.Check(), unnamed), m.At)
	if err != nil {
		return uuid.Nil, 0, err
	}
	defer s.mu.Unlock()
	heard = store.HeardBefore
	if m.OptedOut != nil {
		said := &store.Consent{Name: alone.Key(), Person: m.Sender}
		if t.changeConsent(said, store.ConsentChange{OptedOut: m.OptedOut, At: m.At}) {
			heard = store.HeardNews
		}
	}
	if m.UnlessBlocked && t.consents[alone.Key()].Blocked {
		return uuid.Nil, store.HeardBlocked, nil
	}
	at := m.At.UnixMicro()
	c := t.meant(&m, alone.Key())
	switch {
	case c == nil:
		c = &chat{id: m.Chat, line: t.line(m.Line), created: at, active: at, service: m.Service}
		s.admit(t, c, alone)
		s.count(c.line, line.HourOf(m.At), 1)
		heard = store.HeardNews
	case c.line.use.Number != m.Line:
		return c.id, store.HeardElsewhere, nil
	case c.left:
		return c.id, store.HeardLeft, nil
	default:
		if c.service == 0 && m.Service != 0 {
			c.service, heard = m.Service, store.HeardNews
		}
		if at > c.active {
			s.advance(c, at)
			s.count(c.line, line.HourOf(m.At), 1)
			heard = store.HeardNews
		}
	}
	if m.Note != "" {
		n, there := t.notes[m.Note]
		if !there {
			n = store.Note{Name: m.Note, Of: m.Chat}
		}
		if n.Of != c.id {
			n.Of = c.id
			t.keepNote(n)
		}
	}
	return c.id, heard, nil
}

// meant returns the chat that a message is in, nil if there is none yet.
func (t *tenancy) meant(m *store.DirectMessage, sender recipients.Key) *chat {
	if n, there := t.notes[m.Note]; there && t.chats[n.Of] != nil {
		return t.chats[n.Of]
	}
	if c := t.chats[m.Chat]; c != nil {
		return c
	}
	for _, c := range t.matching(sender).chats {
		if c.line.use.Number == m.Line {
			return c
		}
	}
	return nil
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	return read(ctx, s, tenant, store.CheckNoteName(name), func(t *tenancy) (store.Note, error) { return ownNote(t.notes[name]), nil })
}

// KeepNote implements store.Inbox.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (kept bool, err error) {
	t, err := s.beginFor(ctx, tenant, store.CheckNote(tenant, &was, &now), time.Time{})
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	if now.OfMessage && t.messages[now.Of] == nil {
		return false, fmt.Errorf("memory: message %s: %w", now.Of, store.ErrNoRecord)
	}
	there := t.notes[now.Name]
	if there.Name != was.Name || was.Name != "" && (there.Of != was.Of || !bytes.Equal(there.Body, was.Body)) {
		return false, nil
	}
	t.keepNote(ownNote(now))
	return true, nil
}

// ownNote returns a note that shares no memory.
func ownNote(n store.Note) store.Note {
	n.Body, n.Names = bytes.Clone(n.Body), slices.Clone(n.Names)
	return n
}

func (t *tenancy) keepNote(n store.Note) {
	t.dropNote(t.notes[n.Name])
	t.notes[n.Name] = n
	if n.OfMessage {
		t.noted[n.Of] = append(t.noted[n.Of], n.Name)
	}
}

func (t *tenancy) dropNote(n store.Note) {
	delete(t.notes, n.Name)
	without(t.noted, n.Of, n.Name)
}

// dropNotesOf removes the notes of a message.
func (t *tenancy) dropNotesOf(message uuid.UUID) {
	for _, name := range slices.Clone(t.noted[message]) {
		t.dropNote(t.notes[name])
	}
}
