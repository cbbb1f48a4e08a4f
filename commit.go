package fromline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// reserve counts the pick of a decision, with the slot that it waits for.
func (s *sending) reserve(in *routing.Input, d *routing.Decision) bool {
	q := in.Query(d.Reason)
	q.DeferUntil = d.DeliverAt
	return s.fleet.Reserve(s.out.Tenant, s.at, q, d.Line)
}

// commit makes the decision durable, or finds what was recorded in its place.
func (s *sending) commit(ctx context.Context, in *routing.Input, d routing.Decision, revision store.Revision) round {
	if s.source != nil && s.fleet.Overdue(s.polled) {
		s.release(&d)
		if s.outdated++; s.outdated > rests {
			return failed(&UnavailableError{Err: errOutdated, Retry: true})
		}
		return repeat(errOutdated)
	}
	plan, err := s.plan(in, &d, revision)
	if err != nil {
		s.release(&d)
		return failed(err)
	}
	s.tried = true
	began := time.Now()
	if s.moving != nil {
		err = s.chats.(store.Outbox).Reroute(ctx, s.moving.Lease, plan)
	} else {
		err = s.commitNew(ctx, plan)
	}
	s.wrote.heard(ctx, began, err)
	switch {
	case err == nil:
		s.confirm(&d)
		if plan.Content != nil && s.moving == nil {
			s.backlog.committed()
		}
		return answered(d)
	case errors.Is(err, store.ErrNotWritten):
	case s.moving != nil:
		s.confirm(&d) // it may have been made
		return failed(unavailable(err))
	default:
		return s.settle(ctx, d, err)
	}
	s.release(&d)
	conflict, is := errors.AsType[*store.Conflict](err)
	if !is {
		return failed(unavailable(err))
	}
	s.opts.Observer.conflicted(ctx, s.out.Tenant, conflict.Kind)
	if s.leaveOut(conflict) {
		return round{next: lineFull, err: err}
	}
	return repeat(err)
}

// commitNew commits a plan about a new message, and sees to its delivery.
func (s *sending) commitNew(ctx context.Context, plan *store.Plan) error {
	if s.dispatcher == nil {
		return s.chats.Commit(ctx, plan)
	}
	err := s.dispatcher.Commit(ctx, s.chats, plan)
	if err == nil {
		s.idle.committed(s.opts.Logger)
	}
	return err
}

// leaveOut tells the fleet of a line that a commit found at one of its bounds,
// and is false for other conflicts, and for a line that this send found at one
// before: a store that keeps on naming it does not keep the send going for
// ever.
func (s *sending) leaveOut(c *store.Conflict) bool {
	var tell func(tenant string, line recipients.Handle, until time.Time)
	switch c.Kind {
	case store.LineFull:
		tell = s.fleet.Full
	case store.LinePaced:
		tell = s.fleet.Paced
	case store.FailoversFull:
		tell = s.fleet.FailoversFull
	default:
		return false
	}
	if slices.Contains(s.full, c.Line) {
		return false
	}
	s.full = append(s.full, c.Line)
	tell(s.out.Tenant, c.Line, c.NextFree)
	return true
}

// confirm and release end a pick that decide has counted.
func (s *sending) confirm(d *routing.Decision) {
	if d.OpensChat() {
		s.fleet.Confirm(s.out.Tenant, s.at, d.Line, d.Reason == store.FailoverFlagged)
	}
}

func (s *sending) release(d *routing.Decision) {
	if d.OpensChat() {
		s.fleet.Release(s.out.Tenant, s.at, d.Line, d.Reason == store.FailoverFlagged)
	}
}
