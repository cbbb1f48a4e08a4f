package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// An AliasResolver names further handles of the same people, for a fleet whose
// policy prefers lines that the recipients know (fleet.ByKnown): a recipient
// knows a line if one of their handles has a chat on it. Further handles count
// for nothing else: they match no chat, change no key, and add no participant.
// Implementations must be safe for concurrent use.
type AliasResolver interface {
	// Aliases returns one list for each member of the set, in the order of the
	// set: the further handles of that person. The first store.MaxHandles-1 of
	// a list count. The Router calls Aliases once for each send that has to
	// pick a line, with a context that ends after 250 ms: return then. After an
	// error, or an answer of another length, the Router continues as if no
	// person had further handles, and adds the advisory routing.AliasesUnknown
	// to the decision.
	Aliases(ctx context.Context, tenant string, to recipients.Set) ([][]recipients.Handle, error)
}

// aliasesWithin is how long a send waits for further handles of its people.
const aliasesWithin = 250 * time.Millisecond

// acquaintances is what a send found out about the lines that its people know.
type acquaintances struct {
	asked     bool
	lines     []fleet.Known // in the order of their digits
	noAliases bool          // the resolver could not say
}

// usesKnown returns why known lines cannot be preferred as the options say.
func (r *Router) usesKnown() error {
	switch prefers := r.fleet.PrefersKnown(); {
	case prefers && r.knows == nil:
		return errors.New("the policy of the fleet has fleet.ByKnown: give a store that is a store.KnownReader")
	case !prefers && r.opts.Aliases != nil:
		return errors.New("fromline: Options.Aliases is for a fleet whose policy prefers known lines: add fleet.ByKnown to it")
	}
	return nil
}

// choose decides. Where a line has to be picked and the policy prefers lines
// that people know, the store is asked for these first, once for each send.
func (s *sending) choose(ctx context.Context, in *routing.Input) (routing.Decision, error) {
	if err := untold(in); err != nil {
		return routing.Decision{}, unavailable(err)
	}
	in.Known, in.AliasesUnknown = s.acquainted.lines, s.acquainted.noAliases
	d, err := routing.Decide(*in)
	needless := s.acquainted.asked || s.knows == nil || in.From.IsValid() || !in.Lines.PrefersKnown()
	if err != nil || !d.OpensChat() || needless {
		return d, err
	}
	if err := s.acquaint(ctx); err != nil {
		return routing.Decision{}, err
	}
	in.Known, in.AliasesUnknown = s.acquainted.lines, s.acquainted.noAliases
	return routing.Decide(*in)
}

// acquaint finds out which lines the people of the send know.
func (s *sending) acquaint(ctx context.Context) error {
	to := s.out.Request.Recipients()
	found := acquaintances{asked: true}
	handles, err := s.handles(ctx, to)
	if err != nil {
		found.noAliases = true
		if s.opts.Logger != nil {
			s.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "cannot find out other handles of the recipients",
				slog.String("tenant", s.out.Tenant), slog.String("error", err.Error()))
		}
	}
	lines, err := s.knows.KnownLines(ctx, s.out.Tenant, handles)
	if err != nil {
		return unavailable(err)
	}
	for _, l := range lines {
		found.lines = append(found.lines, fleet.Known{Line: l.Line, Strangers: to.Len() - l.Recipients})
	}
	slices.SortFunc(found.lines, func(a, b fleet.Known) int { return a.Line.Compare(b.Line) })
	s.acquainted = found
	return nil
}

// handles returns the handles of each of some people: their own, and what the
// resolver says. On an error they are their own alone.
func (s *sending) handles(ctx context.Context, to recipients.Set) (handles [][]recipients.Handle, err error) {
	for _, h := range to.All() {
		handles = append(handles, []recipients.Handle{h})
	}
	if s.opts.Aliases == nil {
		return handles, nil
	}
	within, done := context.WithTimeout(ctx, aliasesWithin)
	defer done()
	aliases, err := s.opts.Aliases.Aliases(within, s.out.Tenant, to)
	switch {
	case err != nil:
		return handles, fmt.Errorf("fromline: alias resolver: %w", err)
	case len(aliases) != to.Len():
		return handles, fmt.Errorf("fromline: the alias resolver answered for %d of %d people", len(aliases), to.Len())
	case slices.ContainsFunc(aliases, func(of []recipients.Handle) bool { return slices.Contains(of, recipients.Handle{}) }):
		return handles, errors.New("fromline: the alias resolver answered an empty handle")
	}
	for i, of := range aliases {
		handles[i] = append(handles[i], of[:min(len(of), store.MaxHandles-1)]...)
	}
	return handles, nil
}
