package main

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
)

// guardUsage describes the -guard flag of every sub-command.
const guardUsage = "`guard` of how lines open chats: off, careful or a JSON file; it keeps lines from opening too much at once, and spreads the Retry-After of refused sends over an hour; a line of a fleet file may have its own"

// readGuard reads what a -guard flag names, none for the empty text.
func readGuard(named string) (line.Guard, error) {
	switch named {
	case "", "off":
		return line.Guard{}, nil
	case "careful":
		return line.Careful(), nil
	}
	text, err := readText(named)
	if err != nil {
		return line.Guard{}, fmt.Errorf("-guard %q: type off, careful or the name of a file: %w", named, err)
	}
	g, err := fleet.ParseGuard(text)
	if err != nil {
		return line.Guard{}, fmt.Errorf("-guard %s: %w", named, err)
	}
	return g, nil
}

// spreadOf returns over what time refused sends are spread: an hour with a
// guard.
func spreadOf(g line.Guard) time.Duration {
	if g.IsZero() {
		return 0
	}
	return time.Hour
}

// unknownStarts notes lines that a ramp takes for grown because nothing says
// when they began.
func (c *checkup) unknownStarts(view fleet.View) {
	n, first := 0, ""
	for l := range view.All() {
		g := c.guard
		if l.Guard != nil {
			g = *l.Guard
		}
		if g.RampDays > 0 && l.Start().IsZero() {
			if n++; n == 1 {
				first = l.Number.String()
			}
		}
	}
	if n > 0 {
		c.note("%s without started_at, the first is %s: the ramp of the guard does not hold for them; give started_at of lines that are new", plural(n, "line"), first)
	}
}

// heaviest warns of a fleet without a guard whose heaviest line, if it is
// flagged, sends more chats to the others than they have room for.
func (c *checkup) heaviest(tenant string, view fleet.View) {
	found := c.census[tenant]
	if found == nil || !c.guard.IsZero() {
		return
	}
	var heaviest line.Line
	chats, room, open := 0, 0, 0
	for l := range view.All() {
		if counts := found.lines[l.Number]; counts != nil && counts.all > chats {
			chats, heaviest = counts.all, l
		}
	}
	for l := range view.All() {
		if l.Number == heaviest.Number || !l.CanContinue() {
			continue
		}
		limit := l.Limits.NewChatsPerDay
		if limit == 0 {
			limit = line.Yardstick
		}
		open++
		room += max(0, limit-l.NewChats)
	}
	if chats > room && open > 0 {
		c.note("%s has %s, and the other lines have room for %d new chats today; if it is flagged, they open more, since no guard bounds them: serve -guard careful does", heaviest.Number.String(), plural(chats, "chat"), room)
	}
}
