package fromline

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// followed is the store as a Router follows it: what other processes learned of
// our lines goes to the log as what this one did.
type followed struct {
	fleet.Feed
	router *Router
	news   *atomic.Bool // the last page told of lines
}

func (f followed) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	r := f.router
	if f.news.Swap(false) { // and the fleet has learned it by now
		r.Wake()
	}
	states, last, err := f.Feed.LineStates(ctx, after, limit)
	f.news.Store(len(states) > 0)
	if r.looked.Load() && r.tellsLines() {
		for i := range states {
			r.logFollowed(ctx, &states[i])
		}
	}
	if err == nil && len(states) < cmp.Or(limit, store.MaxPage) {
		r.looked.Store(true) // what was known before the first look to the end is no news
	}
	return states, last, err
}

// tellsLines says whether a host asked to be told of changes of lines.
func (r *Router) tellsLines() bool {
	return r.opts.Logger != nil || r.opts.Observer.LineChanged != nil || r.opts.Webhooks != nil
}

// logFollowed logs a state of one of our lines that is not known here yet.
func (r *Router) logFollowed(ctx context.Context, s *line.State) {
	before := r.known(ctx, s.Tenant, s.Number)
	if before.Status == 0 {
		return // no line of ours
	}
	after := before
	after.Status = cmp.Or(s.Status, before.Status)
	after.Reputation = cmp.Or(s.Reputation, before.Reputation)
	switch s.Ownership {
	case line.Released, line.Dropped:
		after.Ineligible = true
	case line.Assigned:
		after.Ineligible = false
	}
	if after.Status != before.Status || after.Reputation != before.Reputation || after.Ineligible != before.Ineligible {
		r.logChange(ctx, s, before, after)
	}
}

// known returns the line as it is known now, for the log; zero if it is not.
func (r *Router) known(ctx context.Context, tenant string, number recipients.Handle) line.Line {
	if !r.tellsLines() {
		return line.Line{}
	}
	view, err := r.fleet.View(ctx, tenant, r.opts.Clock())
	if err != nil {
		return line.Line{Number: number}
	}
	if l, found := view.Line(number); found {
		return l
	}
	return line.Line{Number: number}
}

// logChange tells the observer of one of our lines that has changed by a state,
// puts the webhook about it into the outbox, and writes the line of the log
// about it. Our own numbers are not masked.
func (r *Router) logChange(ctx context.Context, s *line.State, before, after line.Line) {
	tenant := s.Tenant
	if told := r.opts.Observer.LineChanged; told != nil {
		told(ctx, tenant, before, after)
	}
	r.logUntold(ctx, tenant, r.tellChange(ctx, s, before, after))
	if r.opts.Logger == nil {
		return
	}
	waiting := ""
	if stops(&before, &after) {
		waiting = r.waitingWords(ctx, tenant, before.Number)
	}
	r.logStates(ctx, tenant, &before, &after, waiting)
}

// toldByTable tells the observer and the log of a change that the host's own
// table tells. It happens within a send, so the chats of the line are not
// counted.
func (r *Router) toldByTable(ctx context.Context, tenant string, before, after line.Line) {
	if told := r.opts.Observer.LineChanged; told != nil {
		told(ctx, tenant, before, after)
	}
	if r.opts.Logger != nil {
		r.logStates(ctx, tenant, &before, &after, ", as the table of lines says")
	}
}

// stops reports whether a change keeps the chats of a line from going on.
func stops(before, after *line.Line) bool { return before.CanContinue() && !after.CanContinue() }

// logStates writes the line of the log about a line that has changed.
func (r *Router) logStates(ctx context.Context, tenant string, before, after *line.Line, more string) {
	level := slog.LevelInfo
	if stops(before, after) {
		level = slog.LevelWarn
	}
	words := fmt.Sprintf("%s %s → %s%s", before.Number, stateWords(before), stateWords(after), more)
	r.opts.Logger.LogAttrs(ctx, level, words, slog.String("tenant", tenant), slog.String("line", before.Number.String()),
		slog.String("status", after.Status.String()), slog.String("reputation", after.Reputation.String()))
}

// stateWords are the status of a line, and its reputation where that is poor.
func stateWords(l *line.Line) string {
	words := l.Status.String()
	switch {
	case l.Status == 0:
		return "unknown"
	case l.Ineligible:
		words += ", INELIGIBLE"
	}
	if l.Reputation == line.AtRisk || l.Reputation == line.Critical {
		words += ", " + l.Reputation.String()
	}
	return words
}

// waitingWords say how many chats a line leaves that cannot continue any more,
// where the store can show them.
func (r *Router) waitingWords(ctx context.Context, tenant string, number recipients.Handle) string {
	const pages = 10
	reader, can := r.chats.(store.ChatReader)
	if !can {
		return ""
	}
	n, after := 0, uuid.Nil
	for range pages {
		page, next, err := reader.ChatsOfLine(ctx, tenant, number, after, 0)
		if err != nil {
			return ", and its chats could not be counted"
		}
		switch n += len(page); {
		case next != uuid.Nil:
		case n == 1:
			return ", 1 chat waits for another line"
		default:
			return fmt.Sprintf(", %d chats wait for another line", n)
		}
		after = next
	}
	return fmt.Sprintf(", more than %d chats wait for another line", n)
}
