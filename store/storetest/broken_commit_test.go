package storetest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
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

// planning changes every plan.
func planning(change func(p *store.Plan)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			c := *p
			change(&c)
			return s.Commit(ctx, &c)
		}}
	}
}

// ending changes the end of every commit.
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
				last[p.ChatID] = p.At
			}
			return err
		}}
		return backwards{c, last}
	}},
	{"reuse/takes no slot", "counts reuses as new chats", func(s *memory.Store) store.ChatStore {
		return using{s, func(u *line.Use) bool {
			u.NewChats = u.Messages
			return true
		}}
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
			p.Reason = store.ReusedActiveChat
		}
	})},
	{"plan/a conflict goes before other refusals", "refuses before it looks for conflicts", ending(
		func(s *memory.Store, p *store.Plan, err error) error {
			if _, unknown := s.Chat(context.Background(), p.Tenant, p.ChatID); kindOf(err) != 0 && p.Reason == store.NewBestNumber && unknown == nil {
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
				kept[p.Key] = p.Record
			}
			return err
		}}
		return halfWriting{c, kept}
	}},
	{"conflict/the revision moved", "counts the chat of a plan in conflict", ending(func(s *memory.Store, p *store.Plan, err error) error {
		if kindOf(err) == store.RevisionMoved {
			other, _ := recipients.NewSet(recipients.MustParse("+12025559999"))
			q := *p
			q.Set, q.Revision, q.Content, q.ChatID = other, 0, nil, uuid.New()
			q.Reason, q.PreviousChatID = store.NewBestNumber, uuid.Nil
			q.Record = store.Record{
				MessageID: uuid.New(), ChatID: q.ChatID, Line: q.Line, Reason: q.Reason, At: q.At, KeepUntil: q.At,
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
			if r, missing := s.Decision(context.Background(), p.Tenant, p.MessageID); missing == nil && r.ChatID == p.ChatID {
				return nil
			}
			return err
		})},
	{"conflict/a plan without a key leaves no key", "takes no key for a key", planning(func(p *store.Plan) {
		if p.Key == "" {
			p.Key = "none"
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
				c.MessageID = uuid.New()
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
		return using{s, func(u *line.Use) bool {
			u.NewChats[0]--
			u.NewChats[3]++
			return true
		}}
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
	{"values/passed in are copied", "keeps the plan's own slices", func(s *memory.Store) store.ChatStore {
		kept := make(map[uuid.UUID]store.Record)
		c := committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			kept[p.MessageID] = p.Record
			return s.Commit(ctx, p)
		}}
		return sharing{c, kept}
	}},
}

// lingering counts chats that cannot match in the order of the others.
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
		l.active[p.ChatID] = l.latest.Add(time.Microsecond)
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

// lastFirst returns the chat that was reused last first.
type lastFirst struct {
	*memory.Store
	last uuid.UUID
}

func (l *lastFirst) Commit(ctx context.Context, p *store.Plan) error {
	l.last = p.ChatID
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

// lastWriterWins resolves conflicts: it looks up again for the caller.
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

// backwards returns the last activity, not the latest.
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

// halfWriting returns records of refused plans.
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

// sharing returns records that share memory with plans.
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
