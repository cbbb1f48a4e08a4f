package simulate

import (
	"math"
	"time"
)

// history is what the network has seen of one line, by ticks.
type history struct {
	opened, failed [ticksPerDay]uint16 // by tick, a ring; the current one at now
	carried        [maxCampaigns][ticksPerDay]uint16
	now            int

	hour, day, failedDay int // sums of the ring, the current tick included
	carriedDay           [maxCampaigns]int

	score           float64 // of reports
	asked, answered float64 // openings and answers, halving in a week
	flagged         bool    // ever
	flaggedAt       time.Time
}

// opening counts one opening, of a campaign.
func (h *history) opening(failover bool, campaign int) {
	h.opened[h.now]++
	h.hour++
	h.day++
	if failover {
		h.failed[h.now]++
		h.failedDay++
	}
	h.carried[campaign][h.now]++
	h.carriedDay[campaign]++
	h.asked++
}

// fades are what remains after a tick of what the network slowly forgets.
type fades struct{ week, reports, heat float64 }

func (m *Model) fades() fades {
	halved := func(s Span) float64 { return math.Pow(0.5, float64(tick)/float64(s)) }
	f := fades{week: halved(Span(7 * 24 * time.Hour))}
	if m.Reports.HalfLife > 0 {
		f.reports = halved(m.Reports.HalfLife)
	}
	if m.Campaigns.HalfLife > 0 {
		f.heat = halved(m.Campaigns.HalfLife)
	}
	return f
}

// next begins the next tick.
func (h *history) next(f *fades) {
	h.hour -= int(h.opened[(h.now+ticksPerDay-5)%ticksPerDay])
	h.now = (h.now + 1) % ticksPerDay
	h.day -= int(h.opened[h.now])
	h.failedDay -= int(h.failed[h.now])
	h.opened[h.now], h.failed[h.now] = 0, 0
	for c := range h.carried {
		h.carriedDay[c] -= int(h.carried[c][h.now])
		h.carried[c][h.now] = 0
	}
	h.asked *= f.week
	h.answered *= f.week
	h.score *= f.reports
}

// hazard returns the rate per day at which a line of an age is flagged now, and
// that part of it which does not come from an hour or less.
func (m *Model) hazard(h *history, age float64, now time.Time, heat *[maxCampaigns]float64) (rate, slow float64) {
	tolerance, times := m.tolerance(h, age, now), m.repliesTimes(h)
	for _, w := range m.Windows {
		var n int
		switch ticksOf(w.Window) {
		case 1:
			n = int(h.opened[h.now])
		case 6:
			n = h.hour
		default:
			n = h.day
		}
		if n == 0 {
			continue
		}
		r := times * atMost(w.PerDay*math.Pow(float64(n)/(w.At*tolerance), w.Power), w.Most)
		rate += r
		if ticksOf(w.Window) == ticksPerDay {
			slow += r
		}
	}
	var other float64
	if r := &m.Reports; h.score > 0 && r.At > 0 {
		other += times * atMost(r.PerDay*math.Pow(h.score/(r.At*tolerance), r.Power), r.Most)
	}
	if c := &m.Campaigns; c.Count > 0 {
		for i := range c.Count {
			other += times * c.PerDay * heat[i] * float64(h.carriedDay[i]) / tolerance
		}
	}
	if over := h.failedDay - m.Failovers.Free; over > 0 {
		other += m.Failovers.PerDay * float64(over)
	}
	return rate + other + m.Always, slow + other + m.Always
}

func (m *Model) tolerance(h *history, age float64, now time.Time) float64 {
	t := 1.0
	if y := m.Tolerance; y.Days > 0 && age < float64(y.Days) {
		t = y.Young + (1-y.Young)*age/float64(y.Days)
	}
	if m.Memory.Days > 0 && h.flagged && now.Sub(h.flaggedAt).Hours() < 24*float64(m.Memory.Days) {
		t *= m.Memory.Tolerance
	}
	return t
}

func (m *Model) repliesTimes(h *history) float64 {
	if m.Replies.Few == 0 || h.asked < 10 {
		return 1
	}
	if share := h.answered / h.asked; share < m.Replies.Few {
		return 1 + (m.Replies.Times-1)*(1-share/m.Replies.Few)
	}
	return 1
}

// chance is how likely something of that rate per day is in one tick.
func chance(rate float64) float64 { return -math.Expm1(-rate / float64(ticksPerDay)) }
