package main

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// guardedJSON is what a guard makes of a line, where it has one.
type guardedJSON struct {
	Allowance     *int       `json:"allowance"`      // of new chats now; null for any number
	Day           *int       `json:"day"`            // of its ramp; null for a grown line
	Failovers     int        `json:"failovers"`      // taken in the window
	FailoverLimit *int       `json:"failover_limit"` // null for any number
	NextFailover  *time.Time `json:"next_failover"`
	Deferred      int        `json:"deferred"` // openings that wait for their slots
}

// allowance is how many chats the line may open in its window, 0 for any
// number.
func (r *lineReport) allowance() int {
	if r.listed {
		return r.guarded.Allowance()
	}
	return r.line.Limits.NewChatsPerDay
}

// isGuarded says whether a guard makes something of the line.
func (r *lineReport) isGuarded() bool {
	_, young := r.guarded.Day()
	return young || !r.guarded.Pace().IsZero() || r.guarded.FailoverLimit() > 0
}

func (r *lineReport) guardedJSON(now time.Time) *guardedJSON {
	if !r.isGuarded() {
		return nil
	}
	out := &guardedJSON{
		Allowance: limitOrNull(r.allowance()), Failovers: r.guarded.Failovers(), FailoverLimit: limitOrNull(r.guarded.FailoverLimit()),
		NextFailover: orNull(r.nextFailover(now)), Deferred: r.guarded.Deferred(now),
	}
	if day, young := r.guarded.Day(); young {
		out.Day = &day
	}
	return out
}

// nextFailover is nextFree for a failover.
func (r *lineReport) nextFailover(now time.Time) time.Time {
	if r.nextFree(now).IsZero() {
		return time.Time{}
	}
	return later(now, r.guarded.NextFree(true))
}

// printGuarded prints the columns of a guard, of a line that may have none.
func (r *lineReport) printGuarded(table io.Writer, now time.Time) {
	day := "-"
	if n, young := r.guarded.Day(); young {
		day = strconv.Itoa(n)
	}
	next := "none"
	if at := r.nextFailover(now); at.After(now) {
		next = orDash(at)
	} else if !at.IsZero() {
		next = "now"
	}
	fmt.Fprintf(table, "\t%s\t%s\t%s\t%d", day, against(r.guarded.Failovers(), r.guarded.FailoverLimit()), next, r.guarded.Deferred(now))
}
