package spread

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// EqualLines returns n lines that differ only in their numbers.
func EqualLines(n int) []line.Line {
	var lines []line.Line
	for i := range n {
		lines = append(lines, line.Line{Number: recipients.MustParse(fmt.Sprintf("+1415%07d", 2_000_000+i*37))})
	}
	return lines
}

// Herd is the result of a way with bursts of contacts.
type Herd struct {
	Busiest float64 // contacts of a burst on its busiest line, on average
	Worst   int     // the same for the worst burst
	Uneven  int     // difference of chats between the busiest and the least busy line, after all bursts
}

// MeasureHerd lets contacts come in bursts of one size. Each burst decides on
// what was known before it.
func MeasureHerd(way Way, lines []line.Line, people []recipients.Handle, size int) Herd {
	var h Herd
	total := map[recipients.Handle]int{}
	bursts := 0
	for ; len(people) >= size; people = people[size:] {
		burst := map[recipients.Handle]int{}
		busiest := 0
		for _, line := range way.Burst(people[:size], Start.Add(time.Duration(bursts)*time.Second)) {
			burst[line]++
			total[line]++
			busiest = max(busiest, burst[line])
		}
		h.Busiest += float64(busiest)
		h.Worst = max(h.Worst, busiest)
		bursts++
	}
	h.Busiest /= float64(bursts)
	least, most := total[lines[0].Number], 0
	for _, l := range lines {
		least, most = min(least, total[l.Number]), max(most, total[l.Number])
	}
	h.Uneven = most - least
	return h
}
