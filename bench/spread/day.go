package spread

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// Start is the time at which the days and bursts of this package begin.
var Start = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// The areas of the made-up world. As in life, the shares of its lines differ
// from those of its contacts.
var areas = []struct {
	prefix   string // what its numbers begin with
	digits   int    // how many digits follow
	lines    int
	contacts int // of each hundred
}{
	{"1415", 7, 10, 12}, // San Francisco
	{"1212", 7, 15, 10}, // New York
	{"1646", 7, 0, 10},  // New York too, by a code that no line has
	{"1716", 7, 0, 4},   // Buffalo, in the state of New York
	{"1305", 7, 20, 8},  // Miami
	{"1416", 7, 15, 4},  // Toronto
	{"1647", 7, 0, 8},   // Toronto too
	{"1604", 7, 0, 4},   // Vancouver, in another province
	{"4420", 8, 20, 25}, // London
	{"441534", 6, 5, 2}, // Jersey, no part of Great Britain
	{"4930", 8, 15, 13}, // Berlin
}

// limit is how many new chats a line may open in a day.
const limit = 50

// Fleet returns a hundred lines, a tenth of them at risk and two flagged.
func Fleet(seed uint64) []line.Line {
	random := rand.New(rand.NewPCG(seed, 1))
	var lines []line.Line
	for _, area := range areas {
		for range area.lines {
			lines = append(lines, line.Line{
				Number: number(area.prefix, area.digits, random),
				Limits: line.Limits{NewChatsPerDay: limit},
			})
		}
	}
	for i, place := range random.Perm(len(lines)) {
		switch {
		case i < 2:
			lines[place].Status = line.Flagged
		case i < 12:
			lines[place].Reputation = line.AtRisk
		}
	}
	return lines
}

// Contacts returns n people of the made-up world.
func Contacts(n int, seed uint64) []recipients.Handle {
	random := rand.New(rand.NewPCG(seed, 2))
	var people []recipients.Handle
	for len(people) < n {
		at := random.IntN(100)
		for _, area := range areas {
			if at -= area.contacts; at < 0 {
				people = append(people, number(area.prefix, area.digits, random))
				break
			}
		}
	}
	return people
}

func number(prefix string, digits int, random *rand.Rand) recipients.Handle {
	text := fmt.Sprintf("+%s%d", prefix, 2+random.IntN(8))
	for range digits - 1 {
		text += fmt.Sprint(random.IntN(10))
	}
	return recipients.MustParse(text)
}

// Day is the result of a way with a day of contacts.
type Day struct {
	Opened    int     // contacts that got a line
	Busiest   float64 // the share of the busiest line in all opened chats
	Abroad    int     // opened from another country than the person's, which has lines that could open
	Place     int     // opened from the person's own city
	Province  int     // opened from elsewhere in the person's own state or province
	AtRisk    int     // opened from a line at risk while a healthy one of the country could open
	Breaches  int     // opened by a line that had reached its limit
	LinesOver int     // lines with such openings
}

// MeasureDay lets contacts come one after the other over a day.
func MeasureDay(way Way, lines []line.Line, people []recipients.Handle) Day {
	var d Day
	used := map[recipients.Handle]int{}
	byNumber := map[recipients.Handle]line.Line{}
	for _, l := range lines {
		byNumber[l.Number] = l
	}
	could := func(to recipients.Handle, r line.Reputation) bool {
		return slices.ContainsFunc(lines, func(l line.Line) bool {
			return l.CanContinue() && max(l.Reputation, line.Healthy) <= r && used[l.Number] < limit && l.Number.Country() == to.Country()
		})
	}
	over := map[recipients.Handle]bool{}
	for i, to := range people {
		at := Start.Add(time.Duration(i) * 24 * time.Hour / time.Duration(len(people)))
		phone, ok := way.Pick(to, at)
		if !ok {
			continue
		}
		d.Opened++
		if phone.Country() != to.Country() && could(to, line.AtRisk) {
			d.Abroad++
		}
		switch {
		case to.Place() != 0 && phone.Place() == to.Place():
			d.Place++
		case to.Province() != 0 && phone.Province() == to.Province():
			d.Province++
		}
		if byNumber[phone].Reputation == line.AtRisk && could(to, line.Healthy) {
			d.AtRisk++
		}
		if used[phone]++; used[phone] > limit {
			d.Breaches++
			over[phone] = true
		}
	}
	busiest := 0
	for _, n := range used {
		busiest = max(busiest, n)
	}
	d.Busiest, d.LinesOver = float64(busiest)/float64(d.Opened), len(over)
	return d
}
