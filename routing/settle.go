package routing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/store"
)

// settle finds out what became of a commit whose outcome is unknown, by key or
// by message id; nothing is committed again before that is known (§8). The
// caller's context may be what ended the commit, so the look-up gets time of
// its own.
//
// A pick that may have been committed stays counted: use may be over-counted,
// never under-counted.
func (w *work) settle(ctx context.Context, d *Decision, plan *store.Plan, cause error) error {
	w.inDoubt, w.doubt = plan, cause
	fresh, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	snapshot, err := w.chats.Lookup(fresh, w.query())
	if err == nil && snapshot.Record != nil && !w.isOurs(snapshot.Record) {
		w.release(d)
		return &store.Conflict{Kind: store.KeyTaken} // ours cannot land; the next round replays theirs
	}
	w.confirm(d)
	switch {
	case err != nil:
		return &UnavailableError{Err: err}
	case snapshot.Record != nil:
		return nil
	case ctx.Err() != nil:
		return &UnavailableError{Err: ctx.Err()}
	}
	// Trying again is safe even if the first attempt lands later: both carry
	// the same message id, and a store takes that once.
	return fmt.Errorf("%w: %w", errNotFound, cause)
}

// settleTime bounds the look-up after an unknown outcome.
const settleTime = 5 * time.Second

// errNotFound is wrapped by the error of a commit that had an unknown outcome
// and is not found in the store.
var errNotFound = errors.New("routing: the outcome of a commit is unknown, and it is not there")

// isOurs says whether a record is the one that this send had in doubt, not one
// that another send with the same key made.
func (w *work) isOurs(rec *store.Record) bool {
	p := w.inDoubt
	return p != nil && rec.MessageID == p.Record.MessageID && rec.ChatID == p.Chat && rec.At.Equal(p.At)
}

// failed is the error that answers the send. While a commit is in doubt no
// error says that nothing was written, not even a refusal: with a key the same
// send may be tried again and finds out, without one it could go out twice.
func (w *work) failed(err error) error {
	if w.inDoubt == nil {
		return err
	}
	cause := w.doubt
	if u, is := errors.AsType[*UnavailableError](err); is {
		cause = fmt.Errorf("%w; and then %w", cause, u.Err)
	}
	return &UnavailableError{Err: cause, Unknown: true, Retry: w.send.Request.IdempotencyKey() != ""}
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
