package etcd

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

// Commit implements store.ChatStore. It is one transaction, which rests on the
// values that this process saw last. If they have changed, the answer has the
// current ones, so a conflict is found in the same round trip. Commits that
// open chats on one line, and commits to one set, share a transaction when they
// come together.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	return s.commit(ctx, p.Check(), p, func(t *tx) error { return t.commit(p, nil) })
}

// commit runs the commit of a plan in its lane.
func (s *Store) commit(ctx context.Context, invalid error, p *store.Plan, do func(*tx) error) error {
	if err := s.begin(ctx, invalid); err != nil {
		return err
	}
	lane := s.keyOfSet(p.Tenant, p.Set.Key())
	if p.Reason != store.ReusedActiveChat {
		lane = s.keyOfLine(kindUse, p.Tenant, p.Line)
	}
	if err := s.lanes.do(ctx, lane, do); err != nil {
		return err
	}
	s.counted(p)
	return nil
}

// counted counts the message of a committed plan.
func (s *Store) counted(p *store.Plan) {
	s.tally.Add(tally.Count{Tenant: p.Tenant, Line: p.Line, Hour: line.HourOf(p.At), Messages: 1})
}

// commit checks a plan and writes it. For a rerouted message, rerouted is its
// delivery, which the caller has removed and which keeps its place.
func (t *tx) commit(p *store.Plan, rerouted *entry) error {
	if err := p.CheckClock(t.s.o.Clock()); err != nil {
		return err
	}
	opens := p.Reason != store.ReusedActiveChat
	m := t.set(p.Tenant, p.Set.Key())
	var before *store.Record
	if rerouted != nil {
		before = t.record(p.Tenant, p.MessageID)
	}
	taken := t.taken(p, before)
	at := store.Micros(p.At)
	var known bool
	var use line.Use
	var conflict *store.Conflict
	if opens {
		known = t.get(t.s.keyOf(kindPlace, p.Tenant, p.ChatID)).there()
		use = t.use(p.Tenant, p.Line)
		conflict = p.Bounded(&use)
	}
	d, wanted := p.Delivery()
	waits := wanted && t.get(t.s.keyOf(kindContent, p.Tenant, p.MessageID)).there()
	switch {
	case m.revision != p.Revision:
		return &store.Conflict{Kind: store.RevisionMoved}
	case taken:
		return &store.Conflict{Kind: store.KeyTaken}
	case conflict != nil:
		return conflict
	case waits:
		return contradiction("message %s is still in the outbox: keep records for longer", p.MessageID)
	case known:
		return contradiction("chat %s is to be opened and exists already: draw another id", p.ChatID)
	}
	if err := t.decide(p, m, at); err != nil {
		return err
	}
	if before != nil {
		t.dropRecord(p.Tenant, before)
	} else if err := t.s.room(); err != nil {
		return err
	}
	if opens {
		p.AddOpening(&use)
		t.saveUse(&use)
	}
	t.keepRecord(p.Tenant, &p.Record)
	if wanted {
		e := entry{message: p.MessageID, at: at, due: store.Micros(p.NotBefore)}
		if rerouted != nil {
			e.place = rerouted.place
		}
		t.enqueue(p.Tenant, &d, e, t.set(p.Tenant, p.Set.Key()))
		if rerouted != nil {
			t.together(p.Tenant, p.Set.Key(), p.ChatID)
		}
	}
	return nil
}

// taken reports whether the message or the key of a plan has a record other
// than before.
func (t *tx) taken(p *store.Plan, before *store.Record) bool {
	if before == nil {
		return t.hasRecord(p.Tenant, &p.Record)
	}
	if p.Key == "" {
		return false
	}
	other, _, err := readRecord(t.get(t.s.keyOfKey(p.Tenant, p.Key)))
	t.damage(store.UnreadableRecord, p.Tenant, p.MessageID.String(), err)
	return other != nil && other.MessageID != p.MessageID
}

// decide changes the chats of the set as a plan says.
func (t *tx) decide(p *store.Plan, m *set, at time.Time) error {
	if p.Reason == store.ReusedActiveChat {
		c := m.find(p.ChatID)
		if c == nil {
			return contradiction("chat %s is to be reused and is not one of the set", p.ChatID)
		} else if c.Line != p.Line {
			return contradiction("chat %s is to be reused and is on another line", p.ChatID)
		}
		moved := m.advance(c, at)
		moved = note(c, uuid.Nil, time.Time{}) || moved
		t.save(m, moved)
		return nil
	}
	if p.Reason == store.FailoverFlagged {
		abandoned := m.find(p.PreviousChatID)
		if abandoned == nil {
			return contradiction("chat %s is to be abandoned and is not one of the set", p.PreviousChatID)
		}
		note(abandoned, p.ChatID, at)
		t.save(m, true)
	}
	c := &store.CopiedChat{Chat: store.Chat{
		ID: p.ChatID, Line: p.Line, Roster: store.NewRoster(p.Set, at), CreatedAt: at, ActiveAt: at,
	}}
	if len(m.chats) > 0 {
		if later := m.chats[0].ActiveAt.Add(time.Microsecond); later.After(at) {
			c.ActiveAt = later
		}
	}
	t.admit(p.Tenant, c)
	return nil
}

func contradiction(format string, id uuid.UUID) error {
	return fmt.Errorf("etcd: %w: "+format, store.ErrInvalid, id)
}
