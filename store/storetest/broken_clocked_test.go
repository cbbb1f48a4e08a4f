package storetest_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// unclocked is a store that trusts the clocks of its callers in some calls.
type unclocked struct {
	*memory.Store
	now                             func(*memory.Store) time.Time
	commit, leased, reroute         func(*memory.Store, *store.Plan)
	events, hear, lines, flag, says bool
}

// shows returns the time of the store's clock.
func shows(s *memory.Store) time.Time {
	now, err := s.Now(context.Background())
	if err != nil {
		panic(err)
	}
	return now
}

func (u unclocked) Now(ctx context.Context) (time.Time, error) {
	if u.now == nil {
		return u.Store.Now(ctx)
	}
	return u.now(u.Store), nil
}

// altered returns a changed copy of a plan.
func altered(s *memory.Store, p *store.Plan, by func(*memory.Store, *store.Plan)) *store.Plan {
	if by == nil {
		return p
	}
	other := *p
	by(s, &other)
	return &other
}

func (u unclocked) Commit(ctx context.Context, p *store.Plan) error {
	return u.Store.Commit(ctx, altered(u.Store, p, u.commit))
}

func (u unclocked) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	return u.Store.CommitLeased(ctx, altered(u.Store, p, u.leased), lease)
}

func (u unclocked) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	return u.Store.Reroute(ctx, id, altered(u.Store, p, u.reroute))
}

func (u unclocked) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if !u.events {
		return u.Store.Apply(ctx, tenant, events)
	}
	cut := append([]store.Event(nil), events...)
	for i, e := range cut {
		if e, is := e.(store.Activity); is && e.At.After(shows(u.Store)) {
			e.At = shows(u.Store)
			cut[i] = e
		}
	}
	return u.Store.Apply(ctx, tenant, cut)
}

func (u unclocked) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if u.hear {
		m.At = earlier(shows(u.Store), m.At)
	}
	return u.Store.Hear(ctx, tenant, m)
}

func (u unclocked) ReportLine(ctx context.Context, s line.State) (bool, error) {
	if u.lines && s.Reputation != 0 {
		s.ReputationAt = earlier(shows(u.Store), s.ReputationAt)
	}
	return u.Store.ReportLine(ctx, s)
}

func (u unclocked) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if u.flag {
		at = earlier(shows(u.Store), at)
	}
	return u.Store.FlagLine(ctx, tenant, number, at)
}

func (u unclocked) ChangeConsent(ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (store.Consent, bool, error) {
	if u.says {
		w.At = earlier(shows(u.Store), w.At)
	}
	return u.Store.ChangeConsent(ctx, tenant, person, w)
}

func unchecked(_ *memory.Store, p *store.Plan) { p.MaxSkew = 0 }

const (
	planFar    = "clock/a plan that is too far from it"
	planLeased = "clock/a plan that is leased or rerouted"
	linesAhead = "clock/what is told of lines lies no further ahead"
)

var clockedFaults = []fault{
	{"clock/the store has one of its own", "shows the time of the machine", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, now: func(*memory.Store) time.Time { return time.Now() }}
	}},
	{planFar, "commits by any clock", func(s *memory.Store) store.ChatStore { return unclocked{Store: s, commit: unchecked} }},
	{planFar, "commits by a clock that is behind", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, commit: func(s *memory.Store, p *store.Plan) {
			if p.At.Before(shows(s)) {
				p.MaxSkew = 0
			}
		}}
	}},
	{planFar, "compares clocks that nobody wants compared", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, commit: func(_ *memory.Store, p *store.Plan) {
			if p.MaxSkew == 0 {
				p.MaxSkew = 5 * time.Minute
			}
		}}
	}},
	{planLeased, "leases by any clock", func(s *memory.Store) store.ChatStore { return unclocked{Store: s, leased: unchecked} }},
	{planLeased, "reroutes by any clock", func(s *memory.Store) store.ChatStore { return unclocked{Store: s, reroute: unchecked} }},
	{"clock/what is told of chats lies no further ahead", "takes activity of next year", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, events: true}
	}},
	{"clock/what a network tells lies no further ahead", "hears of next year", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, hear: true}
	}},
	{linesAhead, "takes reports of next year", func(s *memory.Store) store.ChatStore { return unclocked{Store: s, lines: true} }},
	{linesAhead, "flags lines from next year on", func(s *memory.Store) store.ChatStore { return unclocked{Store: s, flag: true} }},
	{"clock/what is told of people lies no further ahead", "takes words of next year", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, says: true}
	}},
	{"purge/not before the store's clock says so", "purges by the clock of its caller", func(s *memory.Store) store.ChatStore {
		return unclocked{Store: s, commit: func(_ *memory.Store, p *store.Plan) { p.KeepUntil = p.At }}
	}},
}

func earlier(a, b time.Time) time.Time { return store.PurgeBefore(a, b) }
