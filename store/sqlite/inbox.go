package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/people"
	"github.com/fromline/fromline/store/internal/tally"
)

// Hear implements store.Inbox. It is one transaction. Calls that wait together
// share it.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return uuid.Nil, 0, err
	}
	if err := cmp.Or(m.Check(), store.CheckAhead(s.now(), m.At)); err != nil {
		return uuid.Nil, 0, err
	}
	alone, err := recipients.NewSet(m.Sender)
	if err != nil {
		return uuid.Nil, 0, fmt.Errorf("sqlite: %w: %w", store.ErrInvalid, err)
	}
	// The job may run after the caller has gone.
	if m.OptedOut != nil {
		m.OptedOut = new(*m.OptedOut)
	}
	h := &hearing{DirectMessage: m, alone: alone, applier: applier{tenant: tenant}}
	if err := s.write(ctx, h.run); err != nil {
		return uuid.Nil, 0, err
	}
	if h.later {
		s.traffic.Add(tally.Count{Tenant: tenant, Line: m.Line, Hour: line.HourOf(m.At), Messages: 1})
	}
	return h.chat, h.heard, nil
}

// hearing is a direct message on its way to the writer.
type hearing struct {
	store.DirectMessage
	alone recipients.Set // the sender
	applier

	chat  uuid.UUID
	heard store.Heard
	later bool // it added the chat, or made it active later
}

func (h *hearing) run(t *tx) (err error) {
	if h.tenantID, err = t.tenantID(h.tenant); err != nil {
		return err
	}
	news, blocked, err := h.consents(t)
	if err != nil || blocked {
		h.heard = store.HeardBlocked
		return err
	}
	n, noted, err := t.note(h.tenantID, h.Note)
	if err != nil {
		return err
	}
	c, err := h.meant(t, n.Of)
	if err != nil {
		return err
	}
	h.chat, h.heard, h.later = idOf(c.id), store.HeardBefore, !c.exists() || micros(h.At) > c.activeAt
	switch {
	case !c.exists():
		h.chat = h.DirectMessage.Chat
	case c.line != int64(h.Line.Digits()):
		h.heard, h.later = store.HeardElsewhere, false
		return nil
	case c.lineLeft:
		h.heard, h.later = store.HeardLeft, false
		return nil
	}
	if h.later || c.service == 0 && h.Service != 0 {
		news = true
		seen := store.ChatSeen{ID: h.chat, Line: h.Line, Participants: h.alone, Service: h.Service, CreatedAt: h.At}
		if err := h.seen(t, &c, seen); err != nil {
			return err
		}
	}
	if !noted {
		n.Of = h.DirectMessage.Chat
	}
	if h.Note != "" && n.Of != h.chat {
		n.Name, n.Of = h.Note, h.chat
		if err := t.keepNote(h.tenantID, &n); err != nil {
			return err
		}
	}
	if news {
		h.heard = store.HeardNews
	}
	return nil
}

// consents keeps the opt-out or opt-in that the message states.
func (h *hearing) consents(t *tx) (news, blocked bool, err error) {
	if h.OptedOut == nil && !h.UnlessBlocked {
		return false, false, nil
	}
	c, _, err := t.consent(h.tenantID, h.alone.Key())
	if err != nil || h.OptedOut == nil {
		return false, h.UnlessBlocked && c.Blocked, err
	}
	c.Name, c.Person = h.alone.Key(), h.Sender
	kept, news := c.Change(store.ConsentChange{OptedOut: h.OptedOut, At: h.At})
	if news {
		if h.tenantID, err = t.needTenant(h.tenantID, h.tenant); err == nil {
			err = t.keepConsent(h.tenantID, &kept)
		}
	}
	return news, h.UnlessBlocked && c.Blocked, err
}

// meant returns the chat of the message.
func (h *hearing) meant(t *tx, noted uuid.UUID) (c chatRow, err error) {
	for _, id := range []uuid.UUID{noted, h.DirectMessage.Chat} {
		if id == uuid.Nil {
			continue
		}
		if c, err = t.chat(h.tenantID, id); err != nil || c.exists() {
			return c, err
		}
	}
	_, err = t.row("chat on line", []any{h.tenantID, keyBytes(h.alone.Key()), int64(h.Line.Digits())}, c.fields()...)
	return c, err
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Note{}, err
	}
	if err := store.CheckNoteName(name); err != nil {
		return store.Note{}, err
	}
	var r noteRow
	if _, err := s.read(ctx, "note of tenant", []any{[]byte(tenant), []byte(name)}, r.fields()...); err != nil {
		return store.Note{}, err
	}
	n, err := r.note() // without a row the zero note
	if err != nil {
		return store.Note{}, fmt.Errorf("sqlite: %w", s.aside.Add(store.UnreadableNote, tenant, name, err))
	}
	return n, nil
}

// KeepNote implements store.Inbox.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if err := store.CheckNote(tenant, &was, &now); err != nil {
		return false, err
	}
	was.Body, now.Body = bytes.Clone(was.Body), bytes.Clone(now.Body)
	now.Names = append([]recipients.Key(nil), now.Names...)
	kept := new(bool)
	err := s.write(ctx, func(t *tx) error {
		id, err := t.tenantID(tenant)
		if err != nil {
			return err
		}
		if now.OfMessage {
			var exists bool
			if _, err := t.row("record exists", []any{id, now.Of[:]}, &exists); err != nil {
				return err
			}
			if !exists {
				return fmt.Errorf("sqlite: %w", store.ErrNoRecord)
			}
		}
		there, found, err := t.note(id, now.Name)
		if err != nil || found != (was.Name != "") || found && (there.Of != was.Of || !bytes.Equal(there.Body, was.Body)) {
			return err
		}
		if id, err = t.needTenant(id, tenant); err != nil {
			return err
		}
		*kept = true
		return t.keepNote(id, &now)
	})
	return *kept && err == nil, err
}

// note reads a note. Under the empty name there is none.
func (t *tx) note(tenant int64, name string) (n store.Note, found bool, err error) {
	if name == "" {
		return n, false, nil
	}
	var r noteRow
	if found, err = t.row("note", []any{tenant, []byte(name)}, r.fields()...); err == nil {
		n, err = r.note()
	}
	return n, found, err
}

func (t *tx) keepNote(tenant int64, n *store.Note) error {
	names := []byte{}
	for _, name := range n.Names {
		names = append(names, keyBytes(name)...)
	}
	body := n.Body
	if body == nil {
		body = []byte{}
	}
	if _, err := t.exec("keep note", tenant, []byte(n.Name), n.Of[:], n.OfMessage, body, names); err != nil {
		return err
	}
	if n.OfMessage {
		return nil
	}
	if _, err := t.exec("clear note persons", tenant, []byte(n.Name)); err != nil {
		return err
	}
	for _, name := range n.Names {
		if _, err := t.exec("add note person", tenant, keyBytes(name), []byte(n.Name)); err != nil {
			return err
		}
	}
	return nil
}

// noteRow is a row of the table note.
type noteRow struct {
	name, of, body, names []byte
	ofMessage             bool
}

func (r *noteRow) fields() []any {
	return []any{&r.name, &r.of, (*truth)(&r.ofMessage), &r.body, &r.names}
}

func (r *noteRow) note() (n store.Note, err error) {
	n = store.Note{Name: string(r.name), Of: idOf(r.of), OfMessage: r.ofMessage, Body: r.body}
	n.Names, err = people.ReadNames(r.names)
	return n, err
}

func (s *Store) scanCopiedNote(rows *sql.Rows) (store.Item, error) {
	var r noteRow
	var tenant []byte
	if err := rows.Scan(append(r.fields(), &tenant)...); err != nil {
		return store.Item{}, err
	}
	n, err := r.note()
	if err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableNote, string(tenant), n.Name, err))
	}
	return store.Item{Tenant: string(tenant), Note: &n}, nil
}
