package memory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Commit implements store.ChatStore. Everything is checked before anything is
// written.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	if err := s.begin(ctx, p.Check()); err != nil {
		return err
	}
	defer s.mu.Unlock()
	t := s.writable(p.Tenant)
	matching := t.sets[p.Set.Key()]
	if matching == nil {
		matching = new(set)
	}
	at, hour := p.At.UnixMicro(), line.HourOf(p.At)
	if err := t.conflict(p, matching.revision); err != nil {
		return err
	}
	c, abandoned, err := t.subjects(p, matching)
	if err != nil {
		return err
	}
	if s.records >= s.maxRecords {
		return s.full()
	}

	if c == nil {
		c = &chat{id: p.ChatID, line: t.line(p.Line), created: at, active: at}
		if len(matching.chats) > 0 {
			c.active = max(at, matching.chats[0].active+1)
		}
		s.admit(t, c, p.Set)
		p.AddOpening(&c.line.use)
	} else {
		s.advance(c, at)
		s.note(c, uuid.Nil, 0)
	}
	if abandoned != nil {
		s.note(abandoned, p.ChatID, at)
	}
	s.count(c.line, hour, 1)
	s.keep(t, c, &p.Record)
	if d, wanted := p.Delivery(); wanted {
		s.enqueue(t, &d, fromMicros(at), store.Micros(p.NotBefore))
	}
	return nil
}

// conflict says which of the things that a plan rests on has changed.
func (t *tenant) conflict(p *store.Plan, revision store.Revision) error {
	switch {
	case revision != p.Revision:
		return &store.Conflict{Kind: store.RevisionMoved}
	case t.messages[p.MessageID] != nil, p.Key != "" && t.keys[p.Key] != nil:
		return &store.Conflict{Kind: store.KeyTaken}
	case p.Reason == store.ReusedActiveChat:
		return nil
	}
	if l := t.lines[p.Line]; l != nil {
		if c := p.Bounded(&l.use); c != nil {
			return c
		}
	}
	return nil
}

// subjects returns the chat that a plan reuses, and the one that it abandons,
// or says how the plan contradicts the state that it rests on.
func (t *tenant) subjects(p *store.Plan, matching *set) (reused, abandoned *chat, err error) {
	switch {
	case p.Content != nil && t.deliveries[p.MessageID] != nil:
		return nil, nil, contradiction("message %s is still in the outbox: keep records for longer", p.MessageID)
	case p.Reason == store.ReusedActiveChat:
		reused = matching.find(p.ChatID)
		if reused == nil {
			return nil, nil, contradiction("chat %s is to be reused and is not one of the set", p.ChatID)
		} else if reused.line.use.Number != p.Line {
			return nil, nil, contradiction("chat %s is to be reused on a line that it is not on", p.ChatID)
		}
	case t.chats[p.ChatID] != nil:
		return nil, nil, contradiction("chat %s is to be opened and exists already: draw another id", p.ChatID)
	case p.Reason == store.FailoverFlagged:
		abandoned = matching.find(p.PreviousChatID)
		if abandoned == nil {
			return nil, nil, contradiction("chat %s is to be abandoned and is not one of the set", p.PreviousChatID)
		}
	}
	return reused, abandoned, nil
}

func contradiction(format string, id uuid.UUID) error {
	return fmt.Errorf("memory: %w: "+format, store.ErrInvalid, id)
}

func (s *Store) full() error {
	return fmt.Errorf("memory: %w: it keeps %d records at most; purge those that have expired", store.ErrFull, s.maxRecords)
}
