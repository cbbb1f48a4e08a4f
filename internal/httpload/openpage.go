//go:build unix

package main

import (
	"fmt"
	"math"
	"slices"
)

// Columns of a row of an open load, as measureOpen prints them.
const (
	openName = iota
	openPart
	openDue
	openRate
	openP50
	_
	openP99
	_
	openServer
	openEngine
	openClient
	openHanded
)

// openParts are the parts of the highest rate that are measured.
var openParts = []string{"20%", "50%", "80%"}

// open returns the median of a column over the rounds.
func (all results) open(name, part string, column int) float64 {
	var seen []float64
	for _, f := range all {
		if len(f) > openHanded && f[openName] == name && f[openPart] == part {
			seen = append(seen, value(f[column]))
		}
	}
	if len(seen) == 0 {
		return math.NaN()
	}
	slices.Sort(seen)
	return seen[len(seen)/2]
}

// tails returns the ratio of p99 to p50 of each store, at half of its highest
// rate.
func tails(all results) (ratios []float64) {
	for _, name := range servers[:3] {
		ratios = append(ratios, all.open(name, "50%", openP99)/all.open(name, "50%", openP50))
	}
	return ratios
}

// busy returns how many processors the server, its engine and the sender used.
func (all results) busy(name, part string) float64 {
	each := all.open(name, part, openServer) + all.open(name, part, openEngine) + all.open(name, part, openClient)
	return each * all.open(name, part, openRate) / 1e6
}

// openTable returns the table of latencies at constant rates.
func openTable(dir string) (string, error) {
	all, err := read(dir, "server-open")
	if err != nil {
		return "", err
	}
	var t table
	t.row("", "part of the top rate", "due a second", "p50", "p99", "processors busy, of 2", "handed")
	for _, name := range append([]string{"bare"}, servers[:3]...) {
		for i, part := range openParts {
			says := "&nbsp;"
			if i == 0 {
				says = "`" + name + ":`"
			}
			if name == "bare" && i == 0 {
				says = "bare handler, what `memory:` gets"
			}
			p50 := all.open(name, part, openP50)
			if math.IsNaN(p50) {
				return "", fmt.Errorf("server-open.txt has no row of %s at %s", name, part)
			}
			handed := ""
			if name != "bare" {
				handed = fmt.Sprintf("%.2f", all.open(name, part, openHanded))
			}
			t.row(says, part, count(all.open(name, part, openDue)), ms(p50), ms(all.open(name, part, openP99)),
				fmt.Sprintf("%.2f", all.busy(name, part)), handed)
		}
	}
	return t.String(), nil
}
