// Package nearest finds the name that a misspelt name means. The packages of
// this module that read names use it: requests, files, command lines.
package nearest

import "unicode/utf8"

// Name returns the known name nearest to found, the first of several, and "" if
// none is near. Case does not count. A change is one character inserted,
// removed or replaced, or two neighbours swapped. It is safe for concurrent
// use.
func Name(found string, known []string) string {
	const longest = 64
	if len(found) > longest {
		return ""
	}
	best, bestDistance := "", utf8.UTFMax*longest
	for _, name := range known {
		if d := distance(found, name); d < bestDistance && d <= max(1, len(name)/3) {
			best, bestDistance = name, d
		}
	}
	return best
}

// Within returns the known name nearest to found, the first of several, or ""
// if none differs from found by at most the given number of changes. It counts
// changes as [Name] does. It is safe for concurrent use.
func Within(changes int, found string, known []string) string {
	best, bestDistance := "", changes+1
	for _, name := range known {
		if len(found) > len(name)+changes {
			continue
		}
		if d := distance(found, name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance counts the changes from a to b, byte by byte: insertions, deletions,
// substitutions and swaps of neighbours. No change is inside a swap.
func distance(a, b string) int {
	before := make([]int, len(b)+1) // the row before the last
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if lower(a[i]) == lower(b[j]) {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && lower(a[i]) == lower(b[j-1]) && lower(a[i-1]) == lower(b[j]) {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
