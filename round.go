package fromline

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// sending is one send on its way through the Router. It repeats rounds until one
// ends in an answer. The order of the steps of a round is look-up, gate, decide,
// content, commit; what is kept here from one round to the next is all that a
// round depends on besides the world.
type sending struct {
	*Router
	out       Outgoing
	at        time.Time
	keepFrom  time.Time // of records: now, also where history is replayed
	messageID uuid.UUID
	newChatID uuid.UUID

	fingerprint message.Fingerprint // of the request

	admitted bool       // the gate was asked
	found    findings   // what the hooks said
	full     []fullLine // lines that a commit of this send found full
	tried    bool       // a commit: the message id may be in the store
	doubt    doubt      // whether a commit of this send may still land
}

// round is what one round came to.
type round struct {
	next     next
	decision routing.Decision // of an answer without an error
	err      error            // the answer, or why the round has to be repeated
}

// next is what follows a round.
type next uint8

const (
	answer   next = iota // nothing: the decision or the error is the answer
	again                // a retry, after a wait
	lineFull             // another round at once, without the line: no retry
)

func answered(d routing.Decision) round { return round{decision: d} }
func failed(err error) round            { return round{err: err} }
func repeat(err error) round            { return round{next: again, err: err} }

// run repeats rounds until one ends in an answer.
func (s *sending) run(ctx context.Context) (routing.Decision, error) {
	for retries := 0; ; {
		r := s.round(ctx)
		switch r.next {
		case answer:
			if r.err == nil {
				return r.decision, nil
			}
			return routing.Decision{}, s.failure(r.err)
		case lineFull:
			continue
		}
		if retries++; retries > s.opts.Retries {
			return routing.Decision{}, s.failure(&UnavailableError{Err: r.err, Retry: true})
		}
		if err := s.opts.Wait(ctx, retries); err != nil {
			return routing.Decision{}, s.failure(&UnavailableError{Err: err, Retry: true})
		}
	}
}

// round looks up, decides and commits once.
func (s *sending) round(ctx context.Context) round {
	view, viewErr := s.lines.Lines(ctx, s.out.Tenant, s.at)
	snapshot, err := s.lookup(ctx, view)
	switch {
	case err != nil:
		return failed(unavailable(err))
	case snapshot.Record != nil:
		return s.recorded(snapshot.Record) // whatever the lines are like now
	case viewErr != nil:
		return failed(unavailable(viewErr))
	}
	if err := s.admit(ctx); err != nil {
		return failed(err)
	}
	in := s.input(view, &snapshot)
	r := s.decide(ctx, &in, snapshot.Uses)
	if r.err != nil {
		return r
	}
	if err := s.prepare(ctx, &r.decision); err != nil {
		s.release(&r.decision)
		return failed(err)
	}
	if s.out.Explain {
		trace := routing.Explain(in)
		r.decision.Trace = &trace
	}
	return s.commit(ctx, &in, r.decision, snapshot.Revision)
}

func (s *sending) lookup(ctx context.Context, view fleet.View) (store.Snapshot, error) {
	q := s.query()
	q.SkipNamed = s.opts.SkipNamedGroups
	if !view.KnowsUse() {
		q.Lines = make([]recipients.Handle, 0, view.Len())
		for line := range view.All() {
			q.Lines = append(q.Lines, line.Number)
		}
	}
	return s.chats.Lookup(ctx, q)
}

// query asks for the chats of the recipients and for the decision made before.
func (s *sending) query() store.Query {
	q := store.Query{
		Tenant:         s.out.Tenant,
		Set:            s.out.Request.Recipients().Key(),
		IdempotencyKey: s.out.Request.IdempotencyKey(),
	}
	if s.tried {
		q.MessageID = s.messageID // which nobody can have known before
	}
	return q
}

func (s *sending) input(view fleet.View, seen *store.Snapshot) routing.Input {
	return routing.Input{
		Send:            s.out.Request,
		Chats:           seen.Chats,
		MoreChats:       seen.More,
		SkipNamedGroups: s.opts.SkipNamedGroups,
		Label:           s.out.Label,
		Lines:           s.usable(view, seen.Uses),
		At:              s.at,
		MessageID:       s.messageID,
		NewChatID:       s.newChatID,
	}
}

// usable returns the view as this send has to see it: with the use that the
// store told where the view knows none, and without room on lines found full.
func (s *sending) usable(view fleet.View, uses []line.Use) fleet.View {
	if !view.KnowsUse() {
		view = view.WithUse(s.at, uses)
	}
	return s.withFull(view)
}

// passes is how many picks of a send others may come in before until it waits.
const passes = 32

// errPassed is the cause of a repeated round whose picks others came in before.
var errPassed = errors.New("fromline: the line picked was not the best one any more when it was reserved, each time")

// decide decides, and counts a pick at once where the line health can do that:
// when another pick came in between, it decides again on a new view.
func (s *sending) decide(ctx context.Context, in *routing.Input, uses []line.Use) round {
	for range passes {
		d, err := routing.Decide(*in)
		switch {
		case err != nil:
			return failed(err)
		case !d.OpensChat(), s.reserver == nil, s.reserve(in, &d):
			return answered(d)
		}
		if err := ctx.Err(); err != nil {
			return failed(unavailable(err))
		}
		view, err := s.lines.Lines(ctx, s.out.Tenant, s.at)
		if err != nil {
			return failed(unavailable(err))
		}
		in.Lines = s.usable(view, uses)
	}
	return repeat(errPassed)
}

// commit makes the decision durable, or finds what was recorded in its place.
func (s *sending) commit(ctx context.Context, in *routing.Input, d routing.Decision, revision store.Revision) round {
	plan, err := s.plan(in, &d, revision)
	if err != nil {
		s.release(&d)
		return failed(err)
	}
	s.tried = true
	err = s.chats.Commit(ctx, plan)
	switch {
	case err == nil:
		s.confirm(&d)
		return answered(d)
	case !errors.Is(err, store.ErrNotWritten):
		return s.settle(ctx, d, err)
	}
	s.release(&d)
	conflict, is := errors.AsType[*store.Conflict](err)
	if !is {
		return failed(unavailable(err))
	}
	s.opts.Observer.conflicted(ctx, conflict.Kind)
	if conflict.Kind == store.LineFull && s.leaveOut(fullLine{conflict.Line, conflict.NextFree, plan.NewChatLimit}) {
		return round{next: lineFull, err: err}
	}
	return repeat(err)
}

// confirm and release end a pick that decide has counted.
func (s *sending) confirm(d *routing.Decision) {
	if s.reserver != nil && d.OpensChat() {
		s.reserver.Confirm(s.out.Tenant, s.at, d.Line)
	}
}

func (s *sending) release(d *routing.Decision) {
	if s.reserver != nil && d.OpensChat() {
		s.reserver.Release(s.out.Tenant, s.at, d.Line)
	}
}

// wait waits before retry n, 1 or more: up to a millisecond, doubling up to a
// tenth of a second, with full jitter, or until the context ends.
func wait(ctx context.Context, n int) error {
	longest := min(time.Millisecond<<min(n-1, 10), 100*time.Millisecond)
	t := time.NewTimer(rand.N(longest) + 1)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
