package storetest_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

var raceFaults = []fault{
	{"race/one chat for each set", "lets the last of two writers open a chat too", func(s *memory.Store) store.ChatStore {
		two := new(meeting)
		two.Add(2)
		return meetingStore{committing{s, lastWriterWins}, two}
	}},
	{"race/one failover of a chat", "lets the last of two routers fail over too", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.Reason == store.FailoverFlagged {
				return lastWriterWins(s, ctx, p)
			}
			return s.Commit(ctx, p)
		}}
	}},
	{"race/never more than the limit", "checks the limit before it commits", func(s *memory.Store) store.ChatStore {
		var mu sync.Mutex
		opened := make(map[recipients.Handle]int)
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			mu.Lock()
			full := p.NewChatLimit > 0 && opened[p.Line] > p.NewChatLimit // the check …
			mu.Unlock()
			if full {
				return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: p.At}
			}
			c := *p
			c.NewChatLimit = 0
			err := s.Commit(ctx, &c)
			mu.Lock()
			opened[p.Line]++ // … and the act
			mu.Unlock()
			return err
		}}
	}},
	{"race/one decision for each key", "looks a key up before it commits", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			c := *p
			c.Key, c.MessageID = "", uuid.New()
			if p.Key != "" {
				c.Key = p.Key + c.MessageID.String()
			}
			return s.Commit(ctx, &c)
		}}
	}},
	{"race/a look-up sees one moment", "looks twice", func(s *memory.Store) store.ChatStore {
		return lookingTwice{s, &between{begun: make(chan struct{}), over: make(chan struct{})}}
	}},
	{"race/halves of a state meet", "puts a state together before it writes it", func(s *memory.Store) store.ChatStore {
		return puttingTogether{
			&replacing{Store: s, said: make(map[recipients.Handle]line.State)},
			&between{begun: make(chan struct{}), over: make(chan struct{})},
		}
	}},
	{"race/a delivery has one holder, a chat one delivery out", "gives leases that end at once", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit, except...)
			for i := range claimed {
				if err := s.Nack(ctx, claimed[i].Lease, 1, 0); err != nil {
					return nil, err
				}
			}
			return claimed, err
		}}
	}},
	{"race/a follower of use misses nothing", "numbers uses before they are committed", func(s *memory.Store) store.ChatStore {
		return skipping{s}
	}},
	{"race/a follower of states misses nothing", "numbers states before they are kept", func(s *memory.Store) store.ChatStore {
		return skippingStates{s}
	}},
	{"race/purging and forgetting beside commits", "counts records that others purged", func(s *memory.Store) store.ChatStore {
		return purging{s, func(s *memory.Store, ctx context.Context, before time.Time, limit int) (int, error) {
			n, err := s.Purge(ctx, before, limit)
			return n / 2, err
		}}
	}},
}

// meetingStore makes two look-ups happen before any commit.
type meetingStore struct {
	committing
	two *meeting
}

type meeting struct {
	sync.WaitGroup
	came atomic.Int32
}

func (m meetingStore) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := m.Store.Lookup(ctx, q)
	if m.two.came.Add(1) <= 2 {
		m.two.Done()
		m.two.Wait()
	}
	return snap, err
}

// lookingTwice reads the chats and then the record. The first commit happens in
// between, with any scheduling.
type lookingTwice struct {
	*memory.Store
	between *between
}

type between struct {
	first, last sync.Once
	begun, over chan struct{}
}

func (l lookingTwice) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	snap, err := l.Store.Lookup(ctx, q)
	if err != nil || q.IdempotencyKey == "" || snap.Record != nil {
		return snap, err
	}
	l.between.first.Do(func() { close(l.between.begun) })
	<-l.between.over
	second, err := l.Store.Lookup(ctx, q)
	snap.Record = second.Record
	return snap, err
}

func (l lookingTwice) Commit(ctx context.Context, p *store.Plan) error {
	<-l.between.begun
	defer l.between.last.Do(func() { close(l.between.over) })
	return l.Store.Commit(ctx, p)
}

// skipping leaves out a line, as if its number had come too late.
type skipping struct{ *memory.Store }

func (s skipping) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	uses, last, err := s.Store.LineUse(ctx, after, limit)
	late := func(u line.Use) bool { return u.Number.Digits()%5 == 0 }
	return slices.DeleteFunc(uses, late), last, err
}

// skippingStates leaves out a line, as if its number had come too late.
type skippingStates struct{ *memory.Store }

func (s skippingStates) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	states, last, err := s.Store.LineStates(ctx, after, limit)
	late := func(state line.State) bool { return state.Number.Digits()%5 == 0 }
	return slices.DeleteFunc(states, late), last, err
}

// puttingTogether reads the status of a line, and then writes it together with
// a new reputation. The first status is reported in between, with any
// scheduling.
type puttingTogether struct {
	*replacing
	between *between
}

func (p puttingTogether) ReportLine(ctx context.Context, state line.State) (bool, error) {
	if state.Reputation == 0 {
		<-p.between.begun
		defer p.between.last.Do(func() { close(p.between.over) })
		return p.replacing.ReportLine(ctx, state)
	}
	kept, _, err := p.LineStates(ctx, 0, 0)
	if err != nil {
		return false, err
	}
	p.between.first.Do(func() { close(p.between.begun) })
	<-p.between.over
	for _, k := range kept {
		if k.Number == state.Number {
			state.Status = k.Status
		}
	}
	return p.replacing.ReportLine(ctx, state)
}
