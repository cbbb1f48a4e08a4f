package memory

import (
	"cmp"
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

// CommitLeased implements store.Leaser.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	return s.commitNew(ctx, cmp.Or(p.Check(), store.CheckLease(lease)), p, lease)
}

// commitNew commits a plan about a message that is new, and leases its delivery
// where a lease is wanted, it is due and no other one goes first.
func (s *Store) commitNew(ctx context.Context, invalid error, p *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	if err := s.begin(ctx, invalid); err != nil {
		return id, err
	}
	defer s.mu.Unlock()
	if err := s.commit(p, nil, nil); err != nil {
		return id, err
	}
	if p.Content != nil {
		d, now := s.enqueue(s.tenants[p.Tenant], decided(p)), s.now()
		if lease > 0 && len(d.queue.waiting) == 1 && !now.Before(d.Due) && !d.tenant.behind(d) {
			id = s.lease(d, now.Add(lease))
		}
	}
	return id, nil
}

// Reroute implements store.Outbox.
func (s *Store) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) (err error) {
	settled := s.settle(ctx, store.CheckReroute(id, p), id, func(d *delivery) {
		if s.doomed[d] {
			err = lost(id)
		} else if err = s.commit(p, d, d.tenant.messages[d.MessageID]); err == nil {
			s.takeOut(d)
			d.CopiedDelivery = decided(p)
			s.waitAgain(d)
		}
	})
	return cmp.Or(settled, err)
}

// commit checks a plan and writes it, but for its delivery. It is about a
// message that is new, or about one that is rerouted, with its record from
// before.
func (s *Store) commit(p *store.Plan, rerouted *delivery, before *record) error {
	if err := p.CheckClock(s.now()); err != nil {
		return err
	}
	t := s.writable(p.Tenant)
	matching := t.matching(p.Set.Key())
	if c := t.conflict(p, matching.revision, before); c != nil {
		return c
	}
	c, abandoned, err := t.subjects(p, matching, rerouted)
	if err != nil {
		return err
	}
	if s.records >= s.maxRecords && before == nil {
		return s.full()
	}

	at := p.At.UnixMicro()
	if c == nil {
		c = &chat{id: p.ChatID, line: t.line(p.Line), created: at, active: at}
		if len(matching.chats) > 0 {
			c.active = max(at, matching.chats[0].active+1)
		}
		s.admit(t, c, p.Set)
		p.AddOpening(&c.line.use)
	} else {
		s.advance(c, at)
		s.note(c, uuid.Nil, time.Time{})
	}
	if abandoned != nil {
		s.note(abandoned, p.ChatID, store.Micros(p.At))
	}
	s.count(c.line, line.HourOf(p.At), 1)
	if before != nil {
		s.drop(before)
	}
	s.keep(t, c, &p.Record)
	return nil
}

// conflict says which of the things that a plan rests on has changed, nil if
// none has. The record from before is that of a message that is rerouted.
func (t *tenancy) conflict(p *store.Plan, revision store.Revision, before *record) *store.Conflict {
	switch {
	case revision != p.Revision:
		return &store.Conflict{Kind: store.RevisionMoved}
	case t.messages[p.MessageID] != before, p.Key != "" && t.keys[p.Key] != nil && t.keys[p.Key] != before:
		return &store.Conflict{Kind: store.KeyTaken}
	case p.Reason == store.ReusedActiveChat:
		return nil
	}
	if l := t.lines[p.Line]; l != nil {
		return p.Bounded(&l.use)
	}
	return nil
}

// subjects returns the chat that a plan reuses, and the one that it abandons,
// or says how the plan contradicts the state that it rests on.
func (t *tenancy) subjects(p *store.Plan, matching *set, rerouted *delivery) (reused, abandoned *chat, err error) {
	reuses, abandons := p.Reason == store.ReusedActiveChat, p.Reason == store.FailoverFlagged
	if reuses {
		reused = matching.find(p.ChatID)
	} else if abandons {
		abandoned = matching.find(p.PreviousChatID)
	}
	switch {
	case p.Content != nil && t.deliveries[p.MessageID] != rerouted:
		err = contradiction("message %s is still in the outbox: keep records for longer", p.MessageID)
	case reuses && reused == nil:
		err = contradiction("chat %s is to be reused and is not one of the set", p.ChatID)
	case reuses && reused.line.use.Number != p.Line:
		err = contradiction("chat %s is to be reused on a line that it is not on", p.ChatID)
	case !reuses && t.chats[p.ChatID] != nil:
		err = contradiction("chat %s is to be opened and exists already: draw another id", p.ChatID)
	case abandons && abandoned == nil:
		err = contradiction("chat %s is to be abandoned and is not one of the set", p.PreviousChatID)
	}
	return reused, abandoned, err
}

func contradiction(format string, id uuid.UUID) error {
	return fmt.Errorf("memory: %w: "+format, store.ErrInvalid, id)
}

func (s *Store) full() error {
	return fmt.Errorf("memory: %w: it keeps %d records at most; purge those that have expired", store.ErrFull, s.maxRecords)
}
