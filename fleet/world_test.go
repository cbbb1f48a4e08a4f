package fleet

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

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

// learn takes in what an event or a file says, and reports whether a value
// changed.
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

// judged is when the lines of a view were judged: for its moment, and where
// time passes for many lines in slices, those that had their turn for now.
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
