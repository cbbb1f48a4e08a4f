// Package samples has texts for the tests of the packages around it. It is
// imported by tests only, and asserts nothing.
package samples

import (
	"slices"

	"github.com/forPelevin/gomoji"
)

// Emoji returns the emoji sequences of Unicode 15.0, sorted and each once:
// single ones, flags, keycaps, skin tones, families and all else that is
// joined, also in their shorter forms without variation selectors.
func Emoji() []string {
	var sequences []string
	for _, e := range gomoji.AllEmojis() {
		sequences = append(sequences, e.Character)
	}
	slices.Sort(sequences)
	return slices.Compact(sequences)
}
