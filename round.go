package fromline

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// sending is one send on its way through the Router. It repeats rounds until
// one ends in an answer. The order of the steps of a round is look-up, gate,
// decide, content, commit; what is kept here from one round to the next is all
// that a round depends on besides the world.
type sending struct {
	*Router
	out       Outgoing
	at        time.Time
	keepFrom  time.Time     // of records: now, also if history is replayed
	maxSkew   time.Duration // of a decision of now
	messageID uuid.UUID
	newChatID uuid.UUID // drawn when a round first opens a chat

	fingerprint message.Fingerprint // of the request
	moving      *moving             // the message, where it is sent another way

	admitted  bool                // the gate was asked
	overrides bool                // an opt-out
	found     findings            // what the hooks said
	polled    time.Time           // when the poll began that the view rests on
	outdated  int                 // rounds whose view was too old when they came to commit
	full      []recipients.Handle // lines that a commit of this send found full
	tried     bool                // a commit: the message id may be in the store
	doubt     doubt               // whether a commit of this send may still land

	acquainted acquaintances // which lines the people know
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
	onward               // the next step of the same round
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
	in, revision, r := s.look(ctx)
	if r.next != onward {
		return r
	}
	r = s.decide(ctx, &in)
	if r.err != nil {
		return r
	}
	if err := s.prepare(ctx, &in, &r.decision); err != nil {
		s.release(&r.decision)
		return failed(err)
	}
	s.explain(&in, &r.decision)
	return s.commit(ctx, &in, r.decision, revision)
}

// look finds out what the decision rests on: the lines, what the store knows,
// and that the gate lets it pass. The round goes onward, or ends with that.
func (s *sending) look(ctx context.Context) (in routing.Input, revision store.Revision, r round) {
	view, viewErr := s.view(ctx)
	q := s.query()
	q.SkipNamed = s.out.Chat == uuid.Nil && (s.opts.SkipNamedGroups || s.out.From.IsValid())
	snapshot, err := s.chats.Lookup(ctx, q)
	switch {
	case err != nil:
		return in, 0, failed(unavailable(err))
	case s.moving != nil:
		s.moving.before = snapshot.Record
	case snapshot.Record != nil:
		return in, 0, s.recorded(snapshot.Record) // whatever the lines are like now
	}
	if viewErr != nil {
		return in, 0, failed(unavailable(viewErr))
	}
	if err := s.crowded(); err != nil && s.moving == nil {
		return in, 0, failed(unavailable(err))
	}
	if err := s.admit(ctx); err != nil {
		return in, 0, failed(err)
	}
	if err := s.consented(snapshot.Standing); err != nil {
		return in, 0, failed(err)
	}
	return s.input(view, &snapshot), snapshot.Revision, round{next: onward}
}

// view returns our lines as they are known now, when that is not too old.
func (s *sending) view(ctx context.Context) (fleet.View, error) {
	if err := s.catchUp(ctx); err != nil {
		return fleet.View{}, err
	}
	s.polled = s.fleet.LastPoll()
	return s.fleet.View(ctx, s.out.Tenant, s.at)
}

// errOutdated is the cause of a repeated round that took so long that what it
// knew of our lines is too old to act on, and rests is how many of them a send
// may have: one for an image that is fetched, and more for a store that is
// slow.
var errOutdated = errors.New("fromline: what this process knew of the lines was too old to commit the decision: try again")

const rests = 3

// explain sets the trace of a decision where the send asks for it.
func (s *sending) explain(in *routing.Input, d *routing.Decision) {
	if s.out.Explain {
		trace := routing.Explain(*in)
		d.Trace = &trace
	}
}

// query asks for the chats of the recipients and for the decision made before.
func (s *sending) query() store.Query {
	q := store.Query{
		Tenant:         s.out.Tenant,
		Set:            s.out.Request.Recipients().Key(),
		IdempotencyKey: s.out.Request.IdempotencyKey(),
	}
	if s.opts.Consents.any() && s.moving == nil { // what is accepted already goes out
		q.Recipients = s.out.Request.Recipients()
	}
	if s.tried || s.moving != nil {
		q.MessageID = s.messageID // which else was in no store before
	}
	return q
}

func (s *sending) input(view fleet.View, seen *store.Snapshot) routing.Input {
	in := routing.Input{
		Send:            s.out.Request,
		Chats:           seen.Chats,
		MoreChats:       seen.More,
		SkipNamedGroups: s.opts.SkipNamedGroups,
		Label:           s.out.Label,
		Lines:           view,
		At:              s.at,
		MessageID:       s.messageID,
		KeepTrace:       s.opts.KeepTraces,
		DeferUpTo:       s.opts.DeferUpTo,
		From:            s.out.From,
		Into:            s.out.Chat,
	}
	in.OptOutOverridden = s.overrides
	if s.moving != nil {
		in.Leaves = s.moving.Delivery.From
	}
	return in
}

// passes is how many picks of a send others may come in before until it waits.
const passes = 32

// errPassed is the cause of a repeated round whose picks others came in before.
var errPassed = errors.New("fromline: other sends changed the order of the lines before each try: try again")

// decide decides, and counts a pick at once: when another pick came in between,
// it decides again on a new view.
func (s *sending) decide(ctx context.Context, in *routing.Input) round {
	for range passes {
		d, err := s.choose(ctx, in)
		switch {
		case err != nil:
			return failed(err)
		case !d.OpensChat():
			return answered(d)
		case s.reserve(in, &d):
			d.ChatID = s.drawChatID()
			return answered(d)
		}
		if err := ctx.Err(); err != nil {
			return failed(unavailable(err))
		}
		if in.Lines, err = s.view(ctx); err != nil {
			return failed(unavailable(err))
		}
	}
	return repeat(errPassed)
}

// wait waits before retry n, 1 or more: up to a millisecond, doubling up to a
// tenth of a second, with full jitter, or until the context ends.
func wait(ctx context.Context, n int) error {
	longest := min(time.Millisecond<<min(n-1, 10), 100*time.Millisecond)
	t := time.NewTimer(rand.N(longest))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
