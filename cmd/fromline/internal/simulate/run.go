package simulate

import (
	"slices"
	"strconv"
)

// Run is what came of one scene, model, guard and seed.
type Run struct {
	Seed         uint64  `json:"seed"`
	Flags        int     `json:"flags"`
	LineDaysLost float64 `json:"line_days_lost"`
	Cascade      int     `json:"largest_cascade"` // flags that follow from one, itself included
	Moved        int     `json:"people_moved"`
	MovedTwice   int     `json:"people_moved_twice"`
	Deferred     int     `json:"deferred,omitzero"` // openings that waited for their slots
	TooLate      int     `json:"too_late,omitzero"` // of those, whose line was flagged meanwhile
	First        Sends   `json:"first_contacts"`
	Failovers    Sends   `json:"failovers"`
	BusiestHour  int     `json:"busiest_hour"` // openings of one line in 60 minutes
	BusiestDay   int     `json:"busiest_day"`  // and in 24 hours
	LeastUp      float64 `json:"least_up"`     // the least share of lines that could send

	complete bool
	series   *Series
}

// Sends is what came of the sends of a kind. Each that was wanted was sent,
// waits at the end, or was given up.
type Sends struct {
	Wanted   int     `json:"wanted"`
	Refused  int     `json:"refused"` // at first
	Sent     int     `json:"sent"`
	Returned int     `json:"returned"` // of those, on a line that came back
	GivenUp  int     `json:"given_up"`
	Waiting  int     `json:"waiting"`
	WaitP50  float64 `json:"wait_p50"` // of those sent, hours
	WaitP95  float64 `json:"wait_p95"`
	Attempts float64 `json:"attempts"` // of one that was refused, on average

	tries, ended int // of those that were refused and came to an end
	waits        []float64
}

func (s *Sends) close() {
	slices.Sort(s.waits)
	if n := len(s.waits); n > 0 {
		s.WaitP50, s.WaitP95 = rounded(s.waits[n/2]), rounded(s.waits[n*95/100])
	}
	if s.ended > 0 {
		s.Attempts = rounded(float64(s.tries) / float64(s.ended))
	}
}

// share is a part of those wanted, in per cent.
func (s *Sends) share(n int) float64 { return 100 * float64(n) / float64(max(s.Wanted, 1)) }

// close ends a run.
func (w *world) close() {
	r := &w.run
	r.Flags = len(w.flags)
	for i := range w.flags {
		r.Cascade = max(r.Cascade, w.flags[i].size)
	}
	r.LineDaysLost = rounded(r.LineDaysLost)
	r.LeastUp = rounded(w.record.leastUp)
	for i := range w.talks {
		switch t := &w.talks[i]; {
		case t.attempts == 0: // nothing is wanted, or not yet
		case t.first:
			r.First.Waiting++
		default:
			r.Failovers.Waiting++
		}
	}
	r.First.close()
	r.Failovers.close()
	w.record.close(w)
	r.series = w.record
}

// rounded is a number with five significant digits, so that the same run is
// written the same on every machine.
func rounded(x float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 5, 64), 64)
	return short
}
