package fleet

import (
	"cmp"
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

// world is a fleet and what is true about it.
type world struct {
	now    time.Time
	policy Policy
	guard  line.Guard
	fleet  *Fleet
	store  *memorySource

	lines  map[string]map[recipients.Handle]line.Line // as configured, by tenant
	learnt map[string]line.State                      // the newest state, by keyOf
	flight []flight
	held   map[string][]time.Time // own commits that the last good sync has not seen
	seen   map[string]line.Use    // what the last good sync saw
	old    []memento
}

// flight is a reservation that nobody settled yet.
type flight struct {
	tenant string
	at     time.Time
	line   recipients.Handle

	failover bool
	pace     line.Pace
	due      time.Time // when the message goes out
}

// memento is a view and what it said when it was taken.
type memento struct {
	view  View
	lines []line.Line
}

var tenants = []string{"acme", "zenith"}

func (w *world) Now() time.Time { return w.now }
func newWorld(t *rapid.T) *world {
	w := &world{
		now: epoch, policy: drawPolicy(t), guard: drawGuard(t), store: newMemorySource(),
		lines: map[string]map[recipients.Handle]line.Line{}, learnt: map[string]line.State{}, held: map[string][]time.Time{},
	}
	f, err := New(Options{Policy: w.policy, Guard: w.guard, Clock: w.Now, StaleAfter: 1000 * time.Hour})
	require.NoError(t, err)
	f.page = rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "page")
	w.fleet = f
	return w
}

func drawTenant(t *rapid.T) string { return rapid.SampledFrom(tenants).Draw(t, "tenant") }

// taken reports whether another tenant has the number.
func (w *world) taken(tenant string, n recipients.Handle) bool {
	for other, lines := range w.lines {
		if _, there := lines[n]; there && other != tenant {
			return true
		}
	}
	return false
}

// configure is what the model does with a line it is given.
func (w *world) configure(tenant string, l line.Line) {
	if w.lines[tenant] == nil {
		w.lines[tenant] = map[recipients.Handle]line.Line{}
	}
	w.learn(tenant, l.Number, max(l.Status, line.Active), max(l.Reputation, line.Healthy), l.ChangedAt)
	w.lines[tenant][l.Number] = l
}

// learn takes in what an event or a file says, and reports whether a value changed.
func (w *world) learn(tenant string, n recipients.Handle, s line.Status, r line.Reputation, at time.Time) bool {
	if at.IsZero() {
		return false
	}
	said := line.State{Status: s, Reputation: r}
	if s != 0 {
		said.StatusAt = at
	}
	if r != 0 {
		said.ReputationAt = at
	}
	return w.merge(keyOf(tenant, n), said)
}

func (w *world) merge(k string, said line.State) bool {
	merged, applied := w.learnt[k].Merge(cutState(said))
	w.learnt[k] = merged
	return applied
}

func (w *world) drawLine(t *rapid.T) line.Line {
	l := drawLine(t)
	if rapid.IntRange(0, 3).Draw(t, "dated") == 0 {
		l.ChangedAt = w.drawChange(t)
	}
	return l
}

// drawChange draws a time near now, some a little later than a microsecond.
func (w *world) drawChange(t *rapid.T) time.Time {
	seconds, nanos := rapid.IntRange(-600, 299).Draw(t, "seconds"), rapid.SampledFrom([]int{0, 0, 1, 999}).Draw(t, "nanoseconds")
	return w.now.Add(time.Duration(seconds)*time.Second + time.Duration(nanos))
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
	case 2: // whoever picked it died
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

// setPolicy changes the order and the guard: all that the model knows stays true.
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

// check holds at every moment.
func (w *world) check(t *rapid.T) {
	for _, m := range w.old {
		require.Equal(t, m.lines, slices.Collect(m.view.All()), "a view does not change")
	}
	for _, tenant := range tenants {
		v, err := w.fleet.View(context.Background(), tenant, w.now)
		if w.lines[tenant] == nil {
			require.ErrorIs(t, err, ErrUnknownTenant)
			continue
		}
		require.NoError(t, err)
		require.False(t, v.At().After(w.now))
		require.Equal(t, len(w.lines[tenant]), v.Len())
		lines := slices.Collect(v.All())
		for _, l := range lines {
			w.checkLine(t, tenant, l)
		}
		q := drawQuery(t)
		pick, ok := v.Best(q)
		asked := plainOnly(lines, q)
		at := w.judged(t, v)
		samePick(t, tenant, plainOrder(asked, w.policy, w.guard, at, q), pick, ok)
		require.Equal(t, plainCounts(asked, w.policy, w.guard, at, q), plain(v.PassedOver(q)))
		w.fleet.lineup(tenant).wellKept(t)
		if len(w.old) < 5 {
			w.old = append(w.old, memento{v, lines})
		}
	}
}

// judged is when the lines of a view were judged: for its moment, and where time
// passes for many lines in slices, those that had their turn for now.
func (w *world) judged(t *rapid.T, v View) judged {
	return func(l line.Line) time.Time {
		if plainBounds(l, w.guard, v.At()).Allowance == l.Allowance {
			return v.At()
		}
		require.Equal(t, plainBounds(l, w.guard, w.now).Allowance, l.Allowance)
		return w.now
	}
}

func (w *world) checkLine(t *rapid.T, tenant string, l line.Line) {
	told, there := w.lines[tenant][l.Number]
	require.True(t, there)
	k := keyOf(tenant, l.Number)
	status, reputation, changed := max(told.Status, line.Active), max(told.Reputation, line.Healthy), time.Time{}
	if s, learnt := w.learnt[k]; learnt { // what was never learnt is as it was told
		status, reputation, changed = cmp.Or(s.Status, status), cmp.Or(s.Reputation, reputation), laterOf(s.StatusAt, s.ReputationAt)
	}
	require.Equal(t, []any{status, reputation, changed, told.Limits, told.Services, told.Ineligible},
		[]any{l.Status, l.Reputation, l.ChangedAt, l.Limits, l.Services, l.Ineligible})

	w.checkUse(t, tenant, l)
}

// checkUse proves that use is never less than what this process did or was told
// of.
func (w *world) checkUse(t *rapid.T, tenant string, l line.Line) {
	k, hour := keyOf(tenant, l.Number), line.HourOf(w.now)
	seen := w.seen[k]
	least := seen.Window(hour)
	for _, at := range w.held[k] {
		if line.HourOf(at) > hour-25 {
			least++
		}
	}
	for _, r := range w.flight {
		if r.tenant == tenant && r.line == l.Number && w.now.Sub(r.at) < time.Minute {
			least++
		}
	}
	require.GreaterOrEqual(t, l.NewChats, least)
}
