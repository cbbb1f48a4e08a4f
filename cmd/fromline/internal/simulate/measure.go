package simulate

import (
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// Measure is one number of a run that is compared.
type Measure struct {
	Name  string // in JSON
	Title string // in tables
	Unit  string // "", "%", "h" or "days"
	of    func(*Run) float64
}

// Of returns the measure of a run.
func (m Measure) Of(r *Run) float64 { return m.of(r) }

// Measures are all of them, in their order. Of each, less is better but for
// least_up.
func Measures() []Measure {
	return []Measure{
		{"flags", "flags", "", func(r *Run) float64 { return float64(r.Flags) }},
		{"line_days_lost", "line-days lost", "days", func(r *Run) float64 { return r.LineDaysLost }},
		{"largest_cascade", "largest cascade", "", func(r *Run) float64 { return float64(r.Cascade) }},
		{"people_moved", "people moved", "", func(r *Run) float64 { return float64(r.Moved) }},
		{"people_moved_twice", "moved twice", "", func(r *Run) float64 { return float64(r.MovedTwice) }},
		{"first_refused", "first contacts refused at first", "%", func(r *Run) float64 { return r.First.share(r.First.Refused) }},
		{"first_given_up", "first contacts given up", "%", func(r *Run) float64 { return r.First.share(r.First.GivenUp) }},
		{"first_wait_p50", "first contacts wait, median", "h", func(r *Run) float64 { return r.First.WaitP50 }},
		{"first_wait_p95", "first contacts wait, 95 %", "h", func(r *Run) float64 { return r.First.WaitP95 }},
		{"first_attempts", "attempts of a refused one", "", func(r *Run) float64 { return r.First.Attempts }},
		{"failovers_refused", "failovers refused at first", "%", func(r *Run) float64 { return r.Failovers.share(r.Failovers.Refused) }},
		{"failovers_given_up", "failovers given up", "%", func(r *Run) float64 { return r.Failovers.share(r.Failovers.GivenUp) }},
		{"failovers_wait_p50", "failovers wait, median", "h", func(r *Run) float64 { return r.Failovers.WaitP50 }},
		{"failovers_wait_p95", "failovers wait, 95 %", "h", func(r *Run) float64 { return r.Failovers.WaitP95 }},
		{"failovers_attempts", "attempts of a refused failover", "", func(r *Run) float64 { return r.Failovers.Attempts }},
		{"busiest_hour", "busiest line in 60 min", "", func(r *Run) float64 { return float64(r.BusiestHour) }},
		{"busiest_day", "busiest line in 24 h", "", func(r *Run) float64 { return float64(r.BusiestDay) }},
		{"least_up", "least share of lines up", "%", func(r *Run) float64 { return 100 * r.LeastUp }},
	}
}

// Values are one number for each measure, in the order of [Measures].
type Values []float64

// MarshalJSONTo writes the values as an object, by the names of the measures.
func (v Values) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i, m := range Measures() {
		if err := e.WriteToken(jsontext.String(m.Name)); err != nil {
			return err
		}
		if err := e.WriteToken(jsontext.Float(rounded(v[i]))); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// Mean returns the means over the runs, and their standard errors, 0 for a
// single run.
func (g *GuardResult) Mean() (mean, se Values) {
	n := float64(len(g.Runs))
	for _, m := range Measures() {
		sum, squares := 0.0, 0.0
		for i := range g.Runs {
			sum += m.of(&g.Runs[i])
		}
		for i := range g.Runs {
			d := m.of(&g.Runs[i]) - sum/n
			squares += d * d
		}
		mean = append(mean, sum/n)
		se = append(se, math.Sqrt(squares/max(n-1, 1)/n))
	}
	return mean, se
}
