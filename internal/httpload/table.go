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

// results are the rows of a file, by what was measured.
type results [][]string

// median of a column over the rounds of a server with so many connections; false
// where there is no round. A column that holds a time is in milliseconds.
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

// of is median where the row has to be there: what lacks is 0.
func (all results) of(name string, connections, column int) float64 {
	v, _ := all.median(name, connections, column)
	return v
}

// cpu is the processor time of a send, that of PostgreSQL in it, in microseconds.
func (all results) cpu(name string, connections int) float64 {
	return all.of(name, connections, colCPU) + all.of(name, connections, colEngineCPU)
}

// value reads a number, a part in per cent, or a time, which becomes milliseconds.
func value(text string) float64 {
	if d, err := time.ParseDuration(text); err == nil {
		return float64(d) / float64(time.Millisecond)
	}
	return number(text)
}

// table is a table of a page.
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

// count writes a whole number with commas, time a time that is given in
// milliseconds, and times a ratio: each with as many digits as it deserves.
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

// met says whether a goal is met.
func met(is bool) string {
	if is {
		return "met"
	}
	return "**not met**"
}
