package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// atHangUp reloads what can change while it serves and opens the deliveries
// file anew, at each hang-up until the context ends.
func (s *server) atHangUp(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		changes, err := s.reload(ctx)
		s.metrics.Reloaded(err)
		if err != nil {
			s.logger.Error("reload failed: nothing was taken over; lines, policy, guard, tokens and secrets stay as they were", slog.String("error", err.Error()))
		} else {
			s.tellChanges(changes)
		}
		if s.deliveries != nil {
			s.reopen(ctx)
		}
	}
}

// reload reads again the files that the settings name: our lines, the policy,
// the guard, tokens and webhook secrets. Where one cannot be used nothing is
// changed. Settings stay as they were at the start, and with them which tenants
// there are. It returns what changed of the lines of each tenant.
func (s *server) reload(ctx context.Context) (map[string]fileChange, error) {
	f := s.settings
	next := &server{logger: s.logger}
	if err := next.loadFleets(f); err != nil {
		return nil, err
	}
	changes, err := compareFleets(s.named, next.named, f.reloadDrops)
	if err != nil {
		return nil, err
	}
	policy, err := readPolicy(f.policy)
	if err != nil {
		return nil, err
	}
	handler, err := s.buildHandler(f, next.guard)
	if err != nil {
		return nil, err
	}
	for tenant, lines := range next.named {
		if err := s.router.Named(ctx, tenant, lines); err != nil {
			return nil, fmt.Errorf("-store: %w", err)
		}
	}
	if err := s.fleet.SetPolicy(policy, next.guard); err != nil {
		return nil, err
	}
	if err := s.takeLines(ctx, next.named); err != nil {
		return nil, err
	}
	s.handler.Store(&handler)
	s.named = next.named
	return changes, nil
}

// takeLines makes our lines those of the files. A line that goes to another
// tenant leaves its own first.
func (s *server) takeLines(ctx context.Context, named map[string][]line.Line) error {
	for tenant, lines := range named {
		stays := map[recipients.Handle]bool{}
		for _, l := range lines {
			stays[l.Number] = true
		}
		ours, err := s.fleet.Lines(ctx, tenant)
		if err != nil {
			return err
		}
		for _, l := range ours {
			if !stays[l.Number] && s.isOthers(named, tenant, l.Number) {
				if err := s.fleet.RemoveLine(tenant, l.Number); err != nil {
					return err
				}
			}
		}
	}
	for tenant, lines := range named {
		if err := s.fleet.SetLines(tenant, lines); err != nil {
			return fmt.Errorf("-fleet, of tenant %q: %w", tenant, err)
		}
	}
	return nil
}

// isOthers says whether a number is named as a line of another tenant.
func (s *server) isOthers(named map[string][]line.Line, tenant string, n recipients.Handle) bool {
	for other, lines := range named {
		for _, l := range lines {
			if other != tenant && l.Number == n {
				return true
			}
		}
	}
	return false
}

// serveNow answers with the handler of the last reload.
func (s *server) serveNow(w http.ResponseWriter, r *http.Request) {
	(*s.handler.Load()).ServeHTTP(w, r)
}
