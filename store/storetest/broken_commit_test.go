package storetest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// committing is a store with another Commit.
type committing struct {
	*memory.Store
	commit func(s *memory.Store, ctx context.Context, p *store.Plan) error
}

func (c committing) Commit(ctx context.Context, p *store.Plan) error {
	return c.commit(c.Store, ctx, p)
}

// planning breaks every plan.
func planning(change func(p *store.Plan)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			c := *p
			change(&c)
			return s.Commit(ctx, &c)
		}}
	}
}

// ending breaks the end of every commit.
func ending(change func(s *memory.Store, p *store.Plan, err error) error) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			return change(s, p, s.Commit(ctx, p))
		}}
	}
}

func kindOf(err error) store.ConflictKind {
	var c *store.Conflict
	if errors.As(err, &c) {
		return c.Kind
	}
	return 0
}

// skewed is a store whose revisions move when its fault says so: they are those
// of the store below, or the one before where the fault hides a move.
type skewed struct {
	*memory.Store
	extra  map[recipients.Key]store.Revision                    // moves too many
	hidden map[recipients.Key]map[store.Revision]store.Revision // moves too few: new to old
	moves  func(p *store.Plan) bool
	hides  func(e store.Event, p *store.Plan) bool
}

func skew(moves func(p *store.Plan) bool, hides func(e store.Event, p *store.Plan) bool) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return &skewed{
			s, make(map[recipients.Key]store.Revision), make(map[recipients.Key]map[store.Revision]store.Revision), moves, hides,
		}
	}
}

func (s *skewed) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := s.Store.Lookup(ctx, q)
	snap.Revision = s.show(q.Set, snap.Revision)
	return snap, err
}

func (s *skewed) show(key recipients.Key, r store.Revision) store.Revision {
	for {
		old, hidden := s.hidden[key][r]
		switch {
		case hidden:
			r = old
		case r == 0:
			return 0
		default:
			return r + (s.extra[key]+1)<<32
		}
	}
}

func (s *skewed) real(tenant string, key recipients.Key) store.Revision {
	snap, _ := s.Store.Lookup(context.Background(), store.Query{Tenant: tenant, Set: key})
	return snap.Revision
}

func (s *skewed) hide(key recipients.Key, before, after store.Revision) {
	if before == after {
		return
	}
	if s.hidden[key] == nil {
		s.hidden[key] = make(map[store.Revision]store.Revision)
	}
	s.hidden[key][after] = before
}

func (s *skewed) Commit(ctx context.Context, p *store.Plan) error {
	key, c := p.Set.Key(), *p
	before := s.real(p.Tenant, key)
	if c.Revision = before; s.show(key, before) != p.Revision {
		c.Revision = 1 << 63
	}
	err := s.Store.Commit(ctx, &c)
	if err == nil && s.moves != nil && s.moves(p) {
		s.extra[key]++
	}
	if err == nil && s.hides != nil && s.hides(nil, p) {
		s.hide(key, before, s.real(p.Tenant, key))
	}
	return err
}

func (s *skewed) Apply(ctx context.Context, tenant string, events []store.Event) error {
	for _, e := range events {
		var key recipients.Key
		if c, err := s.Store.Chat(ctx, tenant, e.ChatID()); err == nil {
			key = c.Roster.Set().Key()
		}
		before := s.real(tenant, key)
		if err := s.Store.Apply(ctx, tenant, []store.Event{e}); err != nil {
			return err
		}
		if s.hides != nil && s.hides(e, nil) {
			s.hide(key, before, s.real(tenant, key))
		}
	}
	return nil
}

func onEvent[E store.Event](e store.Event, _ *store.Plan) bool {
	_, is := e.(E)
	return is
}

func onReason(r store.Reason) func(store.Event, *store.Plan) bool {
	return func(_ store.Event, p *store.Plan) bool { return p != nil && p.Reason == r }
}

const moving = "revision/moves when it should, and only then"

var commitFaults = []fault{
	{"open/a chat as the plan says", "takes the service of the answer for that of the chat", func(s *memory.Store) store.ChatStore {
		return chats(func(c *store.Chat) { c.Service = 1 })(s)
	}},
	{"open/later than every chat of the set", "trusts the clock of the caller", chats(func(c *store.Chat) {
		if c.CreatedAt.Before(c.ActiveAt) {
			c.ActiveAt = c.CreatedAt
		}
	})},
	{"open/later than every chat of the set", "counts in milliseconds", chats(func(c *store.Chat) {
		if r := c.ActiveAt.Truncate(time.Millisecond); !r.Equal(c.ActiveAt) {
			c.ActiveAt = r.Add(time.Millisecond)
		}
	})},
	{"open/only chats that match count for it", "lets chats that are over count for the order", func(s *memory.Store) store.ChatStore {
		return &lingering{Store: s, active: make(map[uuid.UUID]time.Time)}
	}},
	{"reuse/of a chat that was not the most recent", "puts the last reuse first", func(s *memory.Store) store.ChatStore {
		return &lastFirst{Store: s}
	}},
	{"reuse/makes the chat active", "lets activity go backwards", func(s *memory.Store) store.ChatStore {
		last := make(map[uuid.UUID]time.Time)
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if err == nil {
				last[p.Chat] = p.At
			}
			return err
		}}
		return backwards{c, last}
	}},
	{"reuse/takes no slot", "counts reuses as new chats", func(s *memory.Store) store.ChatStore {
		return answering(func(_ store.Query, snap *store.Snapshot) {
			for i := range snap.Uses {
				snap.Uses[i].NewChats = snap.Uses[i].Messages
			}
		})(s)
	}},
	{"failover/notes the successor", "forgets when the successor took over", chats(func(c *store.Chat) { c.SucceededAt = time.Time{} })},
	{"failover/notes the successor", "hides the abandoned chat", answering(func(_ store.Query, snap *store.Snapshot) {
		for i, c := range snap.Chats {
			if c.Successor != uuid.Nil {
				snap.Chats = append(snap.Chats[:i], snap.Chats[i+1:]...)
				return
			}
		}
	})},
	{"failover/a reuse clears the note", "keeps the note for ever", func(s *memory.Store) store.ChatStore {
		notes := make(map[uuid.UUID]store.Chat)
		return chats(func(c *store.Chat) {
			if c.Successor != uuid.Nil {
				notes[c.ID] = *c
			} else if old, noted := notes[c.ID]; noted {
				c.Successor, c.SucceededAt = old.Successor, old.SucceededAt
			}
		})(s)
	}},
	{"plan/one that contradicts itself", "takes any plan", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.Check() != nil {
				return nil
			}
			return s.Commit(ctx, p)
		}}
	}},
	{"plan/one that contradicts the store", "opens a chat that exists by reusing it", planning(func(p *store.Plan) {
		if p.Reason == store.NewBestNumber && p.Revision != 0 {
			p.Reason, p.Record.Reason = store.ReusedActiveChat, store.ReusedActiveChat
		}
	})},
	{"plan/a conflict goes before other refusals", "refuses before it looks for conflicts", ending(
		func(s *memory.Store, p *store.Plan, err error) error {
			if _, unknown := s.Chat(context.Background(), p.Tenant, p.Chat); kindOf(err) != 0 && p.Reason == store.NewBestNumber && unknown == nil {
				return store.ErrInvalid
			}
			return err
		})},
	{"conflict/the revision moved", "lets the last writer win", func(s *memory.Store) store.ChatStore { return committing{s, lastWriterWins} }},
	{"conflict/the revision moved", "keeps the record of a plan in conflict", func(s *memory.Store) store.ChatStore {
		kept := make(map[string]store.Record)
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if kindOf(err) == store.RevisionMoved {
				kept[p.Record.Key] = p.Record
			}
			return err
		}}
		return halfWriting{c, kept}
	}},
	{"conflict/the revision moved", "counts the chat of a plan in conflict", ending(func(s *memory.Store, p *store.Plan, err error) error {
		if kindOf(err) == store.RevisionMoved {
			other, _ := recipients.NewSet(recipients.MustParse("+12025559999"))
			q := *p
			q.Set, q.Revision, q.Delivery, q.Chat = other, 0, nil, uuid.New()
			q.Reason, q.Abandoned = store.NewBestNumber, uuid.Nil
			q.Record = store.Record{
				MessageID: uuid.New(), ChatID: q.Chat, Line: q.Line, Reason: q.Reason, At: q.At, KeepUntil: q.At,
			}
			_ = s.Commit(context.Background(), &q)
		}
		return err
	})},
	{"conflict/a revision that never was", "takes any revision from the future", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.Revision > 1<<60 {
				return lastWriterWins(s, ctx, p)
			}
			return s.Commit(ctx, p)
		}}
	}},
	{"conflict/the same plan twice", "says that a plan was committed when it had been", ending(
		func(s *memory.Store, p *store.Plan, err error) error {
			if r, missing := s.Decision(context.Background(), p.Tenant, p.Record.MessageID); missing == nil && r.ChatID == p.Chat {
				return nil
			}
			return err
		})},
	{"conflict/a plan without a key leaves no key", "takes no key for a key", planning(func(p *store.Plan) {
		if p.Record.Key == "" {
			p.Record.Key = "none"
		}
	})},
	{"conflict/the key is taken", "swallows a key that is taken", ending(func(_ *memory.Store, _ *store.Plan, err error) error {
		if kindOf(err) == store.KeyTaken {
			return nil
		}
		return err
	})},
	{"conflict/the key is taken", "does not look at message ids", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if kindOf(err) == store.KeyTaken {
				c := *p
				c.Record.MessageID = uuid.New()
				return s.Commit(ctx, &c)
			}
			return err
		}}
	}},
	{"conflict/the line is full", "does not say when a slot frees", ending(func(_ *memory.Store, _ *store.Plan, err error) error {
		var c *store.Conflict
		if errors.As(err, &c) {
			c.NextFree = time.Time{}
		}
		return err
	})},
	{"window/this hour and the 24 before it", "has a window of 24 hours", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			var c *store.Conflict
			if errors.As(err, &c) && c.Kind == store.LineFull {
				c.NextFree = c.NextFree.Add(-time.Hour)
			}
			return err
		}}
	}},
	{"window/counted with a limit or without", "allows one more than the limit", planning(func(p *store.Plan) {
		if p.NewChatLimit > 0 {
			p.NewChatLimit++
		}
	})},
	{"window/counted with a limit or without", "counts only chats that have a limit", func(s *memory.Store) store.ChatStore {
		counted := 0
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.NewChatLimit > 0 && counted < p.NewChatLimit {
				counted++
				q := *p
				q.NewChatLimit = 0
				return s.Commit(ctx, &q)
			}
			return s.Commit(ctx, p)
		}}
		return c
	}},
	{"window/any sequence of chats", "counts every chat in its own hour", func(s *memory.Store) store.ChatStore {
		newest := make(map[recipients.Handle]time.Time)
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.At.Before(newest[p.Line]) {
				q := *p
				q.NewChatLimit = 0 // the old hour has room
				return s.Commit(ctx, &q)
			}
			newest[p.Line] = p.At
			return s.Commit(ctx, p)
		}}
	}},
	{"window/the hour of a line never runs backwards", "counts late chats in the hour they say", func(s *memory.Store) store.ChatStore {
		return answering(func(_ store.Query, snap *store.Snapshot) {
			for i := range snap.Uses {
				snap.Uses[i].NewChats[0]--
				snap.Uses[i].NewChats[3]++
			}
		})(s)
	}},
	{"window/each line its own", "counts all lines together", func(s *memory.Store) store.ChatStore {
		opened := 0
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.NewChatLimit > 0 && opened >= p.NewChatLimit {
				return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: p.At}
			}
			opened++
			return s.Commit(ctx, p)
		}}
	}},
	{"revision/moves for the set that a chat joins", "does not know sets that chats only join", func(s *memory.Store) store.ChatStore {
		return answering(func(_ store.Query, snap *store.Snapshot) {
			for _, c := range snap.Chats {
				for i := range c.Roster.Len() {
					if c.Roster.Set().Contains(recipients.MustParse("+12025550002")) && i == 0 {
						snap.Revision = 0
					}
				}
			}
		})(s)
	}},
	{"revision/concurrent reuses do not conflict", "lets one of two concurrent reuses fail",
		skew(func(p *store.Plan) bool { return p.Reason == store.ReusedActiveChat }, nil)},
	{moving, "moves the revision with every touch", skew(func(p *store.Plan) bool { return p.Reason == store.ReusedActiveChat }, nil)},
	{moving, "does not move the revision for names", skew(nil, onEvent[store.Renamed])},
	{moving, "does not move the revision for activity", skew(nil, onEvent[store.Activity])},
	{moving, "does not move the revision for lines that leave", skew(nil, onEvent[store.LineLeft])},
	{moving, "does not move the revision for chats seen again", skew(nil, onEvent[store.ChatSeen])},
	{moving, "does not move the revision for people removed", skew(nil, onEvent[store.ParticipantRemoved])},
	{moving, "does not move the revision for people added", skew(nil, onEvent[store.ParticipantAdded])},
	{moving, "does not move the revision for reuses", skew(nil, onReason(store.ReusedActiveChat))},
	{moving, "does not move the revision for failovers", skew(nil, onReason(store.FailoverFlagged))},
	{moving, "does not move the revision for chats opened", skew(nil, onReason(store.NewBestNumber))},
	{"revision/never comes back", "counts revisions from the beginning after forgetting", func(s *memory.Store) store.ChatStore {
		return &restarting{Store: s, base: make(map[recipients.Key]store.Revision)}
	}},
	{"values/passed in are copied", "keeps the plan's own slices", func(s *memory.Store) store.ChatStore {
		kept := make(map[uuid.UUID]store.Record)
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			kept[p.Record.MessageID] = p.Record
			return s.Commit(ctx, p)
		}}
		return sharing{c, kept}
	}},
}

// lingering lets chats that are over count for the order of the others.
type lingering struct {
	*memory.Store
	latest time.Time
	active map[uuid.UUID]time.Time
}

func (l *lingering) Apply(ctx context.Context, tenant string, events []store.Event) error {
	for _, e := range events {
		if seen, is := e.(store.ChatSeen); is && seen.CreatedAt.After(l.latest) {
			l.latest = seen.CreatedAt
		}
	}
	return l.Store.Apply(ctx, tenant, events)
}

func (l *lingering) Commit(ctx context.Context, p *store.Plan) error {
	if p.Reason != store.ReusedActiveChat && l.latest.After(p.At) {
		l.active[p.Chat] = l.latest.Add(time.Microsecond)
	}
	return l.Store.Commit(ctx, p)
}

func (l *lingering) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	return chats(func(c *store.Chat) {
		if at, over := l.active[c.ID]; over {
			c.ActiveAt = at
		}
	})(l.Store).Lookup(ctx, q)
}

// lastFirst shows the chat that was reused last first.
type lastFirst struct {
	*memory.Store
	last uuid.UUID
}

func (l *lastFirst) Commit(ctx context.Context, p *store.Plan) error {
	l.last = p.Chat
	return l.Store.Commit(ctx, p)
}

func (l *lastFirst) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := l.Store.Lookup(ctx, q)
	slices.SortStableFunc(snap.Chats, func(a, b store.Chat) int {
		switch l.last {
		case a.ID:
			return -1
		case b.ID:
			return 1
		}
		return 0
	})
	return snap, err
}

// lastWriterWins makes conflicts go away by looking again for the caller.
func lastWriterWins(s *memory.Store, ctx context.Context, p *store.Plan) error {
	c := *p
	for {
		err := s.Commit(ctx, &c)
		if kindOf(err) != store.RevisionMoved {
			return err
		}
		snap, err := s.Lookup(ctx, store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
		if err != nil {
			return err
		}
		c.Revision = snap.Revision
	}
}

// backwards shows the last activity, not the latest.
type backwards struct {
	committing
	last map[uuid.UUID]time.Time
}

func (b backwards) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := b.Store.Lookup(ctx, q)
	for i, c := range snap.Chats {
		if at, ok := b.last[c.ID]; ok {
			snap.Chats[i].ActiveAt = at
		}
	}
	return snap, err
}

// halfWriting shows records of plans that were refused.
type halfWriting struct {
	committing
	kept map[string]store.Record
}

func (h halfWriting) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := h.Store.Lookup(ctx, q)
	if r, ok := h.kept[q.IdempotencyKey]; ok && snap.Record == nil {
		snap.Record = &r
	}
	return snap, err
}

// sharing shows records that share memory with plans.
type sharing struct {
	committing
	kept map[uuid.UUID]store.Record
}

func (h sharing) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := h.Store.Lookup(ctx, q)
	if r, ok := h.kept[q.MessageID]; ok && snap.Record != nil {
		snap.Record = &r
	}
	return snap, err
}

// restarting counts the revisions of each set from 1, and again from 1 after
// somebody was forgotten.
type restarting struct {
	*memory.Store
	base map[recipients.Key]store.Revision
}

func (r *restarting) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := r.Store.Lookup(ctx, q)
	if snap.Revision != 0 {
		if r.base[q.Set] == 0 {
			r.base[q.Set] = snap.Revision - 1
		}
		snap.Revision -= r.base[q.Set]
	}
	return snap, err
}

func (r *restarting) Commit(ctx context.Context, p *store.Plan) error {
	c := *p
	if c.Revision != 0 {
		c.Revision += r.base[p.Set.Key()]
	}
	return r.Store.Commit(ctx, &c)
}

func (r *restarting) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	clear(r.base)
	return r.Store.Forget(ctx, tenant, h)
}
