//go:build unix

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// subject is what is measured: a server by its name. A name is a store, after what
// is special and before where messages go and how many at a time:
//
//	[old-][hot-|full-]STORE[@RECEIVER][/CONCURRENCY]
//
// The stores are memory, untraced (memory without traces), sqlite, postgres and slow
// (PostgreSQL with a sync of 2 ms). bare and raw are what they are compared with: a
// handler that decodes and encodes the same bytes, and the same with a SQLite file
// behind it, written in groups. old- is the command of -old. A hot- server has one line,
// and each message opens a chat on it; a full- one knows -full chats before it is asked.
type subject struct {
	name        string
	old         bool
	hot, full   bool
	kind        string
	receiver    string // a path, file for a regular file, or how long an HTTP receiver takes; empty for nothing
	concurrency int    // messages handed over at the same time; 0 for the default

	dir string // its own, for what it keeps
}

// parseSubject reads a name.
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

// lines is how many lines its fleet has.
func (s *subject) lines() int {
	if s.hot {
		return 1
	}
	return 50
}

// people is how many different people it is to write to: the first message to each
// opens a chat, unless it is known.
func (s *subject) people(o *options) int {
	switch {
	case s.hot:
		return maxPeople
	case s.full:
		return o.full
	}
	return o.people
}

// maxPeople is how many people there are at most.
const maxPeople = 8_000_000

// digits are the telephone number of the i-th person.
func digits(i int) uint64 { return 14_150_000_000 + uint64(i)%10_000_000 }
