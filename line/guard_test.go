package line_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
)

// drawGuard draws any guard that can be used.
func drawGuard(t *rapid.T) line.Guard {
	var g line.Guard
	if rapid.Bool().Draw(t, "paced") {
		g.Gap = time.Duration(rapid.Int64Range(1, int64(line.MaxGap/time.Microsecond)).Draw(t, "gap")) * time.Microsecond
		g.Burst = rapid.IntRange(1, line.MaxBurst).Draw(t, "burst")
	}
	if rapid.Bool().Draw(t, "ramped") {
		g.RampDays = rapid.IntRange(1, line.MaxRampDays).Draw(t, "days")
		g.RampStart = rapid.IntRange(1, 100).Draw(t, "start")
	}
	g.FailoverShare = rapid.IntRange(0, 100).Draw(t, "share")
	return g
}

func drawLimit(t *rapid.T) int {
	return rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(0, line.MaxLimit)).Draw(t, "limit")
}

func TestCareful(t *testing.T) {
	require.NoError(t, line.Careful().Validate())
	require.Equal(t, line.Guard{Gap: 5 * time.Minute, Burst: 3, RampDays: 14, RampStart: 20, FailoverShare: 20}, line.Careful())
	require.True(t, line.Guard{}.IsZero())
	require.NoError(t, line.Guard{}.Validate())
}

func TestGuardsThatCannotBeUsed(t *testing.T) {
	for _, change := range []func(*line.Guard){
		func(g *line.Guard) { g.Gap = -1 },
		func(g *line.Guard) { g.Gap = line.MaxGap + time.Microsecond },
		func(g *line.Guard) { g.Gap = 1500 * time.Nanosecond },
		func(g *line.Guard) { g.Gap = 0 },
		func(g *line.Guard) { g.Burst = 0 },
		func(g *line.Guard) { g.Burst = -1 },
		func(g *line.Guard) { g.Burst = line.MaxBurst + 1 },
		func(g *line.Guard) { g.RampDays = -1 },
		func(g *line.Guard) { g.RampDays = 0 },
		func(g *line.Guard) { g.RampDays = line.MaxRampDays + 1 },
		func(g *line.Guard) { g.RampStart = 0 },
		func(g *line.Guard) { g.RampStart = 101 },
		func(g *line.Guard) { g.FailoverShare = -1 },
		func(g *line.Guard) { g.FailoverShare = 101 },
	} {
		g := line.Careful()
		change(&g)
		require.ErrorIs(t, g.Validate(), line.ErrGuard, "%+v", g)
	}
}

// The allowances of the ramp of a guard, day by day.
func TestRampOfCareful(t *testing.T) {
	for limit, want := range map[int][]int{
		50: {10, 12, 15, 18, 21, 24, 27, 30, 32, 35, 38, 41, 44, 47, 50, 50},
		0:  {10, 12, 15, 18, 21, 24, 27, 30, 32, 35, 38, 41, 44, 47, 0, 0},
		1:  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
	} {
		for day, allowance := range want {
			require.Equal(t, allowance, line.Careful().Allowance(limit, day), "limit %d, day %d", limit, day)
		}
	}
}

// What a guard allows a line: the allowance is the formula, never above the
// limit, never below one, and grows with the days; the step makes the same
// number of openings fill a window for young lines and grown ones; and nothing
// is bounded by a rule that is off.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, limit := drawGuard(t), drawLimit(t)
		require.NoError(t, g.Validate())
		start := epoch.Add(time.Duration(rapid.Int64Range(0, 400*24*int64(time.Hour)).Draw(t, "start")))
		at := start.Add(time.Duration(rapid.Int64Range(-3600e9, 400*24*3600e9).Draw(t, "age")))
		b := g.Bounds(limit, start, at)

		whole := limit
		if whole == 0 {
			whole = line.Yardstick
		}
		day := int(max(at.Sub(start), 0) / (24 * time.Hour))
		require.Equal(t, day < g.RampDays, b.Young)
		if b.Young {
			require.Equal(t, day, b.Day)
			require.True(t, b.NextDay.After(at) && !g.Bounds(limit, start, b.NextDay.Add(-1)).NextDay.After(b.NextDay))
			require.Equal(t, day+1 < g.RampDays, g.Bounds(limit, start, b.NextDay).Young)
			percent := g.RampStart*g.RampDays + (100-g.RampStart)*day
			require.Equal(t, max(1, int(int64(whole)*int64(percent)/int64(100*g.RampDays))), b.Allowance)
			require.LessOrEqual(t, b.Allowance, whole)
			if next := g.Bounds(limit, start, b.NextDay).Allowance; next > 0 {
				require.GreaterOrEqual(t, next, b.Allowance)
			}
		} else {
			require.Equal(t, line.Bounds{Allowance: limit, Pace: b.Pace, Failovers: b.Failovers}, b)
		}

		allowance := b.Allowance
		if allowance == 0 {
			allowance = whole
		}
		require.Equal(t, (allowance*g.FailoverShare+99)/100, b.Failovers)
		require.Equal(t, g.FailoverShare == 0, b.Failovers == 0)
		require.Equal(t, g.Gap == 0, b.Pace.IsZero())
		if g.Gap > 0 {
			exact := new(big.Int).Mul(big.NewInt(g.Gap.Microseconds()), big.NewInt(int64(whole)))
			step := new(big.Int).Div(exact.Add(exact, big.NewInt(int64(allowance-1))), big.NewInt(int64(allowance)))
			require.Equal(t, step.Int64(), b.Pace.Step.Microseconds())
			require.Zero(t, b.Pace.Step%time.Microsecond)
			require.Equal(t, g.Burst, b.Pace.Burst)
		}
		grown := g.Bounds(limit, time.Time{}, at)
		require.Equal(t, line.Bounds{Allowance: limit, Pace: g.Pace(limit, limit), Failovers: g.Failovers(limit)}, grown)
		require.Equal(t, g.Gap, grown.Pace.Step)
	})
}

// In any time w a line opens at most burst + ⌊w/step⌋ chats, whatever the
// clocks of those say that open them; the paced time never runs backwards; and
// the slot is the first microsecond at which the line may open.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := line.Pace{
			Step:  time.Duration(rapid.Int64Range(1, 1e7).Draw(t, "step")) * time.Microsecond,
			Burst: rapid.IntRange(1, 5).Draw(t, "burst"),
		}
		var paced time.Time
		var opened []time.Time
		at := epoch
		for range rapid.IntRange(1, 40).Draw(t, "tries") {
			at = at.Add(time.Duration(rapid.Int64Range(-int64(p.Step), 2*int64(p.Step)).Draw(t, "later")))
			slot := p.Slot(paced)
			require.Equal(t, at.Truncate(time.Microsecond).Before(slot), p.Holds(paced, at))
			if !slot.IsZero() {
				require.False(t, p.Holds(paced, slot))
				require.True(t, p.Holds(paced, slot.Add(-1)))
			}
			if p.Holds(paced, at) {
				continue
			}
			next := p.After(paced, at)
			require.False(t, next.Before(paced.Add(p.Step)))
			paced, opened = next, append(opened, at.Truncate(time.Microsecond))
		}
		for _, from := range opened {
			for _, to := range opened {
				n := 0
				for _, at := range opened {
					if !at.Before(from) && !at.After(to) {
						n++
					}
				}
				if w := to.Sub(from); w >= 0 {
					require.LessOrEqual(t, n, p.Burst+int(w/p.Step))
				}
			}
		}
	})
	var none line.Pace
	require.False(t, none.Holds(epoch.Add(time.Hour), epoch))
	require.Equal(t, epoch, none.After(epoch, epoch.Add(time.Hour)))
	require.True(t, none.Slot(epoch).IsZero())
}
