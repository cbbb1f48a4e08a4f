package fromline_test

import (
	"cmp"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// What an option may be is taken up to its ends, and what it may not be is
// refused by its name, with a store of every power and with one of none.
func TestOptionsAreTakenWithinTheirRanges(t *testing.T) {
	net, clock := &sender{}, func() time.Time { return noon }
	settled := func(delivery.Settlement) {}
	parking := func(context.Context, delivery.Settlement) error { return nil }
	reroute := func(context.Context, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{} }
	type o = fromline.Options
	for _, c := range []struct {
		options o
		refused string // the name of the option; empty: it is taken
		bare    string // the same with a store of no powers; "": as refused
	}{
		{o{}, "", ""},
		{o{KeepRecords: -1}, "KeepRecords", ""},
		{o{KeepRecords: 1}, "", ""},
		{o{KeepUnkeyed: -1}, "KeepUnkeyed", ""},
		{o{KeepUnkeyed: 1}, "", ""},
		{o{PurgeEvery: -1}, "PurgeEvery", ""},
		{o{PurgeEvery: 1}, "", ""},
		{o{MaxSkew: -1}, "MaxSkew", ""},
		{o{MaxSkew: -1, Clock: clock}, "MaxSkew", ""},
		{o{MaxSkew: 1, Clock: clock}, "", ""},
		{o{Retries: -1}, "Retries", ""},
		{o{Retries: 1}, "", ""},
		{o{DeferUpTo: -time.Microsecond, Deliver: true}, "DeferUpTo", ""},
		{o{DeferUpTo: time.Microsecond, Deliver: true}, "", "store.Outbox"},
		{o{DeferUpTo: fromline.MaxDefer, Sender: net}, "", "store.Outbox"},
		{o{DeferUpTo: fromline.MaxDefer + time.Microsecond, Deliver: true}, "DeferUpTo", ""},
		{o{DeferUpTo: time.Microsecond + 1, Deliver: true}, "DeferUpTo", ""},
		{o{DeferUpTo: time.Microsecond}, "DeferUpTo", ""},
		{o{MaxBacklog: -1}, "MaxBacklog", ""},
		{o{MaxBacklog: 1}, "", "MaxBacklog"},
		{o{Sender: net}, "", "store.Outbox"},
		{o{Deliver: true}, "", "store.Outbox"},
		{o{Webhooks: net}, "Webhooks", ""},
		{o{Webhooks: net, Sender: net}, "", "store.Outbox"},
		{o{Delivery: delivery.Options{Parking: parking}, Sender: net}, "", "store.Outbox"},
		{o{Delivery: delivery.Options{Parking: parking}, Webhooks: net, Sender: net}, "Parking", ""},
		{o{Delivery: delivery.Options{Settled: settled}}, "Settled", ""},
		{o{Delivery: delivery.Options{Reroute: reroute}}, "Reroute", ""},
		{o{Delivery: delivery.Options{Attempts: -1}, Sender: net}, "Attempts", "store.Outbox"},
		{o{Fleet: fleet.Options{Source: lineTable{}}}, "Source", ""},
		{o{Fleet: fleet.Options{RefreshEvery: -1}}, "RefreshEvery", ""},
		{o{Consents: fromline.ConsentRules{OptOuts: true}}, "", "Consents"},
		{o{Consents: fromline.ConsentRules{Blocks: true}}, "", "Consents"},
		{o{Consents: fromline.ConsentRules{AllowList: true}}, "", "Consents"},
	} {
		lines := lineTable{&table{notes: &notes{}}}
		chats := memory.New(memory.Options{})
		for what, try := range map[string]struct {
			chats   store.ChatStore
			refused string
		}{"every power": {chats, c.refused}, "no power": {bare{chats}, cmp.Or(c.bare, c.refused)}} {
			r, err := fromline.New(try.chats, lines, c.options)
			if try.refused == "" {
				require.NoError(t, err, "%+v, %s", c.options, what)
				require.NotNil(t, r)
				continue
			}
			require.ErrorContains(t, err, try.refused, "%+v, %s", c.options, what)
			require.Nil(t, r)
		}
	}
}

// Every mistake is told at once.
func TestAllMistakesInOptionsAreTold(t *testing.T) {
	_, err := fromline.New(memory.New(memory.Options{}), lineTable{&table{}}, fromline.Options{KeepRecords: -1, Retries: -1, MaxBacklog: -1})
	for _, name := range []string{"KeepRecords", "Retries", "MaxBacklog"} {
		require.ErrorContains(t, err, name)
	}
}

// Without Retries a send is tried again fifty times; without a Wait it waits in
// between, so long in all as the waits allow.
func TestRetriesAndWaitsThatAreNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats := &script{Store: memory.New(memory.Options{}), notes: &notes{}}
		tried := []time.Time{}
		chats.aroundCommit = func(*store.Plan, func() error) error {
			tried = append(tried, time.Now())
			return &store.Conflict{Kind: store.RevisionMoved}
		}
		r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.ErrorIs(t, err, store.ErrNotWritten)
		require.Len(t, tried, 1+50)
		var long int
		for i := range 50 {
			waited := tried[i+1].Sub(tried[i])
			require.LessOrEqual(t, waited, min(time.Millisecond<<min(i, 10), 100*time.Millisecond), "wait %d", i+1)
			if waited > 50*time.Millisecond {
				long++
			}
		}
		require.Positive(t, long, "of 43 random parts of a tenth of a second")
	})
}

// By the time of the machine the clocks of a Router and its store are compared,
// and may be five minutes apart; by a clock of the host's own they are not,
// unless the host says how far they may be apart.
func TestClocksAreComparedByDefault(t *testing.T) {
	for _, c := range []struct {
		own     bool
		maxSkew time.Duration
		ahead   time.Duration
		good    bool
	}{
		{false, 0, 0, true},
		{false, 0, 5 * time.Minute, true},
		{false, 0, -5 * time.Minute, true},
		{false, 0, 5*time.Minute + 1, false},
		{false, 0, -5*time.Minute - 1, false},
		{false, time.Hour, time.Hour, true},
		{false, time.Hour, time.Hour + 1, false},
		{true, 0, 24 * time.Hour, true},
		{true, time.Hour, time.Hour, true},
		{true, time.Hour, time.Hour + 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			chats := memory.New(memory.Options{Clock: func() time.Time { return time.Now().Add(-c.ahead) }})
			o := fromline.Options{MaxSkew: c.maxSkew}
			if c.own {
				o.Clock = func() time.Time { return time.Now() }
			}
			r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, o)
			require.NoError(t, err)
			err = r.Ready(t.Context())
			if c.good {
				require.NoError(t, err, "%+v", c)
			} else {
				require.ErrorIs(t, err, store.ErrClock, "%+v", c)
				var wrong *store.ClockError
				require.ErrorAs(t, err, &wrong)
				require.Equal(t, c.ahead, wrong.Ahead)
			}
		})
	}
}
