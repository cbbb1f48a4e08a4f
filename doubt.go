package fromline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// doubt is a commit of a send whose outcome is unknown: it may have landed, or
// may still land, unless another commit takes its place. The zero doubt is
// none.
type doubt struct {
	cause error     // why the outcome is unknown; nil for no doubt
	chat  uuid.UUID // that the commit was to touch or open
}

func (d doubt) exists() bool { return d.cause != nil }

// made says whether a record is that of a commit of this send which is in
// doubt, and not of another send with the same key.
func (s *sending) made(rec *store.Record) bool {
	switch {
	case !s.doubt.exists():
		return false
	case s.out.Request.IdempotencyKey() == "":
		return true // no other send has the message id
	}
	chat, _, at := decidedFirst(rec)
	return rec.MessageID == s.messageID && at.Equal(s.at) && (chat == s.newChatID || chat == s.doubt.chat)
}

// decidedFirst is what was decided about a message before it was rerouted,
// which may have happened already when a commit in doubt is looked for.
func decidedFirst(rec *store.Record) (chat uuid.UUID, line recipients.Handle, at time.Time) {
	if len(rec.Moves) > 0 {
		m := rec.Moves[0]
		return m.ChatID, m.Line, m.At
	}
	return rec.ChatID, rec.Line, rec.At
}

// recorded answers with a record that was found: it is what an attempt of this
// send decided, or another send with the same key, which has taken its place.
func (s *sending) recorded(rec *store.Record) round {
	ours := s.made(rec)
	if !ours {
		s.doubt = doubt{}
	}
	d, err := s.replay(rec)
	if err != nil {
		return failed(err)
	}
	d.Replay = !ours
	return answered(d)
}

// settleTime bounds the look-up after an unknown outcome.
const settleTime = 5 * time.Second

// settle finds out what became of a commit whose outcome is unknown, by key or
// by message id; nothing is committed again before that is known. The caller's
// context may be what ended the commit, so the look-up gets time of its own.
//
// What is there is the answer: it may be what an earlier attempt of this send
// decided, or another send with the same key. A pick that may have been
// committed stays counted: use may be over-counted, never under-counted.
func (s *sending) settle(ctx context.Context, d routing.Decision, cause error) round {
	s.doubt = doubt{cause, d.ChatID}
	fresh, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	snapshot, err := s.chats.Lookup(fresh, s.query())
	if err != nil {
		s.confirm(&d)
		return failed(&UnavailableError{Err: err})
	}
	if rec := snapshot.Record; rec != nil {
		chat, line, _ := decidedFirst(rec)
		earlier := len(rec.Moves) == 0 && !rec.NotBefore.Equal(d.DeliverAt) // an attempt with another slot
		switch {
		case chat != d.ChatID || line != d.Line || earlier || !s.made(rec):
			s.release(&d) // the key or the message id is taken: this one cannot land
			return s.recorded(rec)
		case len(rec.Moves) > 0:
			s.confirm(&d)
			return s.recorded(rec)
		}
		s.confirm(&d)
		s.Wake()
		return answered(d)
	}
	s.confirm(&d)
	if ctx.Err() != nil {
		return failed(&UnavailableError{Err: ctx.Err()})
	}
	// Trying again is safe even if the first attempt lands later: both carry
	// the same message id, and a store takes that once.
	return repeat(fmt.Errorf("fromline: the outcome of the commit is unknown, and the store has no record of it: %w", cause))
}

// failure is the error that answers the send. While a commit is in doubt no
// error says that nothing was written, not even a refusal: with a key the same
// send may be tried again and finds out, without one it could go out twice.
func (s *sending) failure(err error) error {
	if !s.doubt.exists() {
		return err
	}
	cause := s.doubt.cause
	if u, is := errors.AsType[*UnavailableError](err); is {
		cause = fmt.Errorf("%w; and then %w", cause, u.Err)
	}
	return &UnavailableError{Err: cause, Unknown: true, Retry: s.out.Request.IdempotencyKey() != ""}
}
