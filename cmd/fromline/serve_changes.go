package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// fileChange is what a fleet file says now of the lines of a tenant, against
// what it said before.
type fileChange struct {
	came, changed int
	went          []string // numbers
}

// A reload refuses a fleet file that lost more than half of at least so many
// lines.
const leastLost = 10

// compareFleets compares what fleet files name, by tenant, with what they named
// before. A file that lost all its lines is an error, and where drops does not
// allow it one that lost most of them: a file that is cut short or not written
// yet looks so, and these lines would be out of use.
func compareFleets(before, now map[string][]line.Line, drops bool) (map[string]fileChange, error) {
	used := map[string]bool{}
	for _, lines := range now {
		for _, l := range lines {
			used[l.Number.String()] = true
		}
	}
	changes := make(map[string]fileChange, len(now))
	for _, tenant := range slices.Sorted(maps.Keys(now)) {
		lines, had := now[tenant], len(before[tenant])
		if len(lines) == 0 && had > 0 {
			return nil, fmt.Errorf("-fleet, of tenant %q: it holds no lines, and %s would be out of use: a reload does not do that; if it is meant, stop the server and start it again",
				tenant, plural(had, "line"))
		}
		c, err := compareLines(before[tenant], lines)
		if err != nil {
			return nil, fmt.Errorf("-fleet, of tenant %q: %w", tenant, err)
		}
		lost := 0
		for _, number := range c.went {
			if !used[number] {
				lost++
			}
		}
		if !drops && had >= leastLost && 2*lost > had {
			return nil, fmt.Errorf("-fleet, of tenant %q: it has %d of the %d lines that it had, and %s would be out of use: a reload does not do that; "+
				"if it is meant, stop the server and start it again, or give it -reload-drops", tenant, had-len(c.went), had, plural(lost, "line"))
		}
		changes[tenant] = c
	}
	return changes, nil
}

func compareLines(before, now []line.Line) (c fileChange, err error) {
	was := map[recipients.Handle]line.Line{}
	for _, l := range before {
		was[l.Number] = l
	}
	for _, l := range now {
		old, there := was[l.Number]
		delete(was, l.Number)
		if !there {
			c.came++
			continue
		}
		same, err := sameEntry(old, l)
		if err != nil {
			return c, err
		}
		if !same {
			c.changed++
		}
	}
	for number := range was {
		c.went = append(c.went, number.String())
	}
	slices.Sort(c.went)
	return c, nil
}

// sameEntry says whether a fleet file says the same of two lines.
func sameEntry(a, b line.Line) (bool, error) {
	before, err := fleet.File{Lines: []line.Line{a}}.MarshalJSON()
	if err != nil {
		return false, err
	}
	now, err := fleet.File{Lines: []line.Line{b}}.MarshalJSON()
	return bytes.Equal(before, now), err
}

// numbersTold is how many lines that went are named in one line of the log.
const numbersTold = 50

// tellChanges logs what a reload changed of our lines: how many came, went and
// changed, and which went, since these are out of use.
func (s *server) tellChanges(changes map[string]fileChange) {
	came, went, changed := 0, 0, 0
	for _, tenant := range slices.Sorted(maps.Keys(changes)) {
		c := changes[tenant]
		came, went, changed = came+c.came, went+len(c.went), changed+c.changed
		if len(c.went) > 0 {
			s.logger.Warn("lines are out of use: the fleet file does not have them any more", slog.String("tenant", tenant),
				slog.Int("lines", len(c.went)), slog.Any("numbers", c.went[:min(numbersTold, len(c.went))]))
		}
	}
	s.logger.Info("reloaded", slog.Int("lines_came", came), slog.Int("lines_went", went), slog.Int("lines_changed", changed))
}
