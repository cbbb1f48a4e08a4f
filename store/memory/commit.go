package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Commit implements store.ChatStore. Everything is checked before anything is
// written.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	_, err := s.commitNew(ctx, p.Check(), p, 0)
	return err
}

// commitNew commits a plan about a message that is new, and leases its delivery
// where a lease is wanted and it is due.
func (s *Store) commitNew(ctx context.Context, invalid error, p *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	if err := s.begin(ctx, invalid); err != nil {
		return id, err
	}
	defer s.mu.Unlock()
	if err := s.commit(p, nil); err != nil {
		return id, err
	}
	if from, wanted := p.Delivery(); wanted {
		d := s.enqueue(s.tenants[p.Tenant], &from, fromMicros(p.At.UnixMicro()), store.Micros(p.NotBefore))
		if lease > 0 {
			id = s.leaseNew(d, lease)
		}
	}
	return id, nil
}

// Reroute implements store.Outbox.
func (s *Store) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	return s.settle(ctx, store.CheckReroute(id, p), id, func(d *delivery) error {
		if s.doomed[d] {
			return lost(id)
		}
		if err := s.commit(p, d); err != nil {
			return err
		}
		s.takeOut(d)
		to, _ := p.Delivery()
		d.Delivery, d.at = handedOver(to), fromMicros(p.At.UnixMicro())
		d.token, d.attempts, d.leave, d.notUntil = uuid.Nil, 0, false, store.Micros(p.NotBefore)
		s.wait(d)
		s.lookAt(d.queue)
		return nil
	})
}

// commit checks a plan and writes it, but for its delivery. It is about a message
// that is new, or about one that is rerouted.
func (s *Store) commit(p *store.Plan, rerouted *delivery) error {
	if err := p.CheckClock(s.now()); err != nil {
		return err
	}
	t := s.writable(p.Tenant)
	matching := t.sets[p.Set.Key()]
	if matching == nil {
		matching = new(set)
	}
	var before *record
	if rerouted != nil {
		before = t.messages[p.MessageID]
	}
	at, hour := p.At.UnixMicro(), line.HourOf(p.At)
	if err := t.conflict(p, matching.revision, before); err != nil {
		return err
	}
	c, abandoned, err := t.subjects(p, matching, rerouted)
	if err != nil {
		return err
	}
	if s.records >= s.maxRecords && before == nil {
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
	if before != nil {
		s.drop(before)
	}
	s.keep(t, c, &p.Record)
	return nil
}

// conflict says which of the things that a plan rests on has changed. The record
// from before is that of a message that is rerouted.
func (t *tenant) conflict(p *store.Plan, revision store.Revision, before *record) error {
	switch {
	case revision != p.Revision:
		return &store.Conflict{Kind: store.RevisionMoved}
	case t.messages[p.MessageID] != before, p.Key != "" && t.keys[p.Key] != nil && t.keys[p.Key] != before:
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
func (t *tenant) subjects(p *store.Plan, matching *set, rerouted *delivery) (reused, abandoned *chat, err error) {
	switch {
	case p.Content != nil && t.deliveries[p.MessageID] != rerouted:
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
