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
// What is there is the answer: it may be what an earlier attempt of this send
// decided, or another send with the same key. A pick that may have been
// committed stays counted: use may be over-counted, never under-counted.
func (w *work) settle(ctx context.Context, d *Decision, plan *store.Plan, cause error) error {
	w.inDoubt, w.doubt = plan, cause
	fresh, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	snapshot, err := w.chats.Lookup(fresh, w.query())
	rec := snapshot.Record
	switch {
	case err != nil:
		w.confirm(d)
		return &UnavailableError{Err: err}
	case rec != nil && rec.ChatID == d.ChatID && rec.Line == d.Line && w.isOurs(rec):
		w.confirm(d)
		return nil
	case rec != nil:
		w.release(d) // the key or the message id is taken: this one cannot land
		return w.recorded(d, rec)
	}
	w.confirm(d)
	if ctx.Err() != nil {
		return &UnavailableError{Err: ctx.Err()}
	}
	// Trying again is safe even if the first attempt lands later: both carry
	// the same message id, and a store takes that once.
	return fmt.Errorf("%w: %w", errNotFound, cause)
}

// recorded answers with a record that was found.
func (w *work) recorded(d *Decision, rec *store.Record) error {
	if !w.isOurs(rec) {
		w.inDoubt = nil // it has taken the place of ours
	}
	return w.replay(d, rec)
}

// settleTime bounds the look-up after an unknown outcome.
const settleTime = 5 * time.Second

// errNotFound is wrapped by the error of a commit that had an unknown outcome
// and is not found in the store.
var errNotFound = errors.New("routing: the outcome of a commit is unknown, and it is not there")

// isOurs says whether a record was made by this send, in an attempt that was in
// doubt, and not by another one with the same key.
func (w *work) isOurs(rec *store.Record) bool {
	switch {
	case w.inDoubt == nil:
		return false
	case w.send.Request.IdempotencyKey() == "":
		return true // nobody else has the message id
	}
	return rec.MessageID == w.messageID && rec.At.Equal(w.at) &&
		(rec.ChatID == w.newChatID || rec.ChatID == w.inDoubt.Chat)
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
