package etcd

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

func (s *Store) keyOfNote(tenant, name string) string { return s.ofTenant(kindNote, tenant) + name }

// Hear implements store.Inbox. It is one round trip if this process has the
// values that it needs.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (chat uuid.UUID, heard store.Heard, err error) {
	alone, unnamed := recipients.NewSet(cmp.Or(m.Sender, m.Line)) // m.Check refuses a message without a sender
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), m.Check(), unnamed, store.CheckAhead(s.o.Clock(), m.At))); err != nil {
		return uuid.Nil, 0, err
	}
	m.At = store.Micros(m.At)
	later := false
	err = s.change(ctx, true, func(t *tx) error {
		chat, heard, later = t.hear(tenant, &m, alone)
		return nil
	})
	if err != nil {
		return uuid.Nil, 0, err
	}
	if later {
		s.tally.Add(tally.Count{Tenant: tenant, Line: m.Line, Hour: line.HourOf(m.At), Messages: 1})
	}
	return chat, heard, nil
}

// hear applies a message. later reports whether it added its chat or made it
// active later.
func (t *tx) hear(tenant string, m *store.DirectMessage, alone recipients.Set) (chat uuid.UUID, heard store.Heard, later bool) {
	news := false
	if m.OptedOut != nil || m.UnlessBlocked {
		kept, err := readConsent(alone.Key(), t.get(t.s.keyOfConsent(tenant, alone.Key())))
		t.damage(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
		kept.Name, kept.Person = alone.Key(), m.Sender
		if m.OptedOut != nil {
			if kept, news = kept.Change(store.ConsentChange{OptedOut: m.OptedOut, At: m.At}); news {
				t.saveConsent(tenant, &kept)
			}
		}
		if m.UnlessBlocked && kept.Blocked {
			return uuid.Nil, store.HeardBlocked, false
		}
	}
	var n store.Note
	if m.Note != "" {
		n = t.note(tenant, m.Note)
	}
	c, in := t.meant(tenant, m, n.Of, alone)
	switch {
	case c == nil:
		c = &store.CopiedChat{Chat: store.Chat{
			ID: m.Chat, Line: m.Line, Roster: store.NewRoster(alone, m.At), Service: m.Service, CreatedAt: m.At, ActiveAt: m.At,
		}}
		t.admit(tenant, c)
		news, later = true, true
	case c.Line != m.Line:
		return c.ID, store.HeardElsewhere, false
	case c.LineLeft:
		return c.ID, store.HeardLeft, false
	default:
		if c.Service == 0 && m.Service != 0 {
			c.Service, news = m.Service, true
			t.keep(tenant, c, in, false)
		}
		if later = m.At.After(c.ActiveAt); later {
			news = true
			t.advance(tenant, c, in, m.At)
		}
	}
	if m.Note != "" && (n.Name != "" && n.Of != c.ID || n.Name == "" && c.ID != m.Chat) {
		n.Name, n.Of = m.Note, c.ID
		t.saveNote(tenant, &n)
	}
	if news {
		return c.ID, store.HeardNews, later
	}
	return c.ID, store.HeardBefore, later
}

// meant returns the chat of a message, and its set.
func (t *tx) meant(tenant string, m *store.DirectMessage, noted uuid.UUID, alone recipients.Set) (*store.CopiedChat, *set) {
	for _, id := range []uuid.UUID{noted, m.Chat} {
		if id == uuid.Nil {
			continue
		}
		if c, in := t.chat(tenant, id); c != nil {
			return c, in
		}
	}
	direct := t.set(tenant, alone.Key())
	for _, c := range direct.chats {
		if c.Line == m.Line {
			return c, direct
		}
	}
	return nil, nil
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckNoteName(name))); err != nil {
		return store.Note{}, err
	}
	key := s.keyOfNote(tenant, name)
	now, err := s.read(ctx, []string{key})
	if err != nil {
		return store.Note{}, err
	}
	n, err := readNote(name, now[key])
	if err != nil {
		return store.Note{}, fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableNote, tenant, name, err))
	}
	return n, nil
}

// KeepNote implements store.Inbox.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (kept bool, err error) {
	if err := s.begin(ctx, store.CheckNote(tenant, &was, &now)); err != nil {
		return false, err
	}
	err = s.change(ctx, false, func(t *tx) error {
		kept = false
		if now.OfMessage && t.record(tenant, now.Of) == nil {
			return fmt.Errorf("etcd: message %s: %w", now.Of, store.ErrNoRecord)
		}
		there := t.note(tenant, now.Name)
		if there.Name != was.Name || there.Of != was.Of || !bytes.Equal(there.Body, was.Body) {
			return nil
		}
		kept = true
		if there.Name != "" && there.OfMessage && there.Of != now.Of {
			t.unlist(tenant, &there)
		}
		t.saveNote(tenant, &now)
		return nil
	})
	return kept && err == nil, err
}

func (t *tx) note(tenant, name string) store.Note {
	n, err := readNote(name, t.get(t.s.keyOfNote(tenant, name)))
	t.damage(store.UnreadableNote, tenant, name, err)
	return n
}

func (t *tx) saveNote(tenant string, n *store.Note) {
	w := newWriter()
	w.id(n.Of)
	var flags byte
	if n.OfMessage {
		flags = 1
	}
	w.byte(flags)
	w.bytes(n.Body)
	w.uint(uint64(len(n.Names)))
	for _, name := range n.Names {
		w.key(name)
	}
	t.put(t.s.keyOfNote(tenant, n.Name), w)
	if n.OfMessage {
		if listed := t.listed(tenant, n.Of); !slices.Contains(listed, n.Name) {
			t.list(tenant, n.Of, append(listed, n.Name))
		}
	}
}

func readNote(name string, v value) (n store.Note, err error) {
	if !v.there() {
		return n, nil
	}
	r := newReader(v.bytes)
	n = store.Note{Name: name, Of: r.id(), OfMessage: r.byte() != 0, Body: bytes.Clone(r.bytes())}
	r.list(func() { n.Names = append(n.Names, r.key()) })
	return n, r.end()
}

// listed returns the names of the notes of a message.
func (t *tx) listed(tenant string, message uuid.UUID) (names []string) {
	v := t.get(t.s.keyOf(kindNoted, tenant, message))
	if !v.there() {
		return nil
	}
	r := newReader(v.bytes)
	r.list(func() { names = append(names, string(r.bytes())) })
	t.damage(store.UnreadableNote, tenant, "of message "+message.String(), r.end())
	return names
}

func (t *tx) list(tenant string, message uuid.UUID, names []string) {
	key := t.s.keyOf(kindNoted, tenant, message)
	if len(names) == 0 {
		t.del(key)
		return
	}
	w := newWriter()
	w.uint(uint64(len(names)))
	for _, name := range names {
		w.bytes([]byte(name))
	}
	t.put(key, w)
}

// unlist removes a note from the list of its message.
func (t *tx) unlist(tenant string, n *store.Note) {
	t.list(tenant, n.Of, slices.DeleteFunc(t.listed(tenant, n.Of), func(name string) bool { return name == n.Name }))
}

// dropNotes removes the notes of a message.
func (t *tx) dropNotes(tenant string, message uuid.UUID) {
	names := t.listed(tenant, message)
	for _, name := range names {
		t.del(t.s.keyOfNote(tenant, name))
	}
	if len(names) > 0 {
		t.list(tenant, message, nil)
	}
}

// forgetNotes removes the notes of removed chats, and those that name a person.
// It reads every note of the tenant.
func (s *Store) forgetNotes(ctx context.Context, tenant string, gone map[uuid.UUID]string, person recipients.Key) error {
	prefix := s.ofTenant(kindNote, tenant)
	doomed := func(n *store.Note) bool {
		return n.Name != "" && !n.OfMessage && (gone[n.Of] != "" || slices.Contains(n.Names, person))
	}
	var bad error
	err := s.walk(ctx, prefix, func(key string, b []byte, revision int64) error {
		name := key[len(prefix):]
		n, err := readNote(name, value{b, revision})
		if err != nil {
			bad = s.aside.Add(store.UnreadableNote, tenant, name, err)
			return nil
		}
		if !doomed(&n) {
			return nil
		}
		return s.change(ctx, false, func(t *tx) error {
			if n := t.note(tenant, name); doomed(&n) {
				t.del(key)
			}
			return nil
		})
	})
	return cmp.Or(err, bad)
}

func (s *Store) exportNotes(ctx context.Context, only string, yield func(store.Item, error) bool) error {
	return s.walk(ctx, s.ofAll(kindNote, only), func(key string, b []byte, revision int64) error {
		tenant, name, _ := strings.Cut(key[len(s.of(kindNote)):], "\x00")
		n, err := readNote(name, value{b, revision})
		if err != nil {
			return more(yield(store.Item{Tenant: tenant}, s.aside.Add(store.UnreadableNote, tenant, name, err)))
		}
		return more(yield(store.Item{Tenant: tenant, Note: &n}, nil))
	})
}
