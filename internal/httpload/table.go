//go:build unix

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Columns of a row of a closed load, as measure prints them.
const (
	colConnections = 1 + iota
	colName
	colRate
	colP50
	colP99
	colCPU
	colEngineCPU
	colTransactions
	colSyncs
	colHanded
)

// results are the rows of a file; the second column names the subject.
type results [][]string

// median returns the median of a column over the rounds of a subject with so
// many connections, and false if there is no round. Times are in milliseconds.
func (all results) median(name string, connections, column int) (float64, bool) {
	var seen []float64
	for _, f := range all {
		if len(f) > colHanded && f[colName] == name && f[colConnections] == strconv.Itoa(connections) {
			seen = append(seen, value(f[column]))
		}
	}
	if len(seen) == 0 {
		return 0, false
	}
	slices.Sort(seen)
	return seen[len(seen)/2], true
}

// of is median for a row that must exist; it returns 0 if it does not.
func (all results) of(name string, connections, column int) float64 {
	v, _ := all.median(name, connections, column)
	return v
}

// cpu returns the processor time of a send, including PostgreSQL, in
// microseconds.
func (all results) cpu(name string, connections int) float64 {
	return all.of(name, connections, colCPU) + all.of(name, connections, colEngineCPU)
}

// value parses a number, a percentage, or a time, which it returns in
// milliseconds.
func value(text string) float64 {
	if d, err := time.ParseDuration(text); err == nil {
		return float64(d) / float64(time.Millisecond)
	}
	return number(text)
}

// table is a Markdown table.
type table struct {
	strings.Builder
}

// row adds a row; the first one is the head.
func (t *table) row(cells ...string) {
	first := t.Len() == 0
	t.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	if first {
		t.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
	}
}

// count formats an integer with commas, ms a time in milliseconds, and times a
// ratio, each with a suitable number of digits.
func count(v float64) string {
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func ms(v float64) string {
	switch {
	case v < 1:
		return fmt.Sprintf("%.2f ms", v)
	case v < 10:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.0f ms", v)
}

func times(v float64) string {
	if v < 1.5 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// met returns the cell for whether a goal is met.
func met(is bool) string {
	if is {
		return "met"
	}
	return "**not met**"
}
