package sim

// Shrink returns a run that breaks the same law as the failure, with fewer and
// smaller choices. It leaves out parts of the list of choices, and makes others
// smaller, while the law stays broken. It stops after a number of runs.
//
// The run that it returns draws from the list that led to it, not from the
// choices that it made. When a list ends, the world comes to rest, and the
// choices of coming to rest are not in the list.
func (s *Simulation) Shrink(f *Failure) *Failure {
	best, draw := f, func() *choices { return fromSeed(f.Seed) }
	tries := 1000
	try := func(list []uint32) bool {
		if tries--; tries < 0 {
			return false
		}
		_, again := s.run(f.Seed, fromList(list), false)
		if again == nil || again.Law != best.Law || !smaller(again.Choices, best.Choices) {
			return false
		}
		best, draw = again, func() *choices { return fromList(list) }
		return true
	}
	for improved := true; improved && tries > 0; {
		improved = false
		for size := len(best.Choices); size > 0; size /= 2 {
			for at := 0; at+size <= len(best.Choices); {
				list := append(append([]uint32{}, best.Choices[:at]...), best.Choices[at+size:]...)
				if try(list) {
					improved = true
				} else {
					at += size
				}
			}
		}
		for i := 0; i < len(best.Choices); i++ {
			for _, v := range []uint32{0, best.Choices[i] / 2, best.Choices[i] - 1} {
				if i < len(best.Choices) && v < best.Choices[i] {
					list := append([]uint32{}, best.Choices...)
					list[i] = v
					improved = try(list) || improved
				}
			}
		}
	}
	_, told := s.run(f.Seed, draw(), true)
	return told
}

// smaller orders lists of choices by length, and then by the first different
// choice.
func smaller(a, b []uint32) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
