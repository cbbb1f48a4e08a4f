// Package samples has texts for the tests of the packages around it. It is imported by tests only, and does not assert anything.
package samples

import (
	"maps"
	"slices"
	"strings"

	"github.com/kyokomi/emoji/v2"
)

// Emoji returns emoji sequences, sorted and each once: those of a maintained list (flags, keycaps, families and the other joined ones among them), and each with every
// choice of skin tones for up to two of its people. Unicode recommends nearly all of them and has no other kinds.
func Emoji() []string {
	seen := map[string]bool{}
	takesTone := map[rune]bool{}
	for _, sequence := range emoji.CodeMap() {
		sequence = strings.TrimSpace(sequence)
		seen[sequence] = true
		var before rune
		for _, r := range sequence {
			if isTone(r) {
				takesTone[before] = true
			}
			before = r
		}
	}
	for _, plain := range slices.Collect(maps.Keys(seen)) {
		for _, toned := range withTones(plain, takesTone) {
			seen[toned] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func isTone(r rune) bool { return r >= '🏻' && r <= '🏿' }

// withTones returns the ways of giving every character of plain that takes a skin tone one of the five, in place of the one it has; none if more than two take one.
func withTones(plain string, takesTone map[rune]bool) []string {
	ways, people := []string{""}, 0
	for _, r := range plain {
		switch {
		case isTone(r) && people > 0:
			continue
		case !takesTone[r]:
			for i := range ways {
				ways[i] += string(r)
			}
			continue
		}
		people++
		var toned []string
		for _, way := range ways {
			for tone := '🏻'; tone <= '🏿'; tone++ {
				toned = append(toned, way+string(r)+string(tone))
			}
		}
		ways = toned
	}
	if people > 2 {
		return nil
	}
	return ways
}
