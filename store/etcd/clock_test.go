//go:build unix

package etcd_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/internal/wrongclock"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// TestAWrongClockHarmsOnlyItsProcess opens stores on one cluster from machines
// with wrong clocks.
func TestAWrongClockHarmsOnlyItsProcess(t *testing.T) {
	wrongclock.Run(t, func(tb testing.TB) wrongclock.Open {
		name := fresh(tb, "wrong clock")
		return func(tb testing.TB, wall func() time.Time) store.Store {
			return openAt(tb, name, etcd.Options{}, wall)
		}
	})
}

func openAt(tb testing.TB, name string, o etcd.Options, wall func() time.Time) *etcd.Store {
	tb.Helper()
	o.Timeout = etcdtest.Patience
	s, err := etcd.OpenAt(tb.Context(), name, o, wall)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// shows returns how far the clock of a store is ahead, to the minute.
func shows(t *testing.T, s *etcd.Store) time.Duration {
	t.Helper()
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	return time.Until(now).Round(10 * time.Minute)
}

// clockTold reports whether the store says that it uses the clock of its
// machine.
func clockTold(t *testing.T, s *etcd.Store) bool {
	t.Helper()
	return slices.ContainsFunc(s.Parts(t.Context()), func(p store.Part) bool { return p.Name == "clock" && p.Err != nil })
}

// The clock of a store is that of the nodes, whatever the clock of the machine
// shows: also while a node is dead, with TLS, and in a read-only store.
func TestTheClockIsThatOfTheNodes(t *testing.T) {
	wall := func() time.Time { return time.Now().Add(26 * time.Hour) }
	cert, key := certificate(t)
	secure := etcdtest.StartSecure(t, cert, key)
	three := etcdtest.Start(t, 3)
	for what, name := range map[string]string{
		"TLS": secure.Name("clock") + "?ca=" + cert + "&cert=" + cert + "&key=" + key, "three nodes": three.Name("clock"),
	} {
		for _, o := range []etcd.Options{{}, {Unsynced: true}, {ReadOnly: true}} {
			s := openAt(t, name, o, wall)
			require.Zero(t, shows(t, s), what)
			require.False(t, clockTold(t, s), what)
		}
	}
	require.NoError(t, three.Nodes[1].Kill())
	require.Zero(t, shows(t, openAt(t, three.Name("clock"), etcd.Options{}, wall)))
}

// If no node tells its time by HTTP, a store does not open. A store that
// accepts that, or is read-only, uses the clock of its machine and says so.
func TestNodesThatTellNoTime(t *testing.T) {
	c := etcdtest.Start(t, 1, "--listen-client-http-urls", "http://127.0.0.1:0")
	_, err := etcd.Open(t.Context(), c.Name("silent"), etcd.Options{Timeout: etcdtest.Patience})
	require.ErrorIs(t, err, store.ErrNotWritten)
	require.ErrorContains(t, err, "?unsynced=accept")
	wall := func() time.Time { return time.Now().Add(26 * time.Hour) }
	for _, o := range []etcd.Options{{Unsynced: true}, {ReadOnly: true}} {
		s := openAt(t, c.Name("silent"), o, wall)
		require.Equal(t, 26*time.Hour, shows(t, s))
		require.True(t, clockTold(t, s))
	}
}

// While most nodes that answer are right, so is the clock, to a second and a
// round trip, whatever it was before and whatever the others tell. A right
// clock stays as it is if all nodes are right. The nodes never move a clock
// further from the truth.
func TestTheNodeInTheMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wrong := rapid.Int64Range(-int64(400*24*time.Hour), int64(400*24*time.Hour))
		truth := time.Duration(wrong.Draw(t, "how far the nodes are ahead of the machine"))
		was := time.Duration(rapid.OneOf(wrong, rapid.Just(int64(truth))).Draw(t, "how far that was thought to be"))
		n := rapid.IntRange(1, 7).Draw(t, "nodes")
		liars := rapid.IntRange(0, (n-1)/2).Draw(t, "of which are wrong")
		var told []etcd.Span
		var widest time.Duration
		for i := range n {
			is := truth
			if i < liars {
				is = time.Duration(wrong.Draw(t, "a wrong one"))
			}
			part := time.Duration(rapid.Int64Range(0, int64(time.Second)-1).Draw(t, "part of a second"))
			trip := time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "round trip"))
			before := time.Duration(rapid.Int64Range(0, int64(trip)).Draw(t, "before it looked"))
			widest = max(widest, time.Second+trip)
			told = append(told, etcd.Told(is-part-(trip-before), is-part+time.Second+before))
		}
		told = rapid.Permutation(told).Draw(t, "in any order")
		got := etcd.Agreed(was, told...)
		if off := (got - truth).Abs(); off > widest {
			t.Fatalf("it is put %v wrong", off)
		}
		if liars == 0 && (got-truth).Abs() > (was-truth).Abs() {
			t.Fatalf("it was %v wrong, and is put %v wrong", (was - truth).Abs(), (got - truth).Abs())
		}
	})
}
