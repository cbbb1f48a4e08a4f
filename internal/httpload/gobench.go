//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// benchmark is a result line of go test.
type benchmark struct {
	pkg, name string // without the number of processors
	metrics   map[string]float64
}

// benchmarks reads the benchmark results of a file.
func benchmarks(path string) (all []benchmark, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pkg := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text, is := strings.CutPrefix(lines.Text(), "pkg: "); is {
			pkg = text[strings.LastIndexByte(text, '/')+1:]
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		b := benchmark{pkg, strings.TrimPrefix(fields[0], "Benchmark"), map[string]float64{}}
		if i := strings.LastIndexByte(b.name, '-'); i > 0 {
			b.name = b.name[:i]
		}
		for i := 2; i+1 < len(fields); i += 2 {
			b.metrics[fields[i+1]], _ = strconv.ParseFloat(fields[i], 64)
		}
		all = append(all, b)
	}
	return all, lines.Err()
}

// eventsTable returns the table of other writes beside a send that continues
// its chat.
func eventsTable(dir string) (string, error) {
	all, err := benchmarks(filepath.Join(dir, "events.txt"))
	if err != nil {
		return "", err
	}
	median := func(pkg, name string, callers int) (float64, error) {
		var seen []float64
		for _, b := range all {
			if b.pkg == pkg && b.name == fmt.Sprintf("Store/%s/callers=%d", name, callers) {
				seen = append(seen, b.metrics["ns/op"]/1000)
			}
		}
		if len(seen) == 0 {
			return 0, fmt.Errorf("events.txt has nothing of %s of %s from %d callers", name, pkg, callers)
		}
		slices.Sort(seen)
		return seen[len(seen)/2], nil
	}
	var t table
	t.row("µs; 1 caller, 16 callers", "memory", "SQLite", "PostgreSQL")
	for _, kind := range []struct{ name, says string }{
		{"reuse", "a send: look-up and commit"},
		{"heard", "a message of a person"},
		{"consent", "an opt-out, or its end"},
		{"opening", "a commit that opens a chat, its message leased"},
		{"reroute", "the same, a look-up, and its message sent another way"},
	} {
		cells := []string{kind.says}
		for _, pkg := range []string{"memory", "sqlite", "postgres"} {
			one, err := median(pkg, kind.name, 1)
			if err != nil {
				return "", err
			}
			many, err := median(pkg, kind.name, 16)
			if err != nil {
				return "", err
			}
			cells = append(cells, short(one)+", "+short(many))
		}
		t.row(cells...)
	}
	return t.String(), nil
}

// short formats a number with three digits, or as an integer.
func short(n float64) string {
	if n >= 1000 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}
