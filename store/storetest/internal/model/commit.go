package model

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Commit implements store.ChatStore.
func (s *Model) Commit(ctx context.Context, p *store.Plan) error {
	_, err := s.commitNew(ctx, p, 0)
	return err
}

// CommitLeased implements store.Leaser.
func (s *Model) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	if err := store.CheckLease(lease); err != nil {
		return store.LeaseID{}, err
	}
	return s.commitNew(ctx, p, lease)
}

// commitNew commits the plan of a new message. It leases the delivery for the
// given time, unless that is zero or another delivery goes first.
func (s *Model) commitNew(ctx context.Context, p *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	if err := p.Check(); err != nil {
		return id, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return id, err
	}
	defer end()
	if err := s.decide(p); err != nil {
		return id, err
	}
	d, wanted := p.Delivery()
	if !wanted {
		return id, nil
	}
	t := s.of(p.Tenant)
	s.enqueue(t, &d, store.Micros(p.At), store.Micros(p.NotBefore))
	if lease == 0 {
		return id, nil
	}
	return s.leaseNew(t, t.deliveries[p.MessageID], lease), nil
}

// Reroute implements store.Outbox. It removes the message and commits the plan
// as a new one.
func (s *Model) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	if err := store.CheckReroute(id, p); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	t, d, err := s.holding(id)
	if err != nil {
		return err
	}
	if d.forgotten {
		return fmt.Errorf("model: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
	}
	before := t.records[p.MessageID]
	if before != nil {
		delete(t.records, p.MessageID)
		delete(t.keys, before.Key)
	}
	delete(t.deliveries, p.MessageID)
	if err := s.decide(p); err != nil {
		t.deliveries[p.MessageID] = d
		if before != nil {
			t.keep(before)
		}
		return err
	}
	to, _ := p.Delivery()
	t.deliveries[p.MessageID] = &delivery{Delivery: copyOf(&to), tenant: t.name, commit: d.commit, at: store.Micros(p.At), due: store.Micros(p.NotBefore)}
	s.lookAt(t, p.ChatID)
	return nil
}

// decide checks a plan and writes everything but its delivery.
func (s *Model) decide(p *store.Plan) error {
	t := s.of(p.Tenant)
	at := store.Micros(p.At)
	opens := p.Reason != store.ReusedActiveChat
	if conflicts := s.conflicts(t, p); len(conflicts) > 0 {
		return &conflicts[0]
	}
	if err := t.refuse(p, opens); err != nil {
		return err
	}

	s.change(t, func() {
		if opens {
			t.open(p, at)
		} else {
			c := t.chats[p.ChatID]
			c.ActiveAt = later(c.ActiveAt, at)
			c.Successor, c.SucceededAt = uuid.Nil, time.Time{}
		}
		if p.Reason == store.FailoverFlagged {
			old := t.chats[p.PreviousChatID]
			old.Successor, old.SucceededAt = p.ChatID, at
		}
	}, p.Set.Key())
	s.count(account{p.Tenant, p.Line}, func(u *line.Use) {
		u.AddMessages(line.HourOf(at), 1)
		if opens {
			opened(u, p)
		}
	})
	t.keep(&p.Record)
	return nil
}

// Conflicts returns all conflicts of a plan: a store may report any of them. It
// is safe for concurrent use.
func (s *Model) Conflicts(p *store.Plan) []store.Conflict {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conflicts(s.of(p.Tenant), p)
}

func (s *Model) conflicts(t *tenant, p *store.Plan) (conflicts []store.Conflict) {
	if t.revisions[p.Set.Key()] != p.Revision {
		conflicts = append(conflicts, store.Conflict{Kind: store.RevisionMoved})
	}
	if t.records[p.MessageID] != nil || p.Key != "" && t.keys[p.Key] != nil {
		conflicts = append(conflicts, store.Conflict{Kind: store.KeyTaken})
	}
	var use line.Use
	if u := s.uses[account{p.Tenant, p.Line}]; u != nil {
		use = *u
	}
	if p.Reason == store.ReusedActiveChat {
		return conflicts
	}
	bound := func(kind store.ConflictKind, until time.Time) {
		conflicts = append(conflicts, store.Conflict{Kind: kind, Line: p.Line, NextFree: until})
	}
	hour := line.HourOf(p.At)
	if use.Full(hour, p.NewChatLimit) {
		bound(store.LineFull, use.NextFree(hour, p.NewChatLimit))
	}
	if slot := use.PacedAt.Add(-p.Pace.Step * time.Duration(p.Pace.Burst-1)); p.Pace.Step > 0 && pacedBy(p).Before(slot) {
		bound(store.LinePaced, slot)
	}
	if p.Reason == store.FailoverFlagged && use.FailoversFull(hour, p.FailoverLimit) {
		bound(store.FailoversFull, use.FailoversNextFree(hour, p.FailoverLimit))
	}
	return conflicts
}

// pacedBy returns the time of an opening that the pace counts.
func pacedBy(p *store.Plan) time.Time { return later(store.Micros(p.At), store.Micros(p.NotBefore)) }

// opened counts an opening.
func opened(u *line.Use, p *store.Plan) {
	if p.Reason == store.FailoverFlagged {
		u.AddFailover(line.HourOf(p.At))
	} else {
		u.AddNewChat(line.HourOf(p.At))
	}
	if p.Pace.Step > 0 {
		u.PacedAt = later(u.PacedAt, pacedBy(p)).Add(p.Pace.Step)
	}
}

// refuse returns an error if a plan contradicts the chats of its own revision.
func (t *tenant) refuse(p *store.Plan, opens bool) error {
	matches := func(id uuid.UUID) bool {
		c := t.chats[id]
		return c != nil && !c.LineLeft && c.Roster.Set().Equal(p.Set)
	}
	switch c := t.chats[p.ChatID]; {
	case p.Content != nil && t.deliveries[p.MessageID] != nil:
		return fmt.Errorf("%w: the message is still in the outbox", store.ErrInvalid)
	case opens && c != nil:
		return fmt.Errorf("%w: the chat to be opened exists", store.ErrInvalid)
	case !opens && !matches(p.ChatID):
		return fmt.Errorf("%w: the chat to be reused is not one of the set", store.ErrInvalid)
	case !opens && c.Line != p.Line:
		return fmt.Errorf("%w: the chat to be reused is on another line", store.ErrInvalid)
	case p.Reason == store.FailoverFlagged && !matches(p.PreviousChatID):
		return fmt.Errorf("%w: the abandoned chat is not one of the set", store.ErrInvalid)
	}
	return nil
}

// open adds a chat, and makes it more recently active than the others of its
// set.
func (t *tenant) open(p *store.Plan, at time.Time) {
	active := at
	if others := t.matching(p.Set.Key()); len(others) > 0 {
		active = later(active, others[0].ActiveAt.Add(time.Microsecond))
	}
	t.chats[p.ChatID] = &chat{Chat: store.Chat{
		ID: p.ChatID, Line: p.Line, Roster: store.NewRoster(p.Set, at), CreatedAt: at, ActiveAt: active,
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
func (s *Model) count(l account, change func(*line.Use)) {
	u := s.uses[l]
	if u == nil {
		u = &line.Use{Tenant: l.tenant, Number: l.number}
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
