package fleet

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// TestFleetIsItsModel runs a fleet beside a model of it: one store, other
// processes that commit to it, events, reservations, and time.
func TestFleetIsItsModel(t *testing.T) { rapid.Check(t, fleetIsItsModel) }

// FuzzFleetIsItsModel lets the fuzzer look for histories that break it.
func FuzzFleetIsItsModel(f *testing.F) { f.Fuzz(rapid.MakeFuzz(fleetIsItsModel)) }

func fleetIsItsModel(t *rapid.T) {
	w := newWorld(t)
	t.Repeat(map[string]func(*rapid.T){
		"put":     w.put,
		"set":     w.set,
		"remove":  w.remove,
		"event":   w.event,
		"elapse":  w.elapse,
		"reserve": w.reserve,
		"settle":  w.settle,
		"others":  w.others,
		"full":    w.full,
		"message": w.messages,
		"sync":    w.sync,
		"fail":    w.failSync,
		"policy":  w.setPolicy,
		"settled": w.settled,
		"":        w.check,
	})
}

func (w *world) put(t *rapid.T) {
	tenant, l := drawTenant(t), w.drawLine(t)
	err := w.fleet.PutLine(tenant, l)
	if w.taken(tenant, l.Number) {
		require.ErrorIs(t, err, ErrTaken)
		return
	}
	require.NoError(t, err)
	w.configure(tenant, l)
}

func (w *world) set(t *rapid.T) {
	tenant := drawTenant(t)
	var lines []line.Line
	refused := false
	seen := map[recipients.Handle]line.Line{}
	for range rapid.IntRange(0, 40).Draw(t, "lines") {
		l := w.drawLine(t)
		first, twice := seen[l.Number]
		if twice && rapid.IntRange(0, 99).Draw(t, "twice") > 0 || w.taken(tenant, l.Number) && rapid.IntRange(0, 99).Draw(t, "taken") > 0 {
			continue
		}
		refused = refused || twice && !sameLine(&first, &l) || w.taken(tenant, l.Number)
		if !twice {
			seen[l.Number] = l
		}
		lines = append(lines, l)
	}
	err := w.fleet.SetLines(tenant, lines)
	if refused {
		require.ErrorIs(t, err, ErrTaken)
		return
	}
	require.NoError(t, err)
	w.lines[tenant] = map[recipients.Handle]line.Line{}
	for _, l := range lines {
		w.configure(tenant, l)
	}
}

func (w *world) remove(t *rapid.T) {
	tenant, n := drawTenant(t), drawNumber(t)
	err := w.fleet.RemoveLine(tenant, n)
	if _, there := w.lines[tenant][n]; !there {
		require.ErrorIs(t, err, ErrUnknownNumber)
		return
	}
	require.NoError(t, err)
	delete(w.lines[tenant], n)
}

func (w *world) event(t *rapid.T) {
	e := Event{
		Type: StatusUpdated, Number: drawNumber(t), ChangedAt: w.drawChange(t),
		Status:     line.Status(rapid.IntRange(0, 2).Draw(t, "new status")),
		Reputation: line.Reputation(rapid.IntRange(0, 3).Draw(t, "new reputation")),
	}
	tenant, owned := w.fleet.Owner(e.Number)
	s, err := w.fleet.StateOf(context.Background(), e)
	if !owned {
		require.ErrorIs(t, err, ErrUnknownNumber)
		require.False(t, w.taken("", e.Number))
		return
	}
	if e.Status == 0 && e.Reputation == 0 {
		require.ErrorIs(t, err, ErrEvent)
		return
	}
	require.NoError(t, err)
	require.Equal(t, e.state(tenant), s)
	w.store.report(s)
	if rapid.Bool().Draw(t, "only stored") {
		return // the next sync tells
	}
	applied, err := w.fleet.ReportLine(context.Background(), e)
	require.NoError(t, err)
	require.Equal(t, w.learn(tenant, e.Number, e.Status, e.Reputation, e.ChangedAt), applied)
}

func (w *world) elapse(t *rapid.T) {
	w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 59, 61, 3600, 7 * 3600, 26 * 3600}).Draw(t, "seconds")) * time.Second)
}

func (w *world) reserve(t *rapid.T) {
	tenant, q := drawTenant(t), drawQuery(t)
	if w.lines[tenant] == nil {
		require.False(t, w.fleet.Reserve(tenant, w.now, q, drawNumber(t)))
		return
	}
	for range rapid.IntRange(1, 5).Draw(t, "sends") {
		v, err := w.fleet.View(context.Background(), tenant, w.now)
		require.NoError(t, err)
		pick, ok := v.Best(q)
		if !ok {
			return
		}
		if pick.HasRunnerUp {
			require.False(t, w.fleet.Reserve(tenant, w.now, q, pick.RunnerUp.Number), "the runner-up is not the best")
		}
		require.True(t, w.fleet.Reserve(tenant, w.now, q, pick.Line.Number))
		f := flight{tenant, w.now, pick.Line.Number, q.Failover, v.Find(pick.Line.Number).Pace(), w.now}
		if slot := v.Find(pick.Line.Number).Slot(); slot.After(f.due) {
			f.due = slot
		}
		w.flight = append(w.flight, f)
	}
}

// settle ends a reservation: committed, failed, or committed and never told.
func (w *world) settle(t *rapid.T) {
	if len(w.flight) == 0 {
		return // not Skip: rapid fails a run of skipped actions
	}
	i := rapid.IntRange(0, len(w.flight)-1).Draw(t, "which")
	r := w.flight[i]
	w.flight = slices.Delete(w.flight, i, i+1)
	switch rapid.IntRange(0, 2).Draw(t, "outcome") {
	case 0:
		w.fleet.Release(r.tenant, r.at, r.line, r.failover)
	case 1:
		w.store.open(r.tenant, r.line, r.at)
		w.store.use(r.tenant, r.line, func(u *line.Use) {
			u.PacedAt = r.pace.After(u.PacedAt, r.due)
			if r.failover {
				u.Failovers[0]++ // in the hour of the new chat
			}
		})
		w.fleet.Confirm(r.tenant, r.at, r.line, r.failover)
		k := keyOf(r.tenant, r.line)
		w.held[k] = append(w.held[k], r.at)
	case 2: // the process that picked it died
	}
}

func (w *world) others(t *rapid.T) { w.store.open(drawTenant(t), drawNumber(t), w.now) }

func (w *world) messages(t *rapid.T) {
	n := rapid.SampledFrom([]int{1, 3500, 7000}).Draw(t, "messages")
	w.store.use(drawTenant(t), drawNumber(t), func(u *line.Use) { u.AddMessages(line.HourOf(w.now), n) })
}

func (w *world) full(t *rapid.T) {
	tenant, n := drawTenant(t), drawNumber(t)
	until := w.now.Truncate(time.Hour).Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hours")) * time.Hour)
	w.fleet.Full(tenant, n, until)
	if _, there := w.lines[tenant][n]; !there {
		return
	}
	v, err := w.fleet.View(context.Background(), tenant, w.now)
	require.NoError(t, err)
	l, _ := v.Line(n)
	require.False(t, until.After(v.At()) && l.NewChatsFullUntil.Before(until), "it is left out")
}

func (w *world) sync(t *rapid.T) {
	require.NoError(t, w.fleet.Sync(context.Background(), w.store))
	w.synced()
	for k, s := range w.store.states {
		w.merge(k, s)
	}
}

func (w *world) synced() {
	w.held, w.seen = map[string][]time.Time{}, maps.Clone(w.store.uses)
}

// failSync polls a store that fails at some call. A part of a poll must not
// make anybody forget a pick.
func (w *world) failSync(t *rapid.T) {
	w.store.failAt = rapid.IntRange(1, 4).Draw(t, "call that fails")
	err := w.fleet.Sync(context.Background(), w.store)
	if w.store.failAt == 0 {
		require.ErrorIs(t, err, errDown)
	}
	w.store.failAt = 0
	if err == nil {
		w.synced()
	}
	for tenant := range w.lines {
		v, err := w.fleet.View(context.Background(), tenant, w.now)
		if w.fleet.LastPoll().IsZero() {
			require.ErrorIs(t, err, ErrStale)
			continue
		}
		require.NoError(t, err)
		for l := range v.All() {
			w.checkUse(t, tenant, l)
		}
	}
	w.sync(t) // what it learnt of states before it failed is certain again
}

// setPolicy changes the order and the guard: all that the model knows stays
// true.
func (w *world) setPolicy(t *rapid.T) {
	w.policy, w.guard = drawPolicy(t), drawGuard(t)
	require.NoError(t, w.fleet.SetPolicy(w.policy, w.guard))
}

// settled lets everything come to rest: then the use is exactly the store's.
func (w *world) settled(t *rapid.T) {
	w.flight = nil
	w.now = w.now.Add(2 * time.Minute) // no reservation counts for longer
	w.sync(t)
	for _, tenant := range tenants {
		if w.lines[tenant] == nil {
			continue
		}
		v, err := w.fleet.View(context.Background(), tenant, w.now)
		for ; err == nil && v.s.until <= nanos(w.now); v, err = w.fleet.View(context.Background(), tenant, w.now) {
		}
		require.NoError(t, err)
		for l := range v.All() {
			u := w.store.uses[keyOf(tenant, l.Number)]
			require.Equal(t, u.Window(line.HourOf(w.now)), l.NewChats)
			require.Equal(t, u.FailoversWindow(line.HourOf(w.now)), l.Failovers)
			require.Equal(t, u.PacedAt, l.PacedAt)
			require.Equal(t, u.MessagesFullUntil(line.HourOf(w.now), l.Limits.MessagesPerDay), l.MessagesFullUntil)
		}
	}
}
