package fleet

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A fleet whose clock was ahead, and was set right, knows from its next poll on
// what one knows whose clock was always right: of use, limits, paces, shares
// and ramps.
func TestAClockThatWasSetRight(t *testing.T) {
	numbers := []recipients.Handle{handle("+14157770000"), handle("+14157770001"), handle("+14157770002")}
	rapid.Check(t, func(rt *rapid.T) {
		hours := func(least, most int, what string) time.Duration {
			return time.Duration(rapid.IntRange(least, most).Draw(rt, what)) * time.Hour
		}
		ahead := rapid.SampledFrom([]time.Duration{6 * time.Minute, 26 * time.Hour, 8 * 24 * time.Hour, 366 * 24 * time.Hour}).Draw(rt, "ahead")
		guard := line.Guard{Gap: time.Hour, Burst: 1, FailoverShare: 40, RampDays: rapid.SampledFrom([]int{0, 5}).Draw(rt, "ramp")}
		if guard.RampDays > 0 {
			guard.RampStart = 10
		}
		var lines []line.Line
		for _, n := range numbers {
			l := line.Line{Number: n, StartedAt: epoch.Add(-hours(0, 200, "age"))}
			l.Limits.NewChatsPerDay = rapid.IntRange(0, 20).Draw(rt, "new chats a day")
			l.Limits.MessagesPerDay = rapid.IntRange(0, 5).Draw(rt, "messages a day")
			lines = append(lines, l)
		}
		chats := newMemorySource()
		used := func() {
			for range rapid.IntRange(0, 8).Draw(rt, "uses") {
				hour := line.HourOf(epoch.Add(-hours(0, 30, "ago")))
				failover, at := rapid.Bool().Draw(rt, "failover"), epoch.Add(-hours(0, 2, "paced"))
				chats.use("acme", rapid.SampledFrom(numbers).Draw(rt, "line"), func(u *line.Use) {
					u.AddNewChat(hour)
					u.AddMessages(hour, 1)
					if failover {
						u.AddFailover(hour)
					}
					if at.After(u.PacedAt) {
						u.PacedAt = at
					}
				})
			}
		}
		now := epoch.Add(ahead)
		clock := func() time.Time { return now }
		wrong := newFleet(t, Options{Clock: clock, Guard: guard}, lines...)
		shows := func(f *Fleet) []line.Line {
			require.NoError(rt, f.Sync(context.Background(), chats))
			v, err := f.View(context.Background(), "acme", epoch)
			require.NoError(rt, err)
			require.Equal(rt, epoch, v.At())
			return slices.Collect(v.All())
		}
		used()
		require.NoError(rt, wrong.Sync(context.Background(), chats))
		_, err := wrong.View(context.Background(), "acme", now)
		require.NoError(rt, err)
		used()
		if rapid.Bool().Draw(rt, "a poll by the wrong clock") {
			require.NoError(rt, wrong.Sync(context.Background(), chats))
		}
		now = epoch
		right := newFleet(t, Options{Clock: clock, Guard: guard}, lines...)
		require.Equal(rt, shows(right), shows(wrong))
	})
}
