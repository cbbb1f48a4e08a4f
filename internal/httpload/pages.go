//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// pages are the files with tables of results, below the root of the repository.
var pages = []string{"BENCHMARKS.md", filepath.Join("docs", "performance.md")}

// writePages draws the plots of bench/results below a root, and fills the
// tables of its pages from the results.
func writePages(root string) error {
	dir := filepath.Join(root, "bench", "results")
	if err := drawAll(dir); err != nil {
		return err
	}
	filled, err := fillPages(root, dir)
	if err != nil {
		return err
	}
	for name, text := range filled {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fillPages returns the pages below a root, by name, with each section written.
// Each section must stand in just one page.
func fillPages(root, dir string) (map[string]string, error) {
	filled := map[string]string{}
	for _, name := range pages {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		filled[name] = string(text)
	}
	for _, p := range parts {
		text, err := p.write(dir)
		if errors.Is(err, fs.ErrNotExist) {
			text, err = "Not measured since the measurement changed.\n", nil
		}
		if err != nil {
			return nil, err
		}
		found := 0
		for name, page := range filled {
			if with, is := fillPart(page, p.name, text); is {
				filled[name] = with
				found++
			}
		}
		if found != 1 {
			return nil, fmt.Errorf("%s: %d pages have the part %q, and one must", strings.Join(pages, ", "), found, p.name)
		}
	}
	return filled, nil
}

// parts are the sections of a page between <!-- NAME --> and <!-- end of NAME
// -->, and how each is written from the results of a directory. If a result
// file is missing, its section says so.
var parts = []struct {
	name  string
	write func(dir string) (string, error)
}{
	{"goals", goalsTable},
	{"server", serverTable},
	{"rates", openTable},
	{"receivers", receiversTable},
	{"concurrency", concurrencyTable},
	{"full", fullTable},
	{"events", eventsTable},
}

// fillPart returns a page with a text in one section, and whether the page has
// that section.
func fillPart(page, name, text string) (string, bool) {
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, opened := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return page, false
	}
	return before + begin + "\n" + text + "\n" + end + after, true
}

// read reads the rows of a result file.
func read(dir, name string) (results, error) {
	return rows(filepath.Join(dir, name+".txt"))
}

// connectionsOf are the numbers of connections in a table.
var connectionsOf = []int{1, 16, 64}

// serverTable returns the table of what a send takes on each store, today and
// at commit cecd54f.
func serverTable(dir string) (string, error) {
	all, err := read(dir, "server")
	if err != nil {
		return "", err
	}
	var t table
	t.row("", "clients", "sends/s", "p50", "p99", "sends/s of cecd54f", "processor time a send", "of that of cecd54f", "transactions, syncs a send", "handed")
	for _, s := range []struct{ name, says string }{
		{"bare", "bare handler that decodes and encodes the same bytes"},
		{"raw", "the same, and a SQLite file, synced, written in groups"},
		{"memory", "`memory:`"},
		{"sqlite", "`sqlite:`, synced"},
		{"postgres", "`postgres:`, synced"},
		{"slow", "`postgres:` with a sync of 2 ms"},
	} {
		for i, n := range connectionsOf {
			if _, is := all.median(s.name, n, colRate); !is {
				return "", fmt.Errorf("server.txt has no row of %s with %d connections", s.name, n)
			}
			says, rate, cpu, writes, handed := s.says, "", "", "", ""
			if i > 0 {
				says = "&nbsp;"
			}
			if old, is := all.median("old-"+s.name, n, colRate); is {
				rate, cpu = times(all.of(s.name, n, colRate)/old)+" times", times(all.cpu(s.name, n)/all.cpu("old-"+s.name, n))
				handed = fmt.Sprintf("%.2f (%.2f)", all.of(s.name, n, colHanded), all.of("old-"+s.name, n, colHanded))
			}
			if all.of(s.name, n, colTransactions) > 0 {
				writes = fmt.Sprintf("%.2f, %.2f", all.of(s.name, n, colTransactions), all.of(s.name, n, colSyncs))
			}
			t.row(says, fmt.Sprint(n), count(all.of(s.name, n, colRate)), ms(all.of(s.name, n, colP50)), ms(all.of(s.name, n, colP99)),
				rate, count(all.cpu(s.name, n))+" µs", cpu, writes, handed)
		}
	}
	return t.String(), nil
}

// receiversTable returns the table of what slow receivers got.
func receiversTable(dir string) (string, error) {
	all, err := read(dir, "server-receivers")
	if err != nil {
		return "", err
	}
	var t table
	t.row("64 clients", "accepted a second", "handed over a second", "part")
	for _, to := range []struct{ name, says string }{{"file", "a regular file, flushed"}, {"20ms", "an HTTP receiver that takes 20 ms"}} {
		for _, store := range []string{"memory", "sqlite", "postgres"} {
			name := store + "@" + to.name
			rate, is := all.median(name, 64, colRate)
			if !is {
				return "", fmt.Errorf("server-receivers.txt has no row of %s", name)
			}
			handed := all.of(name, 64, colHanded)
			t.row(fmt.Sprintf("`%s:`, %s", store, to.says), count(rate), count(rate*handed), fmt.Sprintf("%.2f", handed))
		}
	}
	return t.String(), nil
}

// concurrencyTable returns the table of messages handed over per second, by how
// many are handed over at once.
func concurrencyTable(dir string) (string, error) {
	all, err := read(dir, "server-concurrency")
	if err != nil {
		return "", err
	}
	var t table
	at := []int{1, 4, 8, 16, 32, 64, 128, 256}
	head := []string{"`sqlite:`, 16 clients; the receiver takes"}
	for _, n := range at {
		head = append(head, fmt.Sprint(n))
	}
	t.row(head...)
	for _, takes := range []string{"0s", "5ms", "50ms"} {
		cells := []string{takes}
		for _, n := range at {
			name := fmt.Sprintf("sqlite@%s/%d", takes, n)
			rate, is := all.median(name, 16, colRate)
			if !is {
				return "", fmt.Errorf("server-concurrency.txt has no row of %s", name)
			}
			handed := all.of(name, 16, colHanded)
			cells = append(cells, fmt.Sprintf("%s (%.2f)", count(rate*handed), handed))
		}
		t.row(cells...)
	}
	return t.String(), nil
}

// fullTable returns the table that compares stores with many chats and stores
// with none.
func fullTable(dir string) (string, error) {
	all, err := read(dir, "server-full")
	if err != nil {
		return "", err
	}
	var t table
	t.row("chats of any age, beside 2,000 people", "clients", "sends/s", "processor time a send")
	for _, store := range []string{"sqlite", "postgres"} {
		for _, n := range connectionsOf {
			rate, is := all.median("full-"+store, n, colRate)
			few, was := all.median(store, n, colRate)
			if !is || !was {
				return "", fmt.Errorf("server-full.txt has no row of %s with %d connections", store, n)
			}
			t.row("`"+store+":`", fmt.Sprint(n), times(rate/few)+" times", times(all.cpu("full-"+store, n)/all.cpu(store, n))+" times")
		}
	}
	memory, err := benchmarks(filepath.Join(dir, "memory-full.txt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a missing file was not measured
		return "", err
	}
	for _, b := range memory {
		t.row("memory, a Router beside one that knows 10,000", "1", "", times(b.metrics["full/few"])+" times")
	}
	return t.String(), nil
}
