package simulate

import "math"

// Verdict is what the models agree on about one guard and one measure, against
// the first guard of the study.
type Verdict struct {
	Guard   string `json:"guard"`
	Measure string `json:"measure"`

	// Better, Worse and Same count the models. A difference of less than two
	// standard errors of the paired runs, or of a single run, is none.
	Better int `json:"better"`
	Worse  int `json:"worse"`
	Same   int `json:"same"`

	// Depends says that some models disagree with others: nothing is known.
	Depends bool `json:"depends_on_the_model"`

	// Worst is the model in which the guard does worst, and its mean there.
	Worst string  `json:"worst_model"`
	Value float64 `json:"worst_mean"`
}

// judged are the measures that there is a verdict on.
var judged = [...]string{"flags", "line_days_lost", "largest_cascade", "people_moved", "first_given_up", "failovers_given_up", "first_wait_p95"}

// Verdicts returns the verdicts on every guard but the first, by guard and then
// by measure.
func (s *Study) Verdicts() []Verdict {
	var all []Verdict
	if len(s.Models) == 0 {
		return nil
	}
	for g := range s.Models[0].Guards {
		if g == 0 {
			continue
		}
		for _, name := range judged {
			for _, m := range Measures() {
				if m.Name == name {
					all = append(all, s.verdict(g, m))
				}
			}
		}
	}
	return all
}

func (s *Study) verdict(guard int, m Measure) Verdict {
	v := Verdict{Measure: m.Name, Value: math.Inf(-1)}
	for i := range s.Models {
		r := &s.Models[i]
		if guard >= len(r.Guards) {
			continue // the study was stopped before
		}
		v.Guard = r.Guards[guard].Guard.Name
		mean, difference, se := paired(&r.Guards[0], &r.Guards[guard], m)
		if mean > v.Value {
			v.Value, v.Worst = rounded(mean), r.Model.Name
		}
		switch {
		case difference < 0 && -difference > 2*se:
			v.Better++
		case difference > 0 && difference > 2*se:
			v.Worse++
		default:
			v.Same++
		}
	}
	v.Depends = v.Better > 0 && v.Worse > 0
	return v
}

// paired returns the mean of a measure under a guard, and how much more that is
// than under another, over the seeds that both were played with.
func paired(base, guard *GuardResult, m Measure) (mean, difference, se float64) {
	before := map[uint64]float64{}
	for i := range base.Runs {
		before[base.Runs[i].Seed] = m.of(&base.Runs[i])
	}
	var differences []float64
	for i := range guard.Runs {
		r := &guard.Runs[i]
		mean += m.of(r) / float64(len(guard.Runs))
		if b, both := before[r.Seed]; both {
			differences = append(differences, m.of(r)-b)
			difference += m.of(r) - b
		}
	}
	n := float64(len(differences))
	if n < 2 {
		return mean, 0, 0
	}
	difference /= n
	for _, d := range differences {
		se += (d - difference) * (d - difference)
	}
	return mean, difference, math.Sqrt(se / (n - 1) / n)
}
