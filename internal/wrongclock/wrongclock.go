// Package wrongclock tests what a process with a wrong clock can do to a store
// that another process uses.
package wrongclock

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Open opens the same store once more, as a process on a machine with that
// clock does.
type Open func(tb testing.TB, wall func() time.Time) store.Store

var number = recipients.MustParse("+12025550161")

const tenant = "acme"

// Run starts processes whose clocks are a day, a week or a year ahead, or an
// hour behind, and lets them do all that they can. It checks that the messages
// of another process are neither lost, sent early or twice, parked, purged nor
// stuck.
func Run(t *testing.T, fresh func(testing.TB) Open) {
	for _, by := range []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 8 * 24 * time.Hour, -time.Hour} {
		t.Run(by.String(), func(t *testing.T) { run(t, fresh(t), by) })
	}
}

// process is a Router on a store of its own.
type process struct {
	store  store.Store
	router *fromline.Router
}

func start(t *testing.T, open Open, wall func() time.Time, o fromline.Options) process {
	s := open(t, wall)
	lines, err := fleet.New(fleet.Options{Clock: wall})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines(tenant, []line.Line{{Number: number}}))
	o.Clock, o.MaxSkew, o.Deliver = wall, 5*time.Minute, true
	r, err := fromline.New(s, lines, o)
	require.NoError(t, err)
	return process{s, r}
}

func (p process) send(ctx context.Context, i int) error {
	key := fmt.Sprint("key ", i)
	_, err := p.router.Send(ctx, tenant, &message.Request{
		To:      []string{fmt.Sprintf("+1202555%04d", i)},
		Message: &message.Content{Parts: []message.Part{message.Text("hi")}, IdempotencyKey: &key},
	})
	return err
}

// claim leases due deliveries.
func (p process) claim(t *testing.T, lease time.Duration) []store.Claimed {
	t.Helper()
	claimed, err := p.store.Claim(t.Context(), lease, 100)
	require.NoError(t, err)
	return claimed
}

func run(t *testing.T, open Open, by time.Duration) {
	ctx := t.Context()
	right := start(t, open, time.Now, fromline.Options{})
	for i := range 4 {
		require.NoError(t, right.send(ctx, i))
	}
	held := right.claim(t, time.Hour)
	require.Len(t, held, 4)
	require.NoError(t, right.store.Nack(ctx, held[3].Lease, 1, time.Hour))

	wall := func() time.Time { return time.Now().Add(by) }
	wrong := start(t, open, wall, fromline.Options{
		Sender: noSender{t}, PurgeEvery: time.Millisecond, KeepRecords: time.Minute, Reroute: true,
	})
	require.ErrorIs(t, wrong.send(ctx, 5), store.ErrClock)
	require.ErrorIs(t, wrong.router.Ready(ctx), store.ErrClock)
	_, err := wrong.router.ReportLine(ctx, fleet.Event{
		Type: fleet.StatusUpdated, Tenant: tenant, Number: number, Status: line.Flagged, ChangedAt: wall(),
	})
	require.ErrorIs(t, err, store.ErrClock)
	some, stop := context.WithTimeout(ctx, 100*time.Millisecond)
	defer stop()
	require.NoError(t, wrong.router.Run(some))
	wrong.writes(t, wall(), by > 0)
	require.Empty(t, wrong.claim(t, time.Hour))

	for _, c := range held[:3] {
		require.NoError(t, right.store.Renew(ctx, c.Lease, time.Hour))
		require.NoError(t, right.store.Ack(ctx, c.Lease))
	}
	require.Empty(t, right.claim(t, time.Hour))
	b, err := right.store.Backlog(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, b.Waiting)
	require.Zero(t, b.Parked)
	for i := range 4 {
		require.NoError(t, right.send(ctx, i), "a replay")
	}
	require.Empty(t, right.claim(t, time.Hour), "a record was purged, and its message sent again")

	// A delivery that it leased is its own while the lease lasts, and no
	// longer.
	require.NoError(t, right.send(ctx, 6))
	require.Len(t, wrong.claim(t, time.Hour), 1)
	require.Empty(t, right.claim(t, time.Hour))
	require.NoError(t, right.send(ctx, 7))
	require.Len(t, wrong.claim(t, time.Second), 1)
	require.Eventually(t, func() bool { return len(right.claim(t, time.Hour)) == 1 }, 5*time.Minute, 50*time.Millisecond)
	require.NoError(t, right.router.Ready(ctx))
}

// noSender fails the test if it sends: every delivery waits, or another process
// holds it.
type noSender struct{ t *testing.T }

func (s noSender) Send(context.Context, delivery.Delivery) error {
	s.t.Error("a process with a wrong clock sent what another one has in hand, or what waits")
	return nil
}

// writes writes to the store directly, without the Router.
func (p process) writes(t *testing.T, now time.Time, ahead bool) {
	ctx, set := t.Context(), people(t)
	seen, err := p.store.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key()})
	require.NoError(t, err)
	plan := &store.Plan{Tenant: tenant, Set: set, Revision: seen.Revision, MaxSkew: 5 * time.Minute, Record: store.Record{
		MessageID: uuid.New(), ChatID: uuid.New(), Line: number, Reason: store.NewBestNumber, At: now, KeepUntil: now.Add(time.Hour),
		Roster: store.NewRoster(set, now),
	}}
	require.ErrorIs(t, p.store.Commit(ctx, plan), store.ErrClock)
	_, err = p.store.CommitLeased(ctx, plan, time.Hour)
	require.ErrorIs(t, err, store.ErrClock)
	removed, err := p.store.Purge(ctx, now, 0)
	require.NoError(t, err)
	require.Zero(t, removed)
	if !ahead {
		return
	}
	require.ErrorIs(t, p.store.Apply(ctx, tenant, []store.Event{
		store.ChatSeen{ID: uuid.New(), Line: number, Participants: set, CreatedAt: now},
	}), store.ErrClock)
	_, _, err = p.store.FlagLine(ctx, tenant, number, now)
	require.ErrorIs(t, err, store.ErrClock)
}

func people(t *testing.T) recipients.Set {
	set, err := recipients.NewSet(recipients.MustParse("+12025550199"))
	require.NoError(t, err)
	return set
}
