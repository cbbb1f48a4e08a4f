package etcd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/people"
	"github.com/fromline/fromline/store/internal/tally"
)

// applied is the largest number of events in one transaction.
const applied = 24

// Apply implements store.ChatStore. Consecutive events share a transaction,
// which has each event as a whole.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	for done := 0; done < len(events); {
		n, err := s.applySome(ctx, tenant, events[done:min(done+applied, len(events))])
		if done += n; err != nil {
			e := &store.EventError{Index: done, Err: err}
			if events[done] != nil {
				e.Chat = events[done].ChatID()
			}
			return e
		}
	}
	return nil
}

// errLater ends a transaction before an event that does not fit.
var errLater = errors.New("later")

// applySome applies events until one fails, or a transaction is full, and
// returns how many it applied.
func (s *Store) applySome(ctx context.Context, tenant string, events []store.Event) (n int, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return 0, err
	}
	var counts []tally.Count
	var failed error
	err = s.change(ctx, false, func(t *tx) error {
		n, counts, failed = 0, nil, nil
		for i, e := range events {
			part := t.sub()
			count, err := part.applyOne(tenant, e)
			err = cmp.Or(part.damaged, err)
			ops, bytes := part.size()
			allOps, allBytes := t.size()
			full := ops+allOps > s.o.MaxTxnOps || bytes+allBytes > s.o.MaxRequestBytes || len(t.reads) > s.o.MaxTxnOps
			if i > 0 && full {
				failed = errLater
				return nil
			}
			if err != nil {
				failed = err
				if i == 0 {
					return err
				}
				return nil
			}
			part.merge()
			n++
			if count.Messages > 0 {
				counts = append(counts, count)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, c := range counts {
		s.tally.Add(c)
	}
	if errors.Is(failed, errLater) {
		failed = nil
	}
	return n, failed
}

// applyOne applies an event, and returns the messages to count.
func (t *tx) applyOne(tenant string, e store.Event) (count tally.Count, err error) {
	if e == nil {
		return count, fmt.Errorf("etcd: %w: the event is nil", store.ErrInvalid)
	}
	if err := cmp.Or(e.Check(), store.CheckAhead(t.s.o.Clock(), store.EventTime(e))); err != nil {
		return count, err
	}
	switch e.(type) {
	case store.ChatSeen, store.Activity, store.ParticipantAdded, store.ParticipantRemoved, store.Renamed, store.LineLeft:
	default:
		return count, fmt.Errorf("etcd: %w: unknown event %T", store.ErrInvalid, e)
	}
	c, m := t.chat(tenant, e.ChatID())
	if seen, is := e.(store.ChatSeen); is {
		return count, t.applySeen(tenant, c, m, seen)
	}
	if c == nil {
		return count, unknownChat(e.ChatID())
	}
	switch e := e.(type) {
	case store.Activity:
		count = tally.Count{Tenant: tenant, Line: c.Line, Hour: line.HourOf(e.At), Messages: max(1, e.Messages)}
		t.advance(tenant, c, m, store.Micros(e.At))
	case store.ParticipantAdded:
		roster, err := people.Joined(c.Roster, c.Line, e.Handle, store.Micros(e.At))
		return count, t.reshape(tenant, c, m, roster, err)
	case store.ParticipantRemoved:
		roster, err := people.Left(c.Roster, e.Handle)
		return count, t.reshape(tenant, c, m, roster, err)
	case store.Renamed:
		if c.Named != e.Named {
			c.Named = e.Named
			t.keep(tenant, c, m, true)
		}
	case store.LineLeft:
		t.applyLeft(tenant, c, m)
	}
	return count, nil
}

// applySeen adds a chat, or makes a known one active later.
func (t *tx) applySeen(tenant string, c *store.CopiedChat, m *set, e store.ChatSeen) error {
	created := store.Micros(e.CreatedAt)
	active := created
	if !e.ActiveAt.IsZero() {
		active = store.Micros(e.ActiveAt)
	}
	switch {
	case c == nil:
		t.admit(tenant, &store.CopiedChat{Chat: store.Chat{
			ID: e.ID, Line: e.Line, Roster: store.NewRoster(e.Participants, created), Named: e.Named, Service: e.Service,
			CreatedAt: created, ActiveAt: active,
		}})
		return nil
	case c.Line != e.Line:
		return fmt.Errorf("etcd: %w: chat %s is known on another line", store.ErrInvalid, e.ID)
	case c.Service == 0 && e.Service != 0:
		c.Service = e.Service
		t.keep(tenant, c, m, false)
	}
	t.advance(tenant, c, m, active)
	return nil
}

// advance makes a chat active at a time, unless it was active later.
func (t *tx) advance(tenant string, c *store.CopiedChat, m *set, to time.Time) {
	if !to.After(c.ActiveAt) {
		return
	}
	if m == nil {
		c.ActiveAt = to
		t.keepAlone(tenant, c)
		return
	}
	t.save(m, m.advance(c, to))
}

// reshape gives a chat a new roster, and moves it to the set of its people.
// Past keeps the names of the people who left. err is the error of making the
// roster.
func (t *tx) reshape(tenant string, c *store.CopiedChat, m *set, roster store.Roster, err error) error {
	if err != nil {
		return fmt.Errorf("etcd: chat %s: %w", c.ID, err)
	}
	if roster.Len() == c.Roster.Len() {
		return nil
	}
	before, unnamed := carry.Names(c)
	present, unnamed2 := people.Names(c.Roster.Set())
	if err := cmp.Or(unnamed, unnamed2); err != nil {
		return err
	}
	if m != nil {
		t.leave(m, c)
	}
	moved := *c
	moved.Roster = roster
	if moved.Past, err = carry.Past(append(present, c.Past...), roster.Set()); err != nil {
		return err
	}
	moved.Past = distinctNames(moved.Past)
	t.index(tenant, &moved, before)
	t.settle(tenant, &moved)
	if carry.Matches(&moved) {
		t.together(tenant, moved.Roster.Set().Key(), moved.ID)
	}
	return nil
}

// distinctNames returns each name once, in the order of their first places.
func distinctNames(names []recipients.Key) (once []recipients.Key) {
	seen := make(map[recipients.Key]bool)
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			once = append(once, name)
		}
	}
	return once
}

// applyLeft notes that our line left a chat. A line does not come back.
func (t *tx) applyLeft(tenant string, c *store.CopiedChat, m *set) {
	if c.LineLeft {
		return
	}
	before, err := carry.Names(c)
	t.damage(store.UnreadableChat, tenant, c.ID.String(), err)
	if m != nil {
		t.leave(m, c)
	}
	left := *c
	left.LineLeft = true
	t.index(tenant, &left, before)
	t.settle(tenant, &left)
}
