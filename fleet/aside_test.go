package fleet

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// What a source tells of one line.
const (
	absentRow = iota
	goodRow
	badRow   // with a status that there is not
	twiceRow // good, and good again in another way
	sameRow  // good, and the same again, as a join tells it
)

// A line that a source tells in a way that cannot be used harms only itself: it
// stays as it was last told for StaleAfter, then it is untold; all others are
// what the source says. A line without a number may be any that is missing. An
// answer of which nothing can be used changes nothing. What is wrong is told
// once.
func TestABadLineHarmsOnlyItself(t *testing.T) {
	const stale = 5 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			var all []recipients.Handle
			for i := range 4 {
				all = append(all, handle(fmt.Sprintf("+1415777000%d", i)))
			}
			h, told := &hostTable{}, 0
			f, err := New(Options{Source: h, RefreshEvery: 1, StaleAfter: stale, OnPollError: func(error) { told++ }, PollEvery: time.Second})
			require.NoError(t, err)
			good := map[recipients.Handle]time.Time{} // when it was last told well, of those that were not left out since
			suspect := false                          // a line of the last answer that counted has no number
			bad := map[recipients.Handle]bool{}       // of that answer
			mine := map[recipients.Handle]bool{}      // it belongs to the tenant
			var answered time.Time
			for range rapid.IntRange(1, 12).Draw(t, "answers") {
				time.Sleep(time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * time.Millisecond)
				now := time.Now()
				var rows []line.Line
				kinds := map[recipients.Handle]int{}
				usable, wrong := 0, 0
				for _, n := range all {
					kinds[n] = rapid.IntRange(absentRow, sameRow).Draw(t, n.String())
					switch kinds[n] {
					case goodRow:
						usable++
						rows = append(rows, line.Line{Number: n})
					case sameRow:
						usable++
						again := line.Line{Number: n, Status: line.Active, Reputation: line.Healthy, NewChats: 3} // as it is without these
						rows = append(rows, line.Line{Number: n}, again, line.Line{Number: n})
						kinds[n] = goodRow
					case badRow:
						wrong++
						rows = append(rows, line.Line{Number: n, Status: 77})
					case twiceRow:
						wrong++
						rows = append(rows, line.Line{Number: n}, line.Line{Number: n, Limits: line.Limits{NewChatsPerDay: 5}})
					}
				}
				nameless := rapid.IntRange(0, 3).Draw(t, "nameless") == 0
				if nameless {
					wrong++
					rows = append(rows, line.Line{Status: line.Active})
				}
				h.say("acme", nil, rows...)
				before := told
				view, err := f.View(t.Context(), "acme", now)
				if usable > 0 || wrong == 0 { // it counts
					answered, suspect, bad = now, nameless, map[recipients.Handle]bool{}
					for _, n := range all {
						mine[n] = kinds[n] != absentRow || nameless && mine[n]
						switch kind := kinds[n]; {
						case kind == goodRow:
							good[n] = now
						case kind != absentRow:
							bad[n] = true
						case !nameless:
							delete(good, n)
						default:
							bad[n] = true
						}
						if at, was := good[n]; was && bad[n] && now.Sub(at) > stale {
							good[n] = time.Time{} // as if it had never been told
						}
					}
				}
				require.LessOrEqual(t, told-before, 1)
				for _, n := range all {
					_, owned := f.Owner(n)
					require.Equal(t, mine[n], owned, n)
				}
				if now.Sub(answered) > stale {
					require.ErrorIs(t, err, ErrStale)
					continue
				}
				require.NoError(t, err)
				for _, n := range all {
					at, was := good[n]
					there := was && !at.IsZero()
					require.Equal(t, there, view.Find(n).IsValid(), "%s at %v", n, now)
					require.Equal(t, !there && (bad[n] || suspect), view.Untold(n), "%s at %v", n, now)
				}
				require.False(t, view.Untold(handle("+14157770009")) != suspect)
				require.Equal(t, len(bad) > 0 || suspect, view.HasUntold())
				again, asked := told, h.times()
				time.Sleep(time.Nanosecond) // so that the source is asked again
				_, err = f.View(t.Context(), "acme", time.Now())
				if now.Sub(answered) == stale {
					require.ErrorIs(t, err, ErrStale)
				} else {
					require.NoError(t, err)
				}
				require.Equal(t, asked+1, h.times())
				if usable > 0 {
					require.Equal(t, again, told, "it is told once")
				}
			}
		})
	})
}

// What is learned of a line while it is set aside holds once it is mended: the
// number stays its tenant's.
func TestALineThatIsSetAsideIsStillLearnedOf(t *testing.T) {
	h := &hostTable{}
	one, two := handle("+14157770000"), handle("+14157770001")
	now := time.Now()
	var told []error
	f := over(t, h, Options{RefreshEvery: 1, Clock: func() time.Time { now = now.Add(time.Microsecond); return now }, OnPollError: func(err error) { told = append(told, err) }})
	h.say("acme", nil, line.Line{Number: one}, line.Line{Number: two, Status: 77})
	got, err := numbers(f, "acme")
	require.NoError(t, err)
	require.Equal(t, []recipients.Handle{one}, got, "it was never told well")
	require.Len(t, told, 1)
	require.ErrorIs(t, told[0], line.ErrLine)
	require.ErrorContains(t, told[0], "lines[1]")
	require.False(t, errors.Is(told[0], ErrStale))

	applied, err := f.ReportLine(t.Context(), Event{Type: StatusUpdated, Tenant: "acme", Number: two, Status: line.Flagged, ChangedAt: now})
	require.NoError(t, err)
	require.True(t, applied)
	h.say("acme", nil, line.Line{Number: one}, line.Line{Number: two})
	got, err = numbers(f, "acme")
	require.NoError(t, err)
	require.Equal(t, []recipients.Handle{one, two}, got)
	view, err := f.View(t.Context(), "acme", now)
	require.NoError(t, err)
	require.False(t, view.Find(two).CanContinue(), "the event was kept")
	require.False(t, view.HasUntold())

	three := handle("+14157770002")
	h.say("acme", nil, line.Line{Number: one}, line.Line{Number: two, Status: 77}, line.Line{Err: errTable})
	_, err = numbers(f, "acme")
	require.NoError(t, err)
	_, applied, err = f.FlagLine("acme", three, now)
	require.NoError(t, err, "a row without a number may be about it")
	require.True(t, applied)
	_, _, err = f.FlagLine("globex", three, now)
	require.ErrorIs(t, err, ErrUnknownNumber)
	h.say("acme", nil, line.Line{Number: one}, line.Line{Number: three})
	view, err = f.View(t.Context(), "acme", now)
	require.NoError(t, err)
	require.True(t, view.Find(three).IsValid() && !view.Find(three).CanContinue())
	h.say("acme", nil, line.Line{Number: one})
	_, err = numbers(f, "acme")
	require.NoError(t, err)
	_, owned := f.Owner(two)
	require.False(t, owned, "what is left out is nobody's")
}

// Two rows of one number say the same exactly where no field differs that a
// fleet takes from a line: then they are one line. Where one differs, the
// number is set aside, and what is told names both rows.
func TestEqualRowsAreOneLine(t *testing.T) {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	n := handle("+14157770000")
	for name, c := range map[string]struct {
		change func(*line.Line)
		same   bool
	}{
		"nothing":          {func(*line.Line) {}, true},
		"its zeros spelt":  {func(l *line.Line) { l.Status, l.Reputation = line.Active, line.Healthy }, true},
		"new chats":        {func(l *line.Line) { l.NewChats = 3 }, true},
		"failovers":        {func(l *line.Line) { l.Failovers = 3 }, true},
		"pace":             {func(l *line.Line) { l.PacedAt = at }, true},
		"full":             {func(l *line.Line) { l.NewChatsFullUntil = at }, true},
		"full of messages": {func(l *line.Line) { l.MessagesFullUntil = at }, true},
		"full of failover": {func(l *line.Line) { l.FailoversFullUntil = at }, true},
		"allowance":        {func(l *line.Line) { l.Allowance = 7 }, true},
		"a zone":           {func(l *line.Line) { l.ChangedAt = l.ChangedAt.In(time.FixedZone("x", 3600)) }, true},
		"another guard":    {func(l *line.Line) { l.Guard = new(*l.Guard) }, true},
		"id":               {func(l *line.Line) { l.ID = "b" }, false},
		"forwarding":       {func(l *line.Line) { l.Forwarding = "+14157770009" }, false},
		"status":           {func(l *line.Line) { l.Status = line.Flagged }, false},
		"reputation":       {func(l *line.Line) { l.Reputation = line.Critical }, false},
		"ineligible":       {func(l *line.Line) { l.Ineligible = true }, false},
		"services":         {func(l *line.Line) { l.Services = line.Services(message.SMS) }, false},
		"limit":            {func(l *line.Line) { l.Limits.NewChatsPerDay = 5 }, false},
		"no guard":         {func(l *line.Line) { l.Guard = nil }, false},
		"a zero guard":     {func(l *line.Line) { l.Guard = &line.Guard{} }, false},
		"label":            {func(l *line.Line) { l.Label = "spring" }, false},
		"change":           {func(l *line.Line) { l.ChangedAt = at.Add(time.Second) }, false},
		"start":            {func(l *line.Line) { l.StartedAt = at }, false},
		"recovery":         {func(l *line.Line) { l.RecoveredAt = at }, false},
		"one cannot be it": {func(l *line.Line) { l.Status = 77 }, false},
		"one is not read":  {func(l *line.Line) { l.Err = errTable }, false},
	} {
		t.Run(name, func(t *testing.T) {
			one := line.Line{Number: n, ID: "a", ChangedAt: at, Guard: new(line.Careful())}
			again, other := one, line.Line{Number: handle("+14157770001")}
			c.change(&again)
			for i, rows := range [][]line.Line{{other, one, again}, {other, again, one}} {
				set, err := New(Options{})
				require.NoError(t, err)
				err = set.SetLines("acme", rows)
				require.Equal(t, c.same, err == nil, "%v", err)

				h := &hostTable{}
				var told []error
				f := over(t, h, Options{OnPollError: func(err error) { told = append(told, err) }})
				h.say("acme", nil, rows...)
				got, err := numbers(f, "acme")
				require.NoError(t, err)
				if c.same {
					require.Equal(t, []recipients.Handle{n, other.Number}, got)
					require.Empty(t, told)
					continue
				}
				require.Equal(t, []recipients.Handle{other.Number}, got)
				require.Len(t, told, 1)
				require.ErrorContains(t, told[0], n.String(), "order %d", i)
				if errors.Is(told[0], ErrTaken) {
					require.ErrorContains(t, told[0], "lines[1]")
					require.ErrorContains(t, told[0], "lines[2]")
				}
			}
		})
	}
}
