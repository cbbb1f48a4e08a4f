// Package samples has texts for tests of other packages. Only tests import it.
// It asserts nothing.
package samples

import (
	"slices"

	"github.com/forPelevin/gomoji"
)

// Emoji returns the emoji sequences of Unicode 15.0, sorted and each once:
// single characters, flags, keycaps, skin tones, families and other joined
// sequences, also in their shorter forms without variation selectors.
func Emoji() []string {
	var sequences []string
	for _, e := range gomoji.AllEmojis() {
		sequences = append(sequences, e.Character)
	}
	slices.Sort(sequences)
	return slices.Compact(sequences)
}
