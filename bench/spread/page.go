package spread

import (
	"fmt"
	"strings"
)

// The sizes of the measurements on the page.
const (
	seed       = 20261121
	dayPeople  = 4500
	herdLines  = 200
	herdPeople = 64 * 100
)

// Tables returns the tables of docs/spread.md by name.
func Tables() map[string]string {
	return map[string]string{"day": dayTable(), "herd": herdTable(), "age": ageTable()}
}

func dayTable() string {
	lines, people := Fleet(seed), Contacts(dayPeople, seed)
	var b strings.Builder
	b.WriteString("| way | opened | busiest line | abroad | own city | own state | at risk first | over the limit | lines over it |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range []string{LongestPrefix, Random, RoundRobin, LeastRecentlyUsed, OursByCodes, Ours, OursCountryFirst, OursRequired} {
		d := MeasureDay(NewWay(name, lines, seed), lines, people)
		fmt.Fprintf(&b, "| %s | %d | %.1f %% | %d | %d | %d | %d | %d | %d |\n",
			name, d.Opened, 100*d.Busiest, d.Abroad, d.Place, d.Province, d.AtRisk, d.Breaches, d.LinesOver)
	}
	return b.String()
}

func herdTable() string {
	lines, people := EqualLines(herdLines), Contacts(herdPeople, seed)
	var b strings.Builder
	b.WriteString("| way | busiest line of a burst, on average | at worst | uneven by, after all |\n|---|---|---|---|\n")
	for _, name := range []string{LongestPrefix, Random, RoundRobin, LeastRecentlyUsed, OursUnreserved, Ours} {
		h := MeasureHerd(NewWay(name, lines, seed), lines, people, 64)
		fmt.Fprintf(&b, "| %s | %.1f of 64 | %d | %d |\n", name, h.Busiest, h.Worst, h.Uneven)
	}
	return b.String()
}

func ageTable() string {
	lines, people := EqualLines(herdLines), Contacts(herdPeople, seed)
	var b strings.Builder
	b.WriteString("| contacts on one old view | busiest line of them, on average | at worst | uneven by, after all |\n|---|---|---|---|\n")
	for _, size := range []int{1, 4, 16, 64, 256, 1024} {
		h := MeasureHerd(NewWay(OursUnreserved, lines, seed), lines, people, size)
		fmt.Fprintf(&b, "| %d | %.1f | %d | %d |\n", size, h.Busiest, h.Worst, h.Uneven)
	}
	return b.String()
}
