package simulate

import (
	"slices"
	"time"
)

// Series are what plots show of one run beside its numbers.
type Series struct {
	// Up is how many lines could send, and Lines how many there were, at the end
	// of each hour.
	Up    []int
	Lines []int

	// Cascades are those of more than one flag, in the order in which they began.
	Cascades []Cascade

	// Waits are the waits in hours of the first contacts and of the failovers
	// that were sent, in order.
	FirstWaits, FailoverWaits []float64

	// Worst is what the line that opened most in an hour opened, by the hour.
	Worst []int

	leastUp float64
	hours   [][]uint16 // openings by slot and hour
}

// Cascade is a flag and those that followed from it.
type Cascade struct {
	Day   float64 // of the first one
	Flags int
}

// Series returns the series of a run.
func (r *Run) Series() *Series { return r.series }

// opened counts an opening of a slot.
func (r *Series) opened(w *world, at int32) {
	for len(r.hours) <= int(at) {
		r.hours = append(r.hours, make([]uint16, 24*w.scene.Days))
	}
	r.hours[at][(w.now-w.scene.Begins.UnixMicro())/time.Hour.Microseconds()]++
	h := &w.slots[at].history
	w.run.BusiestHour, w.run.BusiestDay = max(w.run.BusiestHour, h.hour), max(w.run.BusiestDay, h.day)
}

// look notes how many lines are up.
func (r *Series) look(w *world) {
	r.leastUp = min(r.leastUp, float64(w.countUp())/float64(len(w.slots)))
}

func (r *Series) hour(w *world) {
	r.Up, r.Lines = append(r.Up, w.countUp()), append(r.Lines, len(w.slots))
}

func (w *world) countUp() (n int) {
	for i := range w.slots {
		if w.numbers[w.slots[i].number].up {
			n++
		}
	}
	return n
}

// close takes over what is known at the end.
func (r *Series) close(w *world) {
	for i := range w.flags {
		if f := &w.flags[i]; f.size > 1 {
			r.Cascades = append(r.Cascades, Cascade{Span(time.Duration(f.at-w.scene.Begins.UnixMicro()) * time.Microsecond).Days(), f.size})
		}
	}
	r.FirstWaits, r.FailoverWaits = w.run.First.waits, w.run.Failovers.waits
	most, worst := uint16(0), []uint16(nil)
	for _, hours := range r.hours {
		if m := slices.Max(hours); m > most {
			most, worst = m, hours
		}
	}
	for _, n := range worst {
		r.Worst = append(r.Worst, int(n))
	}
	r.hours = nil
}
