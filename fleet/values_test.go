package fleet

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

func TestLinesAreChecked(t *testing.T) {
	good := line.Line{Number: handle("+14155550100")}
	require.NoError(t, good.Validate())
	require.True(t, good.CanContinue())
	most := line.Line{Number: good.Number, Limits: line.Limits{NewChatsPerDay: 1_000_000_000, MessagesPerDay: 1_000_000_000}, NewChats: 1_000_000_000}
	require.NoError(t, most.Validate(), "the ends of a range are in it")
	for name, spoil := range map[string]func(*line.Line){
		"no number":    func(l *line.Line) { l.Number = recipients.Handle{} },
		"an email":     func(l *line.Line) { l.Number = recipients.MustParse("a@example.com") },
		"a status":     func(l *line.Line) { l.Status = 3 },
		"a reputation": func(l *line.Line) { l.Reputation = 4 },
		"services":     func(l *line.Line) { l.Services = 7 },
		"no service":   func(l *line.Line) { l.Services = line.Services() },
		"a limit":      func(l *line.Line) { l.Limits.NewChatsPerDay = -1 },
		"messages":     func(l *line.Line) { l.Limits.MessagesPerDay = 1_000_000_001 },
		"use":          func(l *line.Line) { l.NewChats = -1 },
	} {
		bad := good
		spoil(&bad)
		require.ErrorIs(t, bad.Validate(), line.ErrLine, name)
		_, err := NewView([]line.Line{good, bad}, ViewOptions{})
		require.ErrorIs(t, err, line.ErrLine, name)
		f, err := New(Options{})
		require.NoError(t, err)
		require.ErrorIs(t, f.SetLines("acme", []line.Line{good, bad}), line.ErrLine, name)
		require.ErrorIs(t, f.PutLine("acme", bad), line.ErrLine, name)
		_, err = f.View(context.Background(), "acme", epoch)
		require.ErrorIs(t, err, ErrUnknownTenant, "nothing was changed")
	}
}

func TestPoliciesAreChecked(t *testing.T) {
	none := func(line.Line) Label { return 0 }
	own := func(name string) Criterion { return ByProperty(name, func(line.Line) int { return 0 }) }
	match := func(name string) Criterion { return ByMatch(name, none, func(Query) Label { return 0 }) }
	for name, criteria := range map[string][]Criterion{
		"a zero criterion": {{}},
		"no name":          {own("")},
		"a name twice":     {ByUse(), ByArea(), ByUse()},
		"no property":      {ByProperty("x", nil)},
		"half a match":     {ByMatch("x", none, nil)},
		"three properties": {own("a"), own("b"), own("c")},
		"three matches":    {match("a"), ByLabel(), match("c")},
		"too much by far":  {ByKnown(), own("a"), own("b")},
		"known twice":      {ByKnown(), ByKnown()},
	} {
		p := Policy{Criteria: criteria}
		require.ErrorIs(t, p.Validate(), ErrPolicy, name)
		_, err := New(Options{Policy: p})
		require.ErrorIs(t, err, ErrPolicy, name)
		_, err = NewView(nil, ViewOptions{Policy: p})
		require.ErrorIs(t, err, ErrPolicy, name)
	}
	required := func(c Criterion, s message.Service) Requirement { return Requirement{c, s} }
	for name, p := range map[string]Policy{
		"nothing":            {Require: []Requirement{{}}},
		"a property":         {Require: []Requirement{{Match: ByUse()}}},
		"a match of its own": {Require: []Requirement{{Match: match("x")}}},
		"no service":         {Require: []Requirement{required(ByCountry(), 9)}},
		"twice":              {Require: []Requirement{required(ByCountry(), message.SMS), required(ByCountry(), message.SMS)}},
		"for all already":    {Require: []Requirement{required(ByCountry(), 0), required(ByCountry(), message.SMS)}},
		"and then for all":   {Require: []Requirement{required(ByCountry(), message.SMS), required(ByCountry(), 0)}},
		"a match too many":   {Criteria: []Criterion{match("x"), match("label")}, Require: []Requirement{{Match: ByLabel()}}},
	} {
		require.ErrorIs(t, p.Validate(), ErrPolicy, name)
	}
	require.NoError(t, Policy{Criteria: []Criterion{match("country"), match("label")}, Require: []Requirement{
		required(ByCountry(), message.SMS), required(ByCountry(), message.RCS), required(ByArea(), 0), required(ByProvince(), 0)}}.Validate())
	require.NoError(t, Policy{Criteria: append(DefaultCriteria(), ByLabel(), match("x")), Require: []Requirement{{Match: ByLabel()}}}.Validate())
	full := append(DefaultCriteria(), own("a"), own("b"), match("c"), ByLabel())
	require.NoError(t, Policy{Criteria: full}.Validate())
	v := byHand(t, nil, ViewOptions{Policy: Policy{Criteria: full}})
	require.Equal(t, []string{"reputation", "country", "use", "area", "province", "fewest", "a", "b", "c", "label"}, slices.Collect(v.Criteria()))
	for _, c := range full {
		require.Equal(t, slices.Contains([]string{"country", "area", "province", "c", "label"}, c.Name()), c.IsMatch(), c.Name())
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]Options{
		"a slow poll":     {PollEvery: time.Second + 1},
		"a negative poll": {PollEvery: -1},
		"stale too soon":  {StaleAfter: time.Millisecond},
		"just too soon":   {PollEvery: time.Second, StaleAfter: time.Second - 1},
		"a negative hold": {HoldFor: -1},
	} {
		_, err := New(o)
		require.ErrorIs(t, err, ErrOptions, name)
	}
}

// The ends of a range are in it.
func TestOptionsReachTheirEnds(t *testing.T) {
	for name, o := range map[string]Options{
		"the slowest poll":        {PollEvery: time.Second},
		"stale after one poll":    {PollEvery: time.Second, StaleAfter: time.Second},
		"the shortest of all":     {PollEvery: 1, StaleAfter: 1, HoldFor: 1},
		"nothing but the default": {},
		"stale after one answer":  {Source: oneLine{}, RefreshEvery: 5 * time.Second, StaleAfter: 5 * time.Second},
		"acts within one poll":    {PollEvery: time.Second, ActWithin: time.Second},
	} {
		_, err := New(o)
		require.NoError(t, err, name)
	}
}

func TestLabelsOfTexts(t *testing.T) {
	require.Equal(t, Label(0), LabelOf(""))
	require.Equal(t, Label(0xaf63dc4c8601ec8c), LabelOf("a"), "FNV-1a, as published")
	require.Equal(t, Label(0x85944171f73967e8), LabelOf("foobar"), "FNV-1a, as published")
}

// The zero view is a tenant without lines.
func TestZeroView(t *testing.T) {
	var v View
	_, there := v.Line(handle("+14155550100"))
	_, best := v.Best(toOne(1))
	require.False(t, there || best)
	require.Zero(t, v.Len())
	require.Zero(t, v.At())
	require.Zero(t, v.PassedOver(toOne(1)))
	require.False(t, v.PrefersKnown() || v.HasUntold() || v.Untold(handle("+14155550100")))
	require.Empty(t, slices.Collect(v.All()))
	require.Empty(t, slices.Collect(v.Criteria()))
}

// A pick allocates nothing, in whichever form the view holds its lines and
// whatever is asked.
func TestPicksDoNotAllocate(t *testing.T) {
	for _, n := range []int{10, 1000} {
		for _, s := range []situation{{}, {people: 31}, {excluded: 50}, {service: message.RCS}} {
			s.lines = n
			lines, queries := s.world()
			policy := Policy{Criteria: append(DefaultCriteria(), ByLabel(), ByKnown())}
			var known []Known
			for i := range 5 {
				known = append(known, Known{lines[i].Number, i})
			}
			slices.SortFunc(known, func(a, b Known) int { return a.Line.Compare(b.Line) })
			f := newFleet(t, Options{Policy: policy}, lines...)
			indexed, err := f.View(context.Background(), "acme", epoch)
			require.NoError(t, err)
			for _, v := range []View{indexed, byHand(t, lines, ViewOptions{Policy: policy})} {
				i := 0
				require.Zero(t, testing.AllocsPerRun(100, func() {
					q := queries[i%len(queries)]
					q.Label, q.Known = "brand", known
					sinkPick, _ = v.Best(q)
					i++
				}))
			}
			tenant := string([]byte("acme"))
			require.Zero(t, testing.AllocsPerRun(100, func() {
				_, _ = f.View(context.Background(), tenant, epoch)
			}), "a view of unchanged lines")
		}
	}
}

// TestUseIsALog proves the buckets of use against a plain log of what happened.
func TestUseIsALog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var u line.Use
		var chats, messages []int64 // the hours they were counted in
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			hour := line.HourOf(epoch) + rapid.Int64Range(-60, 60).Draw(t, "hour")
			if rapid.Bool().Draw(t, "chat") {
				u.AddNewChat(hour)
				chats = append(chats, max(hour, slices.Max(append(chats, hour))))
			} else {
				n := rapid.IntRange(0, 3).Draw(t, "messages")
				u.AddMessages(hour, n)
				counted := max(hour, u.MessagesHour)
				for range n {
					messages = append(messages, counted)
				}
			}
		}
		for range 5 {
			hour := line.HourOf(epoch) + rapid.Int64Range(-90, 90).Draw(t, "at")
			limit := rapid.IntRange(0, 10).Draw(t, "limit")
			now := max(hour, u.Hour) // the hour of a line does not run backwards
			require.Equal(t, since(chats, now-24), u.Window(hour))
			require.Equal(t, limit > 0 && since(chats, now-24) >= limit, u.Full(hour, limit))
			require.Equal(t, firstBelow(chats, now, limit), line.HourOf(u.NextFree(hour, limit)))
			now = max(hour, u.MessagesHour)
			if until := u.MessagesFullUntil(hour, limit); limit > 0 && since(messages, now-24) >= limit {
				require.Equal(t, firstBelow(messages, now, limit), line.HourOf(until))
			} else {
				require.Zero(t, until)
			}
		}
	})
}

func since(log []int64, hour int64) (n int) {
	for _, h := range log {
		if h >= hour {
			n++
		}
	}
	return n
}

func firstBelow(log []int64, hour int64, limit int) int64 {
	for limit > 0 && since(log, hour-24) >= limit {
		hour++
	}
	return hour
}

func TestHourOf(t *testing.T) {
	require.Equal(t, int64(0), line.HourOf(time.Unix(0, 0)))
	require.Equal(t, int64(-1), line.HourOf(time.Unix(-1, 0)))
	require.Equal(t, int64(-1), line.HourOf(time.Unix(-3600, 0)))
	require.Equal(t, int64(-2), line.HourOf(time.Unix(-3601, 0)))
	require.Equal(t, int64(0), line.HourOf(time.Unix(3599, 999_999_999)))
	require.Equal(t, int64(1), line.HourOf(time.Unix(3600, 0)))
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-1e9, 5e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		require.Equal(t, line.HourOf(at), hourOf(nanos(at)))
		require.True(t, at.Equal(instant(nanos(at))) || at.UnixNano() == 0)
	})
}

// Times beyond what eight bytes hold stay in order: they are the first and the
// last of all.
func TestTimesStayInOrder(t *testing.T) {
	year := func(n int) time.Time { return time.Date(n, 6, 1, 0, 0, 0, 0, time.UTC) }
	for n := 1000; n < 3000; n++ {
		require.LessOrEqual(t, nanos(year(n)), nanos(year(n+1)), n)
	}
	for n := 1700; n < 2260; n++ {
		require.Less(t, nanos(year(n)), nanos(year(n+1)), n)
	}
	first, last := time.Date(1679, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{first, last.Add(-1)} {
		require.Equal(t, at, instant(nanos(at)))
	}
	require.Equal(t, int64(math.MinInt64), nanos(first.Add(-time.Second)))
	require.Equal(t, int64(math.MaxInt64), nanos(last))
}

// Owners know their lines, and only while they have them.
func TestOwner(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(2, 0)...)
	number := equalLines(2, 0)[1].Number
	tenant, ok := f.Owner(number)
	require.Equal(t, "acme", tenant)
	require.True(t, ok)
	require.ErrorIs(t, f.PutLine("zenith", line.Line{Number: number}), ErrTaken)
	require.ErrorIs(t, f.PutLine("", line.Line{Number: number}), ErrUnknownTenant)
	differs := equalLines(1, 0)
	differs[0].Label = "spring"
	require.ErrorIs(t, f.SetLines("acme", append(equalLines(1, 0), differs...)), ErrTaken)
	require.NoError(t, f.SetLines("acme", equalLines(1, 0)))
	_, ok = f.Owner(number)
	require.False(t, ok)
	require.NoError(t, f.PutLine("zenith", line.Line{Number: number}))
}
