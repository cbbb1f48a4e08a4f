package simulate

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// smallScene is a scene in which all happens that can: young lines and grown
// ones, lines that join, and chats enough for a flag to be felt.
func smallScene(t *testing.T) Scene {
	s := DefaultScene()
	s.Lines, s.Chats, s.First, s.Joins, s.JoinDay, s.Days = 6, 600, 150, 2, 4, 12
	require.NoError(t, s.Check())
	return s
}

func namedGuards(t *testing.T, names ...string) (all []Guard) {
	for _, name := range names {
		g, err := ParseGuard(name)
		require.NoError(t, err)
		all = append(all, g)
	}
	return all
}

// played is a world that was played to its end.
func played(t *testing.T, s Scene, m Model, g Guard, seed uint64, watch func(*world, opening)) *world {
	w, err := newWorld(&s, &m, g, seed)
	require.NoError(t, err)
	if watch != nil {
		w.watch = func(o opening) { watch(w, o) }
	}
	require.NoError(t, w.play(t.Context(), func(int) {}))
	return w
}

// A study is the same to the byte whenever it is played, by any number of jobs,
// and as it was when the golden file was written.
func TestStudyIsTheSameToTheByte(t *testing.T) {
	plan := Plan{Scene: smallScene(t), Models: Models()[:2], Guards: namedGuards(t, "off", "careful"), Seeds: []uint64{1, 2}, Jobs: 1}
	plan.Scene.Days = 6
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		study, err := Play(t.Context(), plan)
		require.NoError(t, err)
		require.NoError(t, study.WriteJSON(out))
		plan.Jobs = 3
	}
	require.Equal(t, first.String(), second.String())
	const golden = "testdata/study.json"
	if os.Getenv("FROMLINE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, first.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), first.String())
}

// Everything that was wanted was sent, waits, or was given up; and no line
// opened more than its limit.
func TestNothingIsLostOrMadeUp(t *testing.T) {
	for _, m := range Models() {
		for _, g := range namedGuards(t, "off", "careful", "careful+defer") {
			s := smallScene(t)
			w := played(t, s, m, g, 3, nil)
			for _, kind := range []Sends{w.run.First, w.run.Failovers} {
				require.Equal(t, kind.Wanted, kind.Sent+kind.Waiting+kind.GivenUp, "%s, %s: %+v", m.Name, g.Name, kind)
				require.LessOrEqual(t, kind.Refused, kind.Wanted)
			}
			require.Equal(t, int(s.First)*s.Days, w.run.First.Wanted)
			require.LessOrEqual(t, w.run.BusiestDay, s.Limit)
			talks := 0
			for i := range w.numbers {
				for place, index := range w.numbers[i].talks {
					require.Equal(t, talk{line: int32(i), place: int32(place)}, talk{line: w.talks[index].line, place: w.talks[index].place})
				}
				talks += len(w.numbers[i].talks)
			}
			require.LessOrEqual(t, talks, len(w.talks))
		}
	}
}

// Where the network flags lines whatever one does, every guard meets the same
// flags: the control that luck is the same for all of them.
func TestControl(t *testing.T) {
	exogenous := Models()[5]
	exogenous.Always, exogenous.Sweeps = 0.1, []Sweep{{Day: 5, Share: 0.5}}
	var flags [][]flag
	for _, g := range namedGuards(t, "off", "careful", "pace", "ramp+share", "careful+defer") {
		w := played(t, smallScene(t), exogenous, g, 7, nil)
		for i := range w.flags {
			w.flags[i].root, w.flags[i].size = 0, 0 // whose chats were taken depends on the guard
		}
		require.Greater(t, len(w.flags), 5)
		flags = append(flags, w.flags)
		require.Equal(t, flags[0], w.flags, g.Name)
	}
}

// The openings of every line keep to its guard, by the times at which they were
// decided (docs/rules.md §10): allowance, pace and failover share.
func TestOpeningsKeepToTheGuard(t *testing.T) {
	for _, m := range Models()[:5] {
		for _, g := range namedGuards(t, "careful", "pace", "ramp", "share", "careful+defer") {
			s := smallScene(t)
			opened := map[int32][]opening{}
			played(t, s, m, g, 11, func(w *world, o opening) {
				n := &w.numbers[o.number]
				start := n.line.StartedAt
				if n.recovered.After(start) {
					start = n.recovered
				}
				b := g.Guard.Bounds(s.Limit, start, o.at)
				chats, failovers := 0, 0
				before := opened[o.number]
				for i := len(before) - 1; i >= 0 && o.at.Sub(before[i].at) < 24*time.Hour; i-- {
					chats++
					if before[i].failover {
						failovers++
					}
				}
				require.Less(t, chats, b.Allowance, "%s, %s: allowance of day %d", m.Name, g.Name, b.Day)
				if o.failover && b.Failovers > 0 {
					require.Less(t, failovers, b.Failovers, "%s, %s: failover share", m.Name, g.Name)
				}
				if step := b.Pace.Step; step > 0 {
					for k := 0; len(before) >= b.Pace.Burst+k; k++ { // burst + k before this one, at least k+1 gaps ago
						earlier := before[len(before)-b.Pace.Burst-k]
						require.GreaterOrEqual(t, o.due.Sub(earlier.due), time.Duration(k+1)*g.Guard.Gap, "%s, %s: pace", m.Name, g.Name)
						if k > 20 {
							break
						}
					}
				}
				opened[o.number] = append(before, o)
			})
			require.NotEmpty(t, opened)
		}
	}
}
