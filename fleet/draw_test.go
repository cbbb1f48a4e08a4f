package fleet

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// This file draws worlds for the laws: few enough numbers that they meet.

var epoch = time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)

func handle(s string) recipients.Handle {
	h, err := recipients.Options{Strength: recipients.Syntax}.Parse(s)
	if err != nil {
		panic(err)
	}
	return h
}

var prefixes = []string{
	"+1415555010", "+1628555010", "+1213555010", "+1212555010", "+1917555010", "+1716555010", // two places in each of two states
	"+1416555010", "+1367555010", "+1354555010", "+1204555010", "+1876555010", "+1800555010", "+1999555010", // Canada, Jamaica, and codes of no place
	"+44207183010", "+44153483010", "+4930555010", "+7495555010", "+7701555010", "+3522745010", "+88310012340",
}

// drawNumber draws one of some 180 numbers in a few countries, states and
// places.
func drawNumber(t *rapid.T) recipients.Handle {
	return handle(rapid.SampledFrom(prefixes).Draw(t, "prefix") + string(rune('0'+rapid.IntRange(0, 9).Draw(t, "digit"))))
}

func drawSet(t *rapid.T) recipients.Set {
	n := rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3, 5, 31}).Draw(t, "people")
	if n == 0 {
		return recipients.Set{}
	}
	var people []recipients.Handle
	for range n {
		if rapid.IntRange(0, 9).Draw(t, "email") == 0 {
			people = append(people, recipients.MustParse(string(rune('a'+rapid.IntRange(0, 25).Draw(t, "who")))+"@example.com"))
		} else {
			people = append(people, drawNumber(t))
		}
	}
	set, err := recipients.NewSet(people...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func drawQuery(t *rapid.T) Query {
	q := Query{
		Recipients: drawSet(t),
		Service:    message.Service(rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, "service")),
		Label:      rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "label"),
		Failover:   rapid.Bool().Draw(t, "failover"),
		DeferUntil: drawUntil(t, "defer until"),
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 5, 40}).Draw(t, "excluded") {
		q.Excluded = append(q.Excluded, drawNumber(t))
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 3, 40}).Draw(t, "known") {
		q.Known = append(q.Known, Known{drawNumber(t), rapid.IntRange(-1, 40).Draw(t, "strangers")})
	}
	if rapid.IntRange(0, 3).Draw(t, "only") == 0 {
		q.Only = drawNumber(t)
	}
	return q
}

// drawGuard draws a guard, mostly none.
func drawGuard(t *rapid.T) line.Guard {
	var g line.Guard
	if rapid.Bool().Draw(t, "no guard") {
		return g
	}
	if rapid.Bool().Draw(t, "paced") {
		g.Gap, g.Burst = time.Duration(rapid.IntRange(1, 60).Draw(t, "gap"))*time.Minute, rapid.IntRange(1, 3).Draw(t, "burst")
	}
	if rapid.Bool().Draw(t, "ramped") {
		g.RampDays, g.RampStart = rapid.IntRange(1, 20).Draw(t, "days"), rapid.IntRange(1, 100).Draw(t, "start")
	}
	g.FailoverShare = rapid.SampledFrom([]int{0, 1, 20, 100}).Draw(t, "share")
	return g
}

// drawLine draws a line as a host may give it, at a moment near epoch.
func drawLine(t *rapid.T) line.Line {
	l := line.Line{
		Number:     drawNumber(t),
		ID:         rapid.SampledFrom([]string{"", "x"}).Draw(t, "id"),
		Status:     line.Status(rapid.SampledFrom([]int{0, 1, 1, 1, 2}).Draw(t, "status")),
		Reputation: line.Reputation(rapid.SampledFrom([]int{0, 1, 1, 2, 3}).Draw(t, "reputation")),
		Ineligible: rapid.IntRange(0, 9).Draw(t, "ineligible") == 0,
		Services:   line.ServiceSet(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4, 5, 6}).Draw(t, "services")),
		Limits: line.Limits{
			NewChatsPerDay: rapid.SampledFrom([]int{0, 0, 1, 5, 10, 50, 1000}).Draw(t, "new chats a day"),
			MessagesPerDay: rapid.SampledFrom([]int{0, 7000}).Draw(t, "messages a day"),
		},
		Label:    rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "line label"),
		NewChats: rapid.SampledFrom([]int{0, 0, 0, 1, 2, 4, 9, 49, 200}).Draw(t, "new chats"),
	}
	l.NewChatsFullUntil = drawUntil(t, "new chats full until")
	l.MessagesFullUntil = drawUntil(t, "messages full until")
	l.FailoversFullUntil = drawUntil(t, "failovers full until")
	l.Failovers = rapid.SampledFrom([]int{0, l.NewChats / 4, l.NewChats}).Draw(t, "failovers")
	l.PacedAt = drawUntil(t, "paced at")
	l.RecoveredAt = drawUntil(t, "recovered at")
	if days := rapid.SampledFrom([]int{0, 0, 1, 3, 10, 30}).Draw(t, "days"); days > 0 {
		l.StartedAt = epoch.Add(-time.Duration(days) * 24 * time.Hour)
	}
	if rapid.IntRange(0, 4).Draw(t, "own guard") == 0 {
		own := drawGuard(t)
		l.Guard = &own
	}
	return l
}

func drawUntil(t *rapid.T, name string) time.Time {
	h := rapid.SampledFrom([]int{0, 0, 0, 0, 0, -1, 1, 2, 9}).Draw(t, name)
	if h == 0 {
		return time.Time{}
	}
	return epoch.Add(time.Duration(h) * time.Hour)
}

// drawPolicy draws a policy with criteria dropped, added and in any order.
func drawPolicy(t *rapid.T) Policy {
	p := Policy{AllowCritical: rapid.Bool().Draw(t, "allow critical")}
	if rapid.Bool().Draw(t, "default order") {
		return p
	}
	for _, c := range rapid.Permutation([]Criterion{ByCountry(), ByProvince(), ByArea(), ByLabel()}).Draw(t, "matches")[:rapid.SampledFrom([]int{0, 0, 1, 2, 4}).Draw(t, "required")] {
		p.Require = append(p.Require, Requirement{c, message.Service(rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "required for"))})
	}
	if rapid.Bool().Draw(t, "default criteria") {
		return p
	}
	all := append(DefaultCriteria(), ByLabel(),
		ByProperty("last digit", func(l line.Line) int { return int(l.Number.Digits()%4) - 2 }),
		ByProperty("pressure", func(l line.Line) int { return (int(l.Number.Digits()%3)-1)*100_000 - l.NewChats }),
		// These labels differ only if the names of lists do not.
		ByMatch("collision", func(l line.Line) Label { return Label(l.Number.Digits()%3)<<60 + 1 },
			func(q Query) Label { return Label(q.Recipients.Len()%4)<<60 + 1 }),
	)
	if rapid.Bool().Draw(t, "known lines") { // in the place of an own property
		i := slices.IndexFunc(all, func(c Criterion) bool { return c.name == "pressure" })
		all[i] = ByKnown()
	}
	p.Criteria = rapid.Permutation(all).Draw(t, "criteria")[:rapid.IntRange(0, len(all)).Draw(t, "how many")]
	return p
}

// byHand is a view of lines that can be used.
func byHand(t require.TestingT, lines []line.Line, o ViewOptions) View {
	v, err := NewView(lines, o)
	require.NoError(t, err)
	return v
}

// A number that is given twice is an error, not a choice.
func TestNumberGivenTwice(t *testing.T) {
	a, b := line.Line{Number: handle("+14155550100")}, line.Line{Number: handle("+14155550101")}
	_, err := NewView([]line.Line{a, b, a}, ViewOptions{})
	require.ErrorIs(t, err, ErrTaken)
}
