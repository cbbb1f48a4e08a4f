package routing

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
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
	messageID uuid.UUID
	newChatID uuid.UUID

	admitted bool        // the gate was asked
	prepared [2]prepared // by whether the continuation is sent: found out once each
	planned  *store.Plan
}

// run repeats rounds until one ends in an answer.
func (w *work) run(ctx context.Context) (Decision, error) {
	retries := 0
	for {
		d, err := w.round(ctx)
		var conflict *store.Conflict
		switch {
		case err == nil:
			return d, nil
		case !errors.As(err, &conflict):
			return Decision{}, err
		}
		if w.opts.Observer != nil {
			w.opts.Observer.Conflicted(conflict.Kind)
		}
		if conflict.Kind == store.LineFull {
			continue // the line is remembered as full: another one is picked
		}
		if retries++; retries > w.opts.Retries {
			return Decision{}, &UnavailableError{Err: err, Retry: true}
		}
		if err := w.opts.Wait(ctx, retries); err != nil {
			return Decision{}, &UnavailableError{Err: err, Retry: true}
		}
	}
}

// round looks up, decides and commits once. A conflict is returned as it is.
func (w *work) round(ctx context.Context) (Decision, error) {
	view, err := w.lines.Lines(ctx, w.send.Tenant, w.at)
	if err != nil {
		return Decision{}, w.unavailable(err)
	}
	snapshot, err := w.lookup(ctx, view)
	if err != nil {
		return Decision{}, w.unavailable(err)
	}
	if snapshot.Record != nil {
		return w.replay(snapshot.Record)
	}
	if err := w.admit(ctx); err != nil {
		return Decision{}, err
	}
	if !view.KnowsUse() {
		view = view.WithUse(snapshot.Uses)
	}
	in := w.input(view, snapshot)
	d, err := w.decide(ctx, &in)
	if err != nil {
		return Decision{}, err
	}
	if err := w.prepare(ctx, &d); err != nil {
		w.release(&d)
		return Decision{}, err
	}
	if err := w.commit(ctx, &in, &d, snapshot.Revision); err != nil {
		return Decision{}, err
	}
	if w.send.Explain {
		trace := Explain(in)
		d.Trace = &trace
	}
	return d, nil
}

func (w *work) lookup(ctx context.Context, view fleet.View) (store.Snapshot, error) {
	q := store.Query{
		Tenant:         w.send.Tenant,
		Set:            w.send.Request.Recipients().Key(),
		SkipNamed:      w.opts.SkipNamedGroups,
		IdempotencyKey: w.send.Request.IdempotencyKey(),
		MessageID:      w.messageID,
	}
	if !view.KnowsUse() {
		q.Lines = make([]recipients.Handle, 0, view.Len())
		for line := range view.All() {
			q.Lines = append(q.Lines, line.Number)
		}
	}
	return w.chats.Lookup(ctx, q)
}

func (w *work) input(view fleet.View, s store.Snapshot) Input {
	return Input{
		Send:            w.send.Request,
		Chats:           s.Chats,
		MoreChats:       s.More,
		SkipNamedGroups: w.opts.SkipNamedGroups,
		Lines:           view,
		At:              w.at,
		MessageID:       w.messageID,
		NewChatID:       w.newChatID,
	}
}

// decide decides, and counts a pick at once where the line health can do that:
// when somebody else's pick came in between, it decides again on a new view.
func (w *work) decide(ctx context.Context, in *Input) (Decision, error) {
	for {
		d, err := Decide(*in)
		if err != nil || !d.OpensChat() || w.reserver == nil {
			return d, err
		}
		if w.reserver.Reserve(w.send.Tenant, w.at, in.query(), d.Line) {
			return d, nil
		}
		if err := ctx.Err(); err != nil {
			return Decision{}, w.unavailable(err)
		}
		if in.Lines, err = w.lines.Lines(ctx, w.send.Tenant, w.at); err != nil {
			return Decision{}, w.unavailable(err)
		}
	}
}

// commit makes the decision durable, or returns a conflict for another round,
// or an error that answers the send.
func (w *work) commit(ctx context.Context, in *Input, d *Decision, revision store.Revision) error {
	plan, err := w.plan(in, d, revision)
	if err != nil {
		w.release(d)
		return err
	}
	w.planned = plan
	err = w.chats.Commit(ctx, plan)
	var conflict *store.Conflict
	switch {
	case err == nil:
		w.confirm(d)
		return nil
	case errors.As(err, &conflict):
		w.release(d)
		if conflict.Kind == store.LineFull && w.reserver != nil {
			w.reserver.Full(w.send.Tenant, conflict.Line, conflict.NextFree)
		}
		return conflict
	case errors.Is(err, store.ErrNotWritten):
		w.release(d)
		return w.unavailable(err)
	}
	return w.settle(ctx, d, err)
}

// settle finds out what became of a commit whose outcome is unknown, by key or
// by message id; it never commits again before it knows (§8). The caller's
// context may be what ended the commit, so the look-up gets time of its own.
func (w *work) settle(ctx context.Context, d *Decision, cause error) error {
	fresh, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	snapshot, err := w.chats.Lookup(fresh, store.Query{
		Tenant:         w.send.Tenant,
		Set:            w.send.Request.Recipients().Key(),
		IdempotencyKey: w.send.Request.IdempotencyKey(),
		MessageID:      w.messageID,
	})
	switch {
	case err != nil:
		// Whether the slot is used is not known either: it stays counted, for
		// use may be over-counted but never under-counted.
		w.confirm(d)
		return &UnavailableError{Err: errors.Join(cause, err), Unknown: true, Retry: w.send.Request.IdempotencyKey() != ""}
	case snapshot.Record != nil && w.isOurs(snapshot.Record):
		w.confirm(d)
		return nil
	case snapshot.Record != nil:
		w.release(d)
		return &store.Conflict{Kind: store.KeyTaken} // the next round replays it
	case ctx.Err() != nil:
		// Not there now. A commit still on its way may land yet, and then a
		// retry with the key finds it; without a key nobody must try again.
		w.release(d)
		return &UnavailableError{Err: cause, Unknown: true, Retry: w.send.Request.IdempotencyKey() != ""}
	}
	// Not there. Trying again is safe even if the first attempt lands later:
	// both carry the same message id, and a store takes it once.
	w.release(d)
	return &store.Conflict{Kind: store.RevisionMoved}
}

// settleTime bounds the look-up after an unknown outcome.
const settleTime = 5 * time.Second

// isOurs says whether a record is the one this send planned, not one that a
// concurrent send with the same key made.
func (w *work) isOurs(rec *store.Record) bool {
	p := w.planned
	return p != nil && rec.MessageID == p.Record.MessageID && rec.ChatID == p.Chat && rec.At.Equal(p.Record.At)
}

func (w *work) confirm(d *Decision) {
	if w.reserver != nil && d.OpensChat() {
		w.reserver.Confirm(w.send.Tenant, w.at, d.Line)
	}
}

func (w *work) release(d *Decision) {
	if w.reserver != nil && d.OpensChat() {
		w.reserver.Release(w.send.Tenant, w.at, d.Line)
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
