package memory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Commit implements store.ChatStore.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	t := s.tenants.intern(p.Tenant)
	opens := p.Reason != store.ReusedActiveChat
	held := placeOfSet(t, p.Set.Key()).set() | placeOfLine(t, p.Line).set() | placeOfID(t, p.Record.MessageID).set()
	if p.Record.Key != "" {
		held |= s.placeOfKey(t, p.Record.Key).set()
	}
	if opens {
		held |= placeOfID(t, p.Chat).set()
	}
	s.lock(held)
	defer s.unlock(held)

	// Everything is checked before anything is written.
	set := s.findSet(t, p.Set.Key())
	if err := s.conflict(t, set, p, opens); err != nil {
		return err
	}
	if err := s.contradiction(t, set, p, opens); err != nil {
		return err
	}
	if err := s.reserve(); err != nil {
		return err
	}

	at, hour := toMicros(p.At), line.HourOf(p.At)
	lines := &s.shards[placeOfLine(t, p.Line)]
	var c *chat
	if opens {
		set = s.setOf(t, p.Set)
		c = &chat{id: p.Chat, line: s.lineOf(t, p.Line), created: at, active: at}
		if set.matches() {
			c.active = max(at, set.chats[0].active+1)
		}
		s.admit(t, c, set)
		s.countChat(lines, c.line, hour)
	} else {
		c = set.find(p.Chat)
		s.advance(c, at)
		s.note(c, uuid.Nil, 0)
	}
	if p.Reason == store.FailoverFlagged {
		s.note(set.find(p.Abandoned), p.Chat, at)
	}
	countMessages(lines, c.line, hour, 1)
	s.keep(pack(&p.Record, c))
	if p.Delivery != nil {
		s.outbox.enqueue(t, p.Tenant, p.Delivery, p.At)
	}
	return nil
}

// admit makes a chat known. The shards of its id, line and set are locked.
func (s *Store) admit(t tenantID, c *chat, set *set) {
	s.join(set, c)
	s.shards[placeOfID(t, c.id)].chats.add(c)
	c.line.chats.Load(c) // fast for an id after all others, and right for the rest
}

// conflict says which of the things that a plan rests on has changed.
func (s *Store) conflict(t tenantID, set *set, p *store.Plan, opens bool) error {
	var revision store.Revision
	if set != nil {
		revision = set.revision
	}
	if revision != p.Revision {
		return &store.Conflict{Kind: store.RevisionMoved}
	}
	if s.decided(t, p.Record.MessageID) != nil || p.Record.Key != "" && s.decidedUnder(t, p.Record.Key) != nil {
		return &store.Conflict{Kind: store.KeyTaken}
	}
	if !opens || p.NewChatLimit == 0 {
		return nil
	}
	l := s.shards[placeOfLine(t, p.Line)].lines[owned[uint64]{t, p.Line.Digits()}]
	if hour := line.HourOf(p.At); l != nil && l.use.Full(hour, p.NewChatLimit) {
		return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: l.use.NextFree(hour, p.NewChatLimit)}
	}
	return nil
}

// contradiction says how a plan contradicts the state that it rests on.
func (s *Store) contradiction(t tenantID, set *set, p *store.Plan, opens bool) error {
	find := func(id uuid.UUID) *chat {
		if set == nil {
			return nil
		}
		return set.find(id)
	}
	if p.Delivery != nil && s.outbox.has(t, p.Delivery.MessageID) {
		return fmt.Errorf("memory: %w: message %s is still in the outbox: keep records for longer", store.ErrInvalid, p.Delivery.MessageID)
	}
	switch {
	case opens:
		if s.findChat(t, p.Chat) != nil {
			return fmt.Errorf("memory: %w: chat %s is to be opened and exists already: draw another id", store.ErrInvalid, p.Chat)
		}
		if p.Reason == store.FailoverFlagged && find(p.Abandoned) == nil {
			return fmt.Errorf("memory: %w: chat %s is to be abandoned and is not one of the set", store.ErrInvalid, p.Abandoned)
		}
	default:
		c := find(p.Chat)
		if c == nil {
			return fmt.Errorf("memory: %w: chat %s is to be reused and is not one of the set", store.ErrInvalid, p.Chat)
		}
		if c.line.number() != p.Line {
			return fmt.Errorf("memory: %w: chat %s is to be reused on a line that it is not on", store.ErrInvalid, p.Chat)
		}
	}
	return nil
}
