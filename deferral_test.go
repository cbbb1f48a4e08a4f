package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// gathering is a network that takes everything and remembers when.
type gathering struct {
	mu    sync.Mutex
	taken []taken
	bad   map[recipients.Handle]bool // lines that it has flagged
}

type taken struct {
	delivery.Delivery
	at time.Time
}

func (g *gathering) Send(_ context.Context, d delivery.Delivery) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bad[d.From] {
		return &delivery.Failure{Err: errors.New("refused"), Permanent: true, LineFlagged: true}
	}
	g.taken = append(g.taken, taken{d, time.Now()})
	return nil
}

func (g *gathering) flag(number recipients.Handle) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bad[number] = true
}

func (g *gathering) got() []taken {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.taken)
}

func (g *gathering) of(id uuid.UUID) *taken {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.taken {
		if g.taken[i].MessageID == id {
			return new(g.taken[i])
		}
	}
	return nil
}

func person(i int) recipients.Handle {
	return recipients.MustParse(fmt.Sprintf("+1212%07d", 5_550_000+i))
}

// running runs a Router in the bubble of a test, until stop. Its first look at
// the store is over when running returns: one beside a send may count its chat
// twice for a moment, once as picked and once as kept.
func running(t *testing.T, r *fromline.Router) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		require.NoError(t, <-ran)
	}
}

// Openings that only the pace holds back wait for the earliest slots, as long
// as they may; what follows them into their chats waits behind; and answer,
// replay and read-back say until when (docs/rules.md §11a).
func TestOpeningsAreDeferred(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const gap = 10 * time.Minute
		chats, net := memory.New(memory.Options{}), &gathering{}
		lines, err := fleet.New(fleet.Options{Guard: line.Guard{Gap: gap, Burst: 1}})
		require.NoError(t, err)
		full := line.Line{Number: dallas}
		full.Limits.NewChatsPerDay = 1
		require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}, full}))
		r, err := fromline.New(chats, lines, fromline.Options{Sender: net, DeferUpTo: 15 * time.Minute, KeepTraces: true})
		require.NoError(t, err)
		defer running(t, r)()
		began := store.Micros(time.Now())
		out := func(i int, key string) fromline.Outgoing {
			return fromline.Outgoing{Tenant: "acme", Request: request(t, withKey(key), person(i)), Explain: true}
		}
		var decisions []routing.Decision
		used := map[recipients.Handle]int{}
		for i := range 5 {
			d, err := r.Route(t.Context(), out(i, fmt.Sprint("key ", i)))
			require.NoError(t, err)
			decisions = append(decisions, d)
			used[d.Line]++
			want := time.Time{}
			if i >= 3 { // the third line is full for the day
				want = began.Add(gap)
			}
			require.Equal(t, want, d.DeliverAt)
			require.Equal(t, began, d.At)
			require.Equal(t, want, d.Trace.DeliverAt)
		}
		require.Equal(t, map[recipients.Handle]int{dc: 2, boston: 2, dallas: 1}, used, "nothing waits for a line that is full")

		_, err = r.Route(t.Context(), out(5, "key 5"))
		var refusal *routing.Refusal
		require.ErrorAs(t, err, &refusal, "the next slots are too far away")
		require.Equal(t, began.Add(2*gap), refusal.NextFree)

		behind, err := r.Route(t.Context(), out(3, "another"))
		require.NoError(t, err)
		require.Equal(t, []any{store.ReusedActiveChat, decisions[3].ChatID, time.Time{}}, []any{behind.Reason, behind.ChatID, behind.DeliverAt})
		replay, err := r.Route(t.Context(), out(3, "key 3"))
		require.NoError(t, err)
		require.True(t, replay.Replay)
		require.Equal(t, began.Add(gap), replay.DeliverAt)
		back, err := r.ReadBack(t.Context(), "acme", decisions[3].MessageID)
		require.NoError(t, err)
		require.Equal(t, began.Add(gap), back.Record.NotBefore)
		require.Equal(t, began.Add(gap), back.Trace.DeliverAt)
		require.Equal(t, began.Add(gap), back.Delivery.Due)
		require.Equal(t, "pending", back.Status())
		preview, err := r.Preview(t.Context(), out(0, "x"))
		require.NoError(t, err)
		require.Zero(t, preview.DeliverAt, "a reuse waits for no slot")

		time.Sleep(gap - time.Second)
		require.Len(t, net.got(), 3)
		time.Sleep(time.Minute)
		require.Len(t, net.got(), 6)
		require.False(t, net.of(behind.MessageID).at.Before(net.of(decisions[3].MessageID).at))
		require.False(t, net.of(decisions[4].MessageID).at.Before(began.Add(gap)))
	})
}

// What waits for its slot is a waiting message like any other: where its line
// is flagged meanwhile it goes another way, and those behind it follow.
func TestDeferredMessageLeavesAFlaggedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chats, net := memory.New(memory.Options{}), &gathering{bad: map[recipients.Handle]bool{}}
		lines, err := fleet.New(fleet.Options{Guard: line.Guard{Gap: 10 * time.Minute, Burst: 1}})
		require.NoError(t, err)
		require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		r, err := fromline.New(chats, lines, fromline.Options{Sender: net, DeferUpTo: time.Hour, Reroute: true})
		require.NoError(t, err)
		defer running(t, r)()
		send := func(i int) routing.Decision {
			d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person(i))})
			require.NoError(t, err)
			return d
		}
		send(0)
		send(1)
		first := send(2)
		second := send(2)
		require.NotZero(t, first.DeliverAt)
		net.flag(first.Line)
		time.Sleep(3 * time.Hour)
		a, b := net.of(first.MessageID), net.of(second.MessageID)
		require.NotNil(t, a)
		require.NotNil(t, b)
		require.NotEqual(t, first.Line, a.From)
		require.Equal(t, a.ChatID, b.ChatID)
		require.False(t, b.at.Before(a.at))
	})
}

// Where nothing may wait a send is refused as it was, and an option that cannot
// be kept is an error.
func TestNothingIsDeferredUnasked(t *testing.T) {
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{Guard: line.Guard{Gap: time.Hour, Burst: 1}})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
	r, err := fromline.New(chats, lines, fromline.Options{Deliver: true, Clock: func() time.Time { return noon }})
	require.NoError(t, err)
	_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	require.NoError(t, err)
	_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, bob)})
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, noon.Add(time.Hour), refusal.NextFree)
	for _, o := range []fromline.Options{
		{DeferUpTo: time.Hour},
		{Deliver: true, DeferUpTo: -1},
		{Deliver: true, DeferUpTo: fromline.MaxDefer + time.Microsecond},
		{Deliver: true, DeferUpTo: time.Nanosecond},
	} {
		_, err := fromline.New(chats, lines, o)
		require.ErrorContains(t, err, "DeferUpTo")
	}
}

// Over two processes and one store: At ≤ slot ≤ At + DeferUpTo; the pace holds
// by slots; what is in one chat is handed over in order; nothing goes out
// before its slot; and nothing waits while a line can open (invariants 20 and
// 29).
func TestDeferredSends(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			guard := line.Guard{Gap: time.Duration(rapid.IntRange(1, 30).Draw(rt, "gap")) * time.Minute, Burst: rapid.IntRange(1, 3).Draw(rt, "burst")}
			guard.FailoverShare = rapid.SampledFrom([]int{0, 40}).Draw(rt, "share")
			upTo := time.Duration(rapid.IntRange(1, 60).Draw(rt, "up to")) * time.Minute
			chats, net := memory.New(memory.Options{}), &gathering{}
			var routers []*fromline.Router
			for range 2 {
				lines, err := fleet.New(fleet.Options{Guard: guard})
				require.NoError(t, err)
				require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}, {Number: dallas}}))
				r, err := fromline.New(chats, lines, fromline.Options{Sender: net, DeferUpTo: upTo, Reroute: true})
				require.NoError(t, err)
				defer running(t, r)()
				routers = append(routers, r)
			}
			slots := map[recipients.Handle][]time.Time{}
			sent := map[uuid.UUID][]uuid.UUID{} // messages of chats, in order
			due := map[uuid.UUID]time.Time{}
			for range rapid.IntRange(1, 40).Draw(rt, "sends") {
				time.Sleep(time.Duration(rapid.IntRange(0, 300).Draw(rt, "seconds")) * time.Second)
				r := routers[rapid.IntRange(0, 1).Draw(rt, "process")]
				d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person(rapid.IntRange(0, 25).Draw(rt, "who")))})
				if err != nil {
					var refusal *routing.Refusal
					require.ErrorAs(t, err, &refusal)
					require.True(t, refusal.NextFree.After(store.Micros(time.Now()).Add(upTo)), "%v", err)
					continue
				}
				sent[d.ChatID] = append(sent[d.ChatID], d.MessageID)
				if !d.OpensChat() {
					require.Zero(t, d.DeliverAt)
					continue
				}
				at := d.At
				if !d.DeliverAt.IsZero() {
					require.True(t, d.DeliverAt.After(d.At) && !d.DeliverAt.After(d.At.Add(upTo)))
					at = d.DeliverAt
				}
				due[d.MessageID] = at
				slots[d.Line] = append(slots[d.Line], at)
			}
			time.Sleep(2 * time.Hour)
			for _, times := range slots { // commits of a line are in the order of their slots
				for i := range times {
					for j := i; j < len(times); j++ {
						require.LessOrEqual(t, j-i+1, guard.Burst+int(times[j].Sub(times[i])/guard.Gap))
					}
				}
			}
			for _, ids := range sent {
				var last time.Time
				for _, id := range ids {
					got := net.of(id)
					require.NotNil(t, got)
					require.False(t, got.at.Before(last), "in order")
					require.False(t, got.at.Before(due[id]), "not before its slot")
					last = got.at
				}
			}
		})
	})
}
