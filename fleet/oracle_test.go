package fleet

import (
	"cmp"
	"slices"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// This file picks from lines the slow way, written from docs/rules.md §10 and
// §11 and from nothing else in this package but its exported types.

// verdict says under which count of §11 a line falls; "" means eligible.
func verdict(l line.Line, p Policy, g line.Guard, at judged, q Query) string {
	b := plainBounds(l, g, at(l))
	switch {
	case l.Status == line.Flagged:
		return "flagged"
	case l.Ineligible:
		return "ineligible"
	case l.Reputation == line.Critical && !p.AllowCritical:
		return "critical"
	case b.Allowance > 0 && l.NewChats >= b.Allowance, l.NewChatsFullUntil.After(at(l)):
		return "new-chat limit"
	case b.Pace.Holds(l.PacedAt, at(l)):
		return "pace"
	case l.MessagesFullUntil.After(at(l)):
		return "message limit"
	case q.Failover && (b.Failovers > 0 && l.Failovers >= b.Failovers || l.FailoversFullUntil.After(at(l))):
		return "failover share"
	case q.Service != 0 && l.Services != 0 && !slices.Contains(l.Services.List(), q.Service):
		return "wrong service"
	}
	for _, name := range []string{"country", "province", "area", "label"} {
		for _, r := range p.Require {
			applies := r.Match.Name() == name && (r.Service == 0 || r.Service == q.Service)
			if applies && plainValue(r.Match, l, q) != 0 {
				return "other " + name
			}
		}
	}
	switch {
	case slices.Contains(q.Excluded, l.Number):
		return "excluded"
	case slices.Contains(members(q.Recipients), l.Number):
		return "recipient"
	}
	return ""
}

// judged is when each line was judged.
type judged func(line.Line) time.Time

func allAt(at time.Time) judged { return func(line.Line) time.Time { return at } }

// plainBounds is what the guard makes of a line.
func plainBounds(l line.Line, g line.Guard, at time.Time) line.Bounds {
	if l.Guard != nil {
		g = *l.Guard
	}
	start := l.StartedAt
	if l.RecoveredAt.After(start) {
		start = l.RecoveredAt
	}
	return g.Bounds(l.Limits.NewChatsPerDay, start, at)
}

func members(s recipients.Set) []recipients.Handle {
	var list []recipients.Handle
	for _, h := range s.All() {
		list = append(list, h)
	}
	return list
}

// mode returns the number most often seen, the lowest of several, 0 of none.
func mode(numbers []int) int {
	seen := map[int]int{}
	for _, n := range numbers {
		if n != 0 {
			seen[n]++
		}
	}
	best := 0
	for n, times := range seen {
		if best == 0 || times > seen[best] || times == seen[best] && n < best {
			best = n
		}
	}
	return best
}

// plainValue is the value of one criterion; own criteria are asked themselves.
func plainValue(c Criterion, l line.Line, q Query) int {
	differs := func(line, query int) int {
		if query == 0 || line == query {
			return 0
		}
		return 1
	}
	const unknown = -1 // asked for, and no line has it
	country, province, area := 0, 0, 0
	var countries, provinces, areas []int
	for _, h := range members(q.Recipients) {
		countries = append(countries, int(h.Country()))
		if h.IsPhone() {
			country = unknown
		}
	}
	if most := mode(countries); most != 0 {
		country = most
	}
	for _, h := range members(q.Recipients) {
		if country > 0 && int(h.Country()) == country && h.AreaCode() != 0 {
			provinces, areas = append(provinces, int(h.Province())), append(areas, int(h.Place()))
			province, area = unknown, unknown
		}
	}
	if most := mode(provinces); most != 0 {
		province = most
	}
	if most := mode(areas); most != 0 {
		area = most
	}
	abroad := func(asked int) int { // places of two countries are not equal
		if asked != 0 && int(l.Number.Country()) != country {
			return 1
		}
		return 0
	}
	switch c.Name() {
	case "reputation":
		return map[line.Reputation]int{0: 0, line.Healthy: 0, line.AtRisk: 1, line.Critical: 2}[l.Reputation]
	case "country":
		return differs(int(l.Number.Country()), country)
	case "use":
		if l.Allowance == 0 {
			return l.NewChats * 10 / 50
		}
		return l.NewChats * 10 / l.Allowance
	case "area":
		return max(differs(int(l.Number.Place()), area), abroad(area))
	case "province":
		return max(differs(int(l.Number.Province()), province), abroad(province))
	case "fewest":
		return l.NewChats
	case "known":
		strangers := q.Recipients.Len()
		for _, k := range q.Known {
			if k.Line == l.Number {
				strangers = min(strangers, max(k.Strangers, 0))
			}
		}
		return strangers
	}
	if c.property != nil {
		return min(max(c.property(l), MinProperty), MaxProperty)
	}
	if want := c.query(q); want != 0 && c.line(l) != want {
		return 1
	}
	return 0
}

type plainPick struct {
	line   line.Line
	values []int
}

// plainOrder returns every eligible line in the order of preference; where
// there is none, every line that the query may wait for.
func plainOrder(lines []line.Line, p Policy, g line.Guard, at judged, q Query) []plainPick {
	eligible := plainEligible(lines, p, g, at, q)
	if len(eligible) > 0 {
		return eligible
	}
	var waits []line.Line
	slots := map[recipients.Handle]time.Time{}
	for _, l := range lines {
		slot := plainBounds(l, g, at(l)).Pace.Slot(l.PacedAt)
		if verdict(l, p, g, at, q) == "pace" && !slot.After(q.DeferUntil) {
			slots[l.Number] = slot
			l.Guard = &line.Guard{RampDays: guardOf(l, g).RampDays, RampStart: guardOf(l, g).RampStart, FailoverShare: guardOf(l, g).FailoverShare}
			waits = append(waits, l)
		}
	}
	eligible = plainEligible(waits, p, g, at, q)
	slices.SortStableFunc(eligible, func(a, b plainPick) int {
		return slots[a.line.Number].Compare(slots[b.line.Number])
	})
	for i := range eligible {
		for _, l := range lines {
			if l.Number == eligible[i].line.Number {
				allowance := eligible[i].line.Allowance
				eligible[i].line = l
				eligible[i].line.Allowance = allowance
			}
		}
	}
	return eligible
}

func guardOf(l line.Line, g line.Guard) line.Guard {
	if l.Guard != nil {
		return *l.Guard
	}
	return g
}

func plainEligible(lines []line.Line, p Policy, g line.Guard, at judged, q Query) []plainPick {
	criteria := p.Criteria
	if criteria == nil {
		criteria = DefaultCriteria()
	}
	var eligible []plainPick
	for _, l := range lines {
		if verdict(l, p, g, at, q) != "" {
			continue
		}
		l.Allowance = plainBounds(l, g, at(l)).Allowance
		pick := plainPick{line: l, values: []int{}}
		for _, c := range criteria {
			pick.values = append(pick.values, plainValue(c, l, q))
		}
		eligible = append(eligible, pick)
	}
	start := uint64(0)
	if q.Recipients.IsValid() {
		start = q.Recipients.Key().Ring()
	}
	slices.SortFunc(eligible, func(a, b plainPick) int {
		if c := slices.Compare(a.values, b.values); c != 0 {
			return c
		}
		// The first at or after start comes first; those before start follow.
		pa, pb := a.line.Number.Ring(), b.line.Number.Ring()
		if (pa >= start) != (pb >= start) {
			if pa >= start {
				return -1
			}
			return 1
		}
		return cmp.Compare(pa, pb)
	})
	return eligible
}

// plainOnly returns the lines that a query asks about.
func plainOnly(lines []line.Line, q Query) []line.Line {
	if !q.Only.IsValid() {
		return lines
	}
	return slices.DeleteFunc(slices.Clone(lines), func(l line.Line) bool { return l.Number != q.Only })
}

// plainCounts counts the lines by verdict.
func plainCounts(lines []line.Line, p Policy, g line.Guard, at judged, q Query) map[string]int {
	counts := map[string]int{}
	for _, l := range lines {
		counts[verdict(l, p, g, at, q)]++
	}
	return counts
}

// plain spreads Counts out as plainCounts does.
func plain(c Counts) map[string]int {
	counts := map[string]int{}
	for why, n := range map[string]int{
		"flagged": c.Flagged, "ineligible": c.Ineligible, "critical": c.Critical,
		"new-chat limit": c.NewChatLimit, "message limit": c.MessageLimit, "pace": c.Pace, "failover share": c.FailoverShare,
		"other country": c.OtherCountry, "other province": c.OtherProvince, "other area": c.OtherArea, "other label": c.OtherLabel,
		"wrong service": c.WrongService, "excluded": c.Excluded, "recipient": c.Recipient, "": c.Eligible,
	} {
		if n != 0 {
			counts[why] = n
		}
	}
	return counts
}
