package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// Commit implements store.ChatStore.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	if err := p.Check(); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()

	t := s.of(p.Tenant)
	at := store.Micros(p.At)
	opens := p.Reason != store.ReusedActiveChat
	key := p.Set.Key()

	// Everything is checked before anything is written.
	if t.revisions[key] != p.Revision {
		return conflict(store.RevisionMoved)
	}
	if t.records[p.Record.MessageID] != nil || p.Record.Key != "" && t.keys[p.Record.Key] != nil {
		return conflict(store.KeyTaken)
	}
	var use fleet.Use
	if u := s.uses[line{p.Tenant, p.Line}]; u != nil {
		use = *u
	}
	hour := fleet.HourOf(at)
	if opens && use.Full(hour, p.NewChatLimit) {
		return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: use.NextFree(hour, p.NewChatLimit)}
	}
	if err := t.refuse(p, opens); err != nil {
		return err
	}
	if s.records >= s.maxRecords {
		return fmt.Errorf("memory: %w: it keeps %d records at most; purge those that have expired", store.ErrFull, s.maxRecords)
	}

	s.change(t, func() {
		if opens {
			t.open(p, at)
		} else {
			c := t.chats[p.Chat]
			c.ActiveAt = later(c.ActiveAt, at)
			c.Successor, c.SucceededAt = uuid.Nil, time.Time{}
		}
		if p.Reason == store.FailoverFlagged {
			old := t.chats[p.Abandoned]
			old.Successor, old.SucceededAt = p.Chat, at
		}
	}, key)
	s.count(line{p.Tenant, p.Line}, func(u *fleet.Use) {
		u.AddMessages(hour, 1)
		if opens {
			u.AddNewChat(hour)
		}
	})
	t.keep(&p.Record)
	s.records++
	if p.Delivery != nil {
		s.enqueue(t, p.Delivery, at)
	}
	return nil
}

// refuse says why a plan contradicts the chats of its own revision.
func (t *tenant) refuse(p *store.Plan, opens bool) error {
	matches := func(id uuid.UUID) bool {
		c := t.chats[id]
		return c != nil && !c.LineLeft && c.Roster.Set().Equal(p.Set)
	}
	switch c := t.chats[p.Chat]; {
	case opens && c != nil:
		return fmt.Errorf("%w: the chat to be opened exists", store.ErrInvalid)
	case !opens && !matches(p.Chat):
		return fmt.Errorf("%w: the chat to be reused is not one of the set", store.ErrInvalid)
	case !opens && c.Line != p.Line:
		return fmt.Errorf("%w: the chat to be reused is on another line", store.ErrInvalid)
	case p.Reason == store.FailoverFlagged && !matches(p.Abandoned):
		return fmt.Errorf("%w: the abandoned chat is not one of the set", store.ErrInvalid)
	}
	return nil
}

// open adds a chat that is more recently active than the others of its set.
func (t *tenant) open(p *store.Plan, at time.Time) {
	active := at
	if others := t.matching(p.Set.Key()); len(others) > 0 {
		active = later(active, others[0].ActiveAt.Add(time.Microsecond))
	}
	t.chats[p.Chat] = &chat{Chat: store.Chat{
		ID: p.Chat, Line: p.Line, Roster: store.NewRoster(p.Set, at), CreatedAt: at, ActiveAt: active,
	}}
}

// keep adds a record.
func (t *tenant) keep(r *store.Record) {
	c := cloneRecord(r)
	c.At, c.KeepUntil = store.Micros(r.At), store.Micros(r.KeepUntil)
	t.records[c.MessageID] = c
	if c.Key != "" {
		t.keys[c.Key] = c
	}
}

// count changes the use of a line.
func (s *Store) count(l line, change func(*fleet.Use)) {
	u := s.uses[l]
	if u == nil {
		u = &fleet.Use{Tenant: l.tenant, Number: l.number}
		s.uses[l] = u
	}
	change(u)
	s.useChange++
	u.Change = s.useChange
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
