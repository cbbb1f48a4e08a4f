//go:build unix

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// subject is a server to measure, by its name. A name has a store, and before
// and after it what differs from the default:
//
//	[old-][hot-|full-]STORE[@RECEIVER][/CONCURRENCY]
//
// The stores are memory, untraced (memory without traces), sqlite, postgres and
// slow (PostgreSQL with a sync of 2 ms). Two more are for comparison: bare is a
// handler that decodes and encodes the same bytes, and raw the same with a
// SQLite file, written in groups. old- uses the command of -old. A hot- server
// has one line, on which each message opens a chat. A full- server has -full
// chats before the measurement.
type subject struct {
	name        string
	old         bool
	hot, full   bool
	kind        string
	receiver    string // a path; "file" for a regular file; a duration for an HTTP receiver that takes so long; "" for none
	concurrency int    // messages handed over at the same time; 0 for the default

	dir string // for its files
}

// parseSubject parses a name.
func parseSubject(name string) (s subject, err error) {
	s.name = name
	kind, concurrency, limited := strings.Cut(name, "/")
	if limited {
		if s.concurrency, err = strconv.Atoi(concurrency); err != nil || s.concurrency < 1 {
			return s, fmt.Errorf("%q is no server: behind the slash stands a number of messages", name)
		}
	}
	kind, s.receiver, _ = strings.Cut(kind, "@")
	kind, s.old = strings.CutPrefix(kind, "old-")
	kind, s.hot = strings.CutPrefix(kind, "hot-")
	kind, s.full = strings.CutPrefix(kind, "full-")
	switch s.kind = kind; kind {
	case "bare", "raw", "memory", "untraced", "sqlite", "postgres", "slow":
	default:
		return s, fmt.Errorf("%q is no server: give [old-][hot-|full-]STORE[@RECEIVER][/CONCURRENCY], the STORE being bare, raw, memory, untraced, sqlite, postgres or slow", name)
	}
	if s.full && kind != "sqlite" && kind != "postgres" {
		return s, fmt.Errorf("%q is no server: only sqlite and postgres can be filled before", name)
	}
	return s, nil
}

// lines returns the number of lines of its fleet.
func (s *subject) lines() int {
	if s.hot {
		return 1
	}
	return 50
}

// people returns how many people it writes to. The first message to each opens
// a chat, unless the store has one.
func (s *subject) people(o *options) int {
	switch {
	case s.hot:
		return maxPeople
	case s.full:
		return o.full
	}
	return o.people
}

// maxPeople is the largest number of people.
const maxPeople = 8_000_000

// digits returns the phone number of the i-th person.
func digits(i int) uint64 { return 14_150_000_000 + uint64(i)%10_000_000 }
