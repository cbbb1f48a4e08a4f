package simulate

import "math"

// Range is what a measure of one guard comes to over the models.
type Range struct {
	Measure string
	Text    string // the least mean and the greatest, as people read them
}

// glanced are the measures that say most at a glance.
var glanced = [...]string{"flags", "largest_cascade", "first_given_up", "failovers_given_up", "failovers_wait_p50"}

// Ranges returns the means of a guard, from the model in which it is least to
// that in which it is greatest.
func (s *Study) Ranges(guard int) (all []Range) {
	for _, name := range glanced {
		for _, m := range Measures() {
			if m.Name != name {
				continue
			}
			least, most := math.Inf(1), math.Inf(-1)
			for i := range s.Models {
				if guard >= len(s.Models[i].Guards) {
					continue // the study was stopped before
				}
				mean, _, _ := paired(&s.Models[i].Guards[0], &s.Models[i].Guards[guard], m)
				least, most = math.Min(least, mean), math.Max(most, mean)
			}
			all = append(all, Range{name, m.between(least, most)})
		}
	}
	return all
}

// between writes a range with the unit of the measure.
func (m Measure) between(least, most float64) string {
	text := short(least)
	if short(most) != text {
		text += "–" + short(most)
	}
	if m.Unit == "%" || m.Unit == "h" {
		text += "\u00a0" + m.Unit
	}
	return text
}
