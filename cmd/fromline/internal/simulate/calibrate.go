package simulate

import (
	"math"
	"time"
)

// Calibration is the chance of a flag per day for a line that does nothing but
// open N chats a day for a week, in a way: spread over 12 hours, in one hour,
// or in one minute.
type Calibration struct {
	Age    int     `json:"age"`
	N      int     `json:"n"`
	Way    string  `json:"way"`
	Chance float64 `json:"chance"`
}

// The rows of a calibration.
var (
	calibrationAges = [...]int{0, 7, 60}
	calibrationNs   = [...]int{5, 10, 20, 50, 100, 200}
	calibrationWays = [...]string{"spread", "1 h", "1 min"}
)

// Calibrate tells what a model thinks of lone lines, so that a reader can say
// whether it is like their network.
func (m *Model) Calibrate(replies float64) []Calibration {
	var rows []Calibration
	for _, age := range calibrationAges {
		for _, n := range calibrationNs {
			for way, name := range calibrationWays {
				rows = append(rows, Calibration{age, n, name, rounded(m.lone(age, n, way, replies))})
			}
		}
	}
	return rows
}

// lone plays some lone lines for a week each, and returns the chance per day
// that one of them is flagged.
func (m *Model) lone(age, n, way int, replies float64) float64 {
	const lines, days = 24, 7
	const opensAt = 8 * ticksPerDay / 24
	var left float64
	f := m.fades()
	for id := range uint64(lines) {
		var h history
		var heat [maxCampaigns]float64
		for i := range m.Campaigns.Bad {
			heat[i] = 1
		}
		survives, count := 1.0, uint64(0)
		for t := range days * ticksPerDay {
			h.next(&f)
			for range due(n, way, t%ticksPerDay-opensAt) {
				count++
				h.opening(false, int(count)%max(m.Campaigns.Count, 1))
				if luck(1).unit(drawReply, id, count) < replies {
					h.answered++
				}
				if luck(1).unit(drawReport, id, count) < m.Reports.First {
					h.score++
				}
			}
			rate, _ := m.hazard(&h, float64(age)+float64(t)/float64(ticksPerDay), time.Time{}, &heat)
			survives *= 1 - chance(rate)
		}
		left += survives / lines
	}
	return 1 - math.Pow(left, 1.0/days)
}

// due is how many of n openings fall into a tick of the time in which they
// come.
func due(n, way, t int) int {
	ticks := [...]int{ticksPerDay / 2, 6, 1}[way]
	if t < 0 || t >= ticks {
		return 0
	}
	return n*(t+1)/ticks - n*t/ticks
}
