//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
)

// goal is a figure to reach, and the results for it.
type goal struct {
	says  string
	bound []float64 // one for each result
	least bool      // the bounds are lower bounds, else upper bounds
	came  []float64
}

// row adds the goal to a table, and whether it is met.
func (g goal) row(t *table) {
	verdict := met(true)
	var bounds, came []string
	for i, v := range g.came {
		text := strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			text, verdict = "?", "not measured"
		case g.least && v < g.bound[i], !g.least && v > g.bound[i]:
			verdict = met(false)
		}
		came = append(came, text)
		bounds = append(bounds, fmt.Sprint(g.bound[i]))
	}
	word := "at most "
	if g.least {
		word = "at least "
	}
	t.row(g.says, word+strings.Join(bounds, ", "), strings.Join(came, ", "), verdict)
}

// goalsTable returns the table of goals and whether the results meet them.
func goalsTable(dir string) (string, error) {
	all := map[string]results{}
	for _, name := range []string{"server", "server-hot", "server-open", "server-receivers"} {
		rows, err := read(dir, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a missing file was not measured
			return "", err
		}
		all[name] = rows
	}
	server, hot, open, receivers := all["server"], all["server-hot"], all["server-open"], all["server-receivers"]
	rate := func(a, b string, n int) float64 { return server.of(a, n, colRate) / server.of(b, n, colRate) }
	cpu := func(a, b string, n int) float64 { return server.cpu(a, n) / server.cpu(b, n) }
	var t table
	t.row("", "goal", "measured", "")
	for _, g := range []goal{
		{"sends a second of PostgreSQL with a sync of 2 ms, 16 and 64 clients, in those of cecd54f", []float64{5, 9}, true,
			[]float64{rate("slow", "old-slow", 16), rate("slow", "old-slow", 64)}},
		{"its processor time a send, server and PostgreSQL, in that of cecd54f", []float64{0.5, 0.4}, false,
			[]float64{cpu("slow", "old-slow", 16), cpu("slow", "old-slow", 64)}},
		{"transactions and syncs of a send with delivery, one client of PostgreSQL", []float64{2.2, 1.1}, false,
			[]float64{server.of("postgres", 1, colTransactions), server.of("postgres", 1, colSyncs)}},
		{"sends a second of SQLite with 1, 16, 64 clients, in those of the raw writer", []float64{0.8, 0.55, 0.5}, true,
			[]float64{rate("sqlite", "raw", 1), rate("sqlite", "raw", 16), rate("sqlite", "raw", 64)}},
		{"processor time of a send in memory, 16 clients, in that of the bare handler", []float64{2.3}, false,
			[]float64{cpu("memory", "bare", 16)}},
		{"chats a second on one line, 16 clients, in those of cecd54f; with a sync of 2 ms", []float64{3, 3}, true,
			[]float64{hot.of("hot-postgres", 16, colRate) / hot.of("old-hot-postgres", 16, colRate), hot.of("hot-slow", 16, colRate) / hot.of("old-hot-slow", 16, colRate)}},
		{"handed over of what was accepted, the least row above, and with receivers that take their time", []float64{0.98, 0.98}, true,
			[]float64{leastHanded(server), leastHanded(receivers)}},
		{"p99 in p50 at half of the top rate: memory, SQLite, PostgreSQL", []float64{10, 10, 10}, false, tails(open)},
	} {
		g.row(&t)
	}
	return t.String(), nil
}

// leastHanded is the smallest part of the accepted messages that a server of
// today handed over, by medians.
func leastHanded(all results) float64 {
	least := math.Inf(1)
	for _, f := range all {
		name := f[colName]
		if strings.HasPrefix(name, "old-") || name == "bare" || name == "raw" {
			continue
		}
		least = min(least, all.of(name, int(number(f[colConnections])), colHanded))
	}
	return least
}
