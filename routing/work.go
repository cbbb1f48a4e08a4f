package routing

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
	"github.com/fromline/fromline/store"
)

// work is one send on its way through the Router. The order of its steps is
// that of §2: look-up, gate, decide, content, commit; a conflict repeats
// look-up, decide and commit.
type work struct {
	*Router
	send      Send
	at        time.Time
	keepFrom  time.Time // of records: now, also where history is replayed
	messageID uuid.UUID
	newChatID uuid.UUID

	fingerprint message.Fingerprint // of the request

	admitted bool       // the gate was asked
	found    findings   // what the hooks said
	full     []fullLine // lines that a commit of this send found full
	uses     []line.Use // of the lines, as the last look-up said, if their view did not know

	planned *store.Plan // what was committed last, or tried to be

	// inDoubt is a plan whose commit had an unknown outcome, because of
	// doubt, and was not found afterwards: it may still land, unless another
	// one takes its place.
	inDoubt *store.Plan
	doubt   error
}

// run repeats rounds until one ends in an answer. On an error the decision means
// nothing, here and in the steps below.
func (w *work) run(ctx context.Context, d *Decision) error {
	retries := 0
	for {
		err := w.round(ctx, d)
		if err == nil {
			return nil
		}
		if conflict, is := errors.AsType[*store.Conflict](err); is {
			if w.opts.Observer != nil {
				w.opts.Observer.Conflicted(ctx, conflict.Kind)
			}
			if w.leaveOut(conflict) {
				continue // another line is picked; this is no retry (§10)
			}
		} else if !errors.Is(err, errNotFound) && !errors.Is(err, errPassed) {
			return w.failed(err)
		}
		if retries++; retries > w.opts.Retries {
			return w.failed(&UnavailableError{Err: err, Retry: true})
		}
		if err := w.opts.Wait(ctx, retries); err != nil {
			return w.failed(&UnavailableError{Err: err, Retry: true})
		}
	}
}

// round looks up, decides and commits once. The error is a conflict, or wraps
// errNotFound or errPassed, when another round may answer.
func (w *work) round(ctx context.Context, d *Decision) error {
	view, viewErr := w.lines.Lines(ctx, w.send.Tenant, w.at)
	snapshot, err := w.lookup(ctx, view)
	switch {
	case err != nil:
		return w.unavailable(err)
	case snapshot.Record != nil:
		return w.recorded(d, snapshot.Record) // whatever the lines are like now
	case viewErr != nil:
		return w.unavailable(viewErr)
	}
	if err := w.admit(ctx); err != nil {
		return err
	}
	in := w.input(view, &snapshot)
	if err := w.decide(ctx, &in, d); err != nil {
		return err
	}
	if err := w.prepare(ctx, d); err != nil {
		w.release(d)
		return err
	}
	if w.send.Explain {
		trace := Explain(in)
		d.Trace = &trace
	}
	return w.commit(ctx, &in, d, snapshot.Revision)
}

func (w *work) lookup(ctx context.Context, view fleet.View) (store.Snapshot, error) {
	q := w.query()
	q.SkipNamed = w.opts.SkipNamedGroups
	if !view.KnowsUse() {
		q.Lines = make([]recipients.Handle, 0, view.Len())
		for line := range view.All() {
			q.Lines = append(q.Lines, line.Number)
		}
	}
	return w.chats.Lookup(ctx, q)
}

// query asks for the chats of the recipients and for the decision made before.
func (w *work) query() store.Query {
	q := store.Query{
		Tenant:         w.send.Tenant,
		Set:            w.send.Request.Recipients().Key(),
		IdempotencyKey: w.send.Request.IdempotencyKey(),
	}
	if w.planned != nil {
		q.MessageID = w.messageID // which nobody can have known before
	}
	return q
}

func (w *work) input(view fleet.View, s *store.Snapshot) Input {
	w.uses = s.Uses
	return Input{
		Send:            w.send.Request,
		Chats:           s.Chats,
		MoreChats:       s.More,
		SkipNamedGroups: w.opts.SkipNamedGroups,
		Label:           w.send.Label,
		Lines:           w.usable(view),
		At:              w.at,
		MessageID:       w.messageID,
		NewChatID:       w.newChatID,
	}
}

// usable returns the view as this send has to see it: with the use that the
// store told where the view knows none, and without room on lines found full.
func (w *work) usable(view fleet.View) fleet.View {
	if !view.KnowsUse() {
		view = view.WithUse(w.at, w.uses)
	}
	return w.withFull(view)
}

// passes is how many picks of a send others may come in before until it waits.
const passes = 32

// errPassed is the error of a round whose picks others came in before too often.
var errPassed = errors.New("routing: the line picked was not the best one any more when it was reserved, each time")

// decide decides, and counts a pick at once where the line health can do that:
// when somebody else's pick came in between, it decides again on a new view.
func (w *work) decide(ctx context.Context, in *Input, d *Decision) error {
	for range passes {
		err := in.decide(d)
		if err != nil || !d.OpensChat() || w.reserver == nil {
			return err
		}
		if w.reserve(in, d) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return w.unavailable(err)
		}
		view, err := w.lines.Lines(ctx, w.send.Tenant, w.at)
		if err != nil {
			return w.unavailable(err)
		}
		in.Lines = w.usable(view)
	}
	return errPassed
}

// commit makes the decision durable, or puts what was recorded in its place; or
// it returns a conflict for another round, or an error that answers the send.
func (w *work) commit(ctx context.Context, in *Input, d *Decision, revision store.Revision) error {
	plan, err := w.plan(in, d, revision)
	if err != nil {
		w.release(d)
		return err
	}
	w.planned = plan
	err = w.chats.Commit(ctx, plan)
	switch {
	case err == nil:
		w.confirm(d)
		return nil
	case errors.Is(err, store.ErrNotWritten):
		w.release(d)
		if conflict, is := errors.AsType[*store.Conflict](err); is {
			return conflict
		}
		return w.unavailable(err)
	}
	return w.settle(ctx, d, plan, err)
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
