package fleet

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// A watcher is told each line whose status, reputation or eligibility an answer
// of the source changes, and nothing else. It may ask for the lines itself.
func TestWatchersAreToldWhatChanged(t *testing.T) {
	base := line.Line{Number: handle("+14157770000"), Status: line.Active, Reputation: line.Healthy}
	other := line.Line{Number: handle("+14157770001")}
	change := func(by func(*line.Line)) []line.Line {
		l := base
		by(&l)
		return []line.Line{l, other}
	}
	for name, c := range map[string]struct {
		answer []line.Line
		told   bool
	}{
		"the same":       {change(func(*line.Line) {}), false},
		"a status":       {change(func(l *line.Line) { l.Status = line.Flagged }), true},
		"a reputation":   {change(func(l *line.Line) { l.Reputation = line.AtRisk }), true},
		"an eligibility": {change(func(l *line.Line) { l.Ineligible = true }), true},
		"a limit":        {change(func(l *line.Line) { l.Limits.NewChatsPerDay = 5 }), false},
		"a line more":    {append(change(func(*line.Line) {}), line.Line{Number: handle("+14157770002")}), false},
		"a line less":    {[]line.Line{other}, false},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			h := &hostTable{}
			f := over(t, h, Options{RefreshEvery: 1, Clock: func() time.Time { now = now.Add(time.Second); return now }})
			var told []string
			f.Watch(func(_ context.Context, tenant string, before, after line.Line) {
				_, err := numbers(f, tenant)
				require.NoError(t, err)
				told = append(told, fmt.Sprint(tenant, before, after))
			})
			h.say("acme", nil, base, other)
			for range 2 {
				_, err := numbers(f, "acme")
				require.NoError(t, err)
			}
			require.Empty(t, told, "the first answer is no news")
			h.say("acme", nil, c.answer...)
			for range 2 {
				_, err := numbers(f, "acme")
				require.NoError(t, err)
			}
			if !c.told {
				require.Empty(t, told)
				return
			}
			require.Equal(t, []string{fmt.Sprint("acme", base, c.answer[0])}, told)
		})
	}
}
