package storetest_test

import (
	"context"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// states is a store that returns other states of lines.
type states struct {
	*memory.Store
	show func(*line.State)
}

func (s states) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	shown, last, err := s.Store.LineStates(ctx, after, limit)
	for i := range shown {
		s.show(&shown[i])
	}
	return shown, last, err
}

func showing(show func(*line.State)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore { return states{s, show} }
}

// used changes the use of lines that it returns.
func used(show func(*line.Use)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return using{s, func(u *line.Use) bool {
			show(u)
			return true
		}}
	}
}

// viewing checks a bound outside the commit, on a view that is one opening old.
func viewing(unbind func(*store.Plan)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		seen := map[string]line.Use{}
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			u := seen[p.Line.String()]
			if c := p.Bounded(&u); c != nil && p.Reason != store.ReusedActiveChat {
				return c
			}
			uses, _, _ := s.LineUse(ctx, 0, 0)
			for _, u := range uses {
				seen[u.Number.String()] = u
			}
			q := *p
			unbind(&q)
			return s.Commit(ctx, &q)
		}}
	}
}

// movingFirst moves the paced time of lines also for refused plans.
type movingFirst struct {
	*memory.Store
	moved time.Duration
}

func (m *movingFirst) Commit(ctx context.Context, p *store.Plan) error {
	err := m.Store.Commit(ctx, p)
	if kindOf(err) == store.RevisionMoved {
		m.moved += p.Pace.Step
	}
	return err
}

func (m *movingFirst) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	uses, last, err := m.Store.LineUse(ctx, after, limit)
	for i := range uses {
		uses[i].PacedAt = uses[i].PacedAt.Add(m.moved)
	}
	return uses, last, err
}

var guardedFaults = []fault{
	{"guarded/an opening that comes too soon", "does not look at the pace", planning(func(p *store.Plan) { p.Pace = line.Pace{} })},
	{"guarded/an opening that comes too soon", "says that a paced line is full", ending(func(_ *memory.Store, _ *store.Plan, err error) error {
		if kindOf(err) == store.LinePaced {
			return &store.Conflict{Kind: store.LineFull}
		}
		return err
	})},
	{"guarded/an opening that comes too soon", "tells the hour of a slot", ending(func(_ *memory.Store, _ *store.Plan, err error) error {
		if c, is := err.(*store.Conflict); is {
			c.NextFree = c.NextFree.Truncate(time.Hour)
		}
		return err
	})},
	{"guarded/both kinds of opening move the pace, and reuses do not", "paces first contacts alone", planning(func(p *store.Plan) {
		if p.Reason == store.FailoverFlagged {
			p.Pace = line.Pace{}
		}
	})},
	{"guarded/a plan without a pace leaves the paced time", "moves the paced time without a pace", planning(func(p *store.Plan) {
		if p.Pace.IsZero() && p.Reason != store.ReusedActiveChat {
			p.Pace = line.Pace{Step: time.Second, Burst: line.MaxBurst}
		}
	})},
	{"guarded/failovers are counted beside new chats", "counts failovers as first contacts", used(func(u *line.Use) { clear(u.Failovers[:]) })},
	{"guarded/failovers are counted beside new chats", "counts failovers apart from new chats", used(func(u *line.Use) {
		for i, n := range u.Failovers {
			u.NewChats[i] -= n
		}
	})},
	{"guarded/a line that has taken its failovers", "does not look at the failover share", planning(func(p *store.Plan) { p.FailoverLimit = 0 })},
	{"guarded/a line that has taken its failovers", "holds first contacts to the failover share", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			if p.Reason == store.NewBestNumber && p.FailoverLimit == 1 {
				return &store.Conflict{Kind: store.FailoversFull, Line: p.Line}
			}
			return s.Commit(ctx, p)
		}}
	}},
	{"guarded/a bound that is moved", "keeps the first pace of a line", func(s *memory.Store) store.ChatStore {
		paces := map[string]line.Pace{}
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			q := *p
			if first, known := paces[p.Line.String()]; known && !p.Pace.IsZero() {
				q.Pace = first
			} else if !p.Pace.IsZero() {
				paces[p.Line.String()] = p.Pace
			}
			return s.Commit(ctx, &q)
		}}
	}},
	{"guarded/a plan that wrote nothing moves nothing", "moves the paced time before it commits", func(s *memory.Store) store.ChatStore {
		return &movingFirst{Store: s}
	}},
	{"guarded/a delivery that is due later", "paces a delivery that is put off as of its decision", planning(func(p *store.Plan) {
		if p.Check() == nil {
			p.NotBefore = time.Time{}
		}
	})},
	{"guarded/what is due later is handed over later, in its place", "hands over at once what is due later", planning(func(p *store.Plan) { p.NotBefore = time.Time{} })},
	{"guarded/any sequence of openings", "checks the pace on a view", viewing(func(p *store.Plan) { p.Pace = line.Pace{} })},
	{"guarded/any sequence of openings", "checks the failover share on a view", viewing(func(p *store.Plan) { p.FailoverLimit = 0 })},
	{"guarded/openings at once keep the pace and the share", "lets one opening more in", planning(func(p *store.Plan) {
		if p.Pace.Burst > 0 {
			p.Pace.Burst++
		}
	})},
	{"states/when a line was flagged and recovered", "never recovers", showing(func(s *line.State) { s.RecoveredAt = time.Time{} })},
	{"states/when a line was flagged and recovered", "recovers with every event that says ACTIVE", showing(func(s *line.State) {
		if !s.RecoveredAt.IsZero() {
			s.RecoveredAt = s.StatusAt
		}
	})},
	{"states/when a line was flagged and recovered", "recovers with an event about the reputation", showing(func(s *line.State) {
		if !s.RecoveredAt.IsZero() && s.ReputationAt.After(s.RecoveredAt) {
			s.RecoveredAt = s.ReputationAt
		}
	})},
}
