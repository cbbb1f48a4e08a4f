package main

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/fromline/fromline/store/memory"
)

// warn says what of the settings may surprise, before anything is served.
func (s *server) warn(f serveFlags) {
	if f.store == "memory:" {
		s.logger.Warn("-store memory: forgets all chats, decisions and deliveries when this process ends, and refuses sends with 4004 while it holds max_records decisions: "+
			"give -store sqlite:PATH or postgres://…",
			slog.Int("max_records", memory.DefaultMaxRecords))
	}
	if f.nowhere {
		s.logger.Warn("messages go to standard output, with the numbers of people in full, and count as handed over: give -deliver-url or -deliveries")
	}
	for _, name := range f.bare {
		s.logger.Warn(exposure, slog.String("flag", name))
	}
	for _, v := range f.strange {
		s.logger.Warn("a variable of the environment has no effect", slog.String("name", v.name), slog.String("why", v.why))
	}
	if len(f.tokens.values) == 0 {
		return // then there is one tenant, and all requests are let in as it
	}
	for _, tenant := range slices.Sorted(maps.Keys(f.fleets.values)) {
		if f.tokens.values[tenant] == nil {
			s.logger.Warn("a tenant has a fleet but no -token: no client can send for it",
				slog.String("tenant", tenant), slog.Bool("signed_events", f.secrets.values[tenant] != nil))
		}
	}
}

// warnOfEmptyFleets tells, at the start, of tenants whose fleet file has no
// lines.
func (s *server) warnOfEmptyFleets() {
	for _, tenant := range slices.Sorted(maps.Keys(s.named)) {
		if len(s.named[tenant]) == 0 {
			s.logger.Warn("a fleet file has no lines: no message of its tenant can go out", slog.String("tenant", tenant))
		}
	}
}
