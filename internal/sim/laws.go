package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// breach is the panic of a world that breaks a law of docs/rules.md §16.
type breach struct {
	law  int
	text string
}

func broken(law int, format string, args ...any) {
	panic(breach{law, fmt.Sprintf(format, args...)})
}

// truth returns the chats of a plan's set that the store has.
func (w *world) truth(p *store.Plan) []store.Chat {
	snapshot, err := w.engine.Lookup(context.Background(), store.Query{Tenant: p.Tenant, Set: p.Set.Key(), SkipNamed: w.skipNamed})
	if err != nil {
		panic(err)
	}
	return snapshot.Chats
}

// committed checks a plan that the store has just committed, against the chats
// before it.
func (w *world) committed(req *request, before []store.Chat) {
	t, p := req.task, req.plan
	s := t.send
	w.timely(t, p)
	has := func(id uuid.UUID) bool {
		return slices.ContainsFunc(before, func(c store.Chat) bool { return c.ID == id })
	}
	opens := p.Reason != store.ReusedActiveChat
	if t.move != nil {
		w.moved(req)
	}
	switch p.Reason {
	case store.NewBestNumber:
		w.stats.New++
	case store.ReusedActiveChat:
		w.stats.Reused++
	case store.FailoverFlagged:
		w.stats.FailedOver++
	}
	switch {
	case t.move != nil:
	case t.nothing:
		broken(12, "%s: the answer was that nothing was written, and it was", t)
	case s.key == "" && s.commits > 0:
		broken(1, "%s is committed twice", s)
	case s.key != "" && w.ledger.keys[of[string]{p.Tenant, s.key}] != nil:
		broken(9, "%s: the key has a decision already", s)
	}
	switch {
	case p.Tenant != s.tenant.name:
		broken(11, "%s is committed for %s", s, p.Tenant)
	case opens && !slices.Contains(numbers(s.tenant.lines), p.Line):
		broken(11, "%s: the line belongs to another tenant", s)
	case p.Reason == store.NewBestNumber && len(before) > 0:
		broken(10, "%s: a first contact, with %d chats", s, len(before))
	case p.Reason == store.FailoverFlagged && !has(p.PreviousChatID), p.Reason == store.ReusedActiveChat && !has(p.ChatID):
		broken(11, "%s: the chat is not one of the people's", s)
	case opens && len(before) != len(req.facts.Chats):
		broken(10, "%s: %d chats were known, and %d are there", s, len(req.facts.Chats), len(before))
	}
	if opens {
		withinMessages(req)
	}
	follows(req)
	if t.move == nil {
		w.ledger.enter(s, p)
		s.commits++
	}
	t.committed = true
	if !opens {
		return
	}
	w.carries(req)
	w.stats.Deferred += countOf(!p.NotBefore.IsZero())
	if after := w.truth(p); len(after) == 0 || after[0].ID != p.ChatID {
		broken(10, "%s: the new chat is not the most recently active one", s)
	}
	// If the caller gave up a commit and it arrived late, the process learns of
	// it at its next poll.
	if t.life == t.process.lives && req.broken == nil {
		t.process.opened = append(t.process.opened, opening{of[recipients.Handle]{p.Tenant, p.Line}, p.At})
	}
}

// follows checks laws 3 to 8: the plan is the decision of the reference, on the
// facts that the Router got.
func follows(req *request) {
	t, p := req.task, req.plan
	if p.Reason == store.FailoverFlagged && t.told.view.HasUntold() {
		f := t.facts()
		for _, c := range f.Chats {
			if t.told.view.Untold(c.Line) {
				f.Lines = append(f.Lines, line.Line{Number: c.Line}.Normal())
			}
		}
		if t.move != nil {
			t.move.leaving(&f)
		}
		if reference.Decide(f).Branch == store.ReusedActiveChat {
			broken(5, "%s: leaves a chat on a line of which nothing is told that can be used", t)
		}
	}
	want := reference.Decide(req.facts)
	chat := want.Reused
	if want.Branch != store.ReusedActiveChat {
		chat = p.ChatID
	}
	if want.Branch == p.Reason && want.Branch != store.ReusedActiveChat && want.Line != p.Line {
		broken(7, "%s: committed %s on %s, and the reference decides %+v", t, p.Reason, p.Line, want)
	}
	if !want.DeliverAt.Equal(p.NotBefore) {
		broken(15, "%s: committed for %s, and the reference decides %+v", t, p.NotBefore, want)
	}
	if want.Refused != 0 || want.Branch != p.Reason || want.Line != p.Line || chat != p.ChatID || want.Previous != p.PreviousChatID ||
		want.ContinuationUsed != p.Continuation && (t.move == nil || !p.Continuation) {
		broken(3, "%s: committed %s on %s, and the reference decides %+v", t, p.Reason, p.Line, want)
	}
}

// withinMessages checks the part of law 15 that no commit checks: by the facts
// that the Router got, the line that opens a chat is below its message limit.
func withinMessages(req *request) {
	for _, l := range req.facts.Lines {
		if l.Number == req.plan.Line && l.MessagesFullUntil.After(req.facts.At) {
			broken(15, "%s: opens a chat on %s, which is at its message limit", req.task, l.Number)
		}
	}
}

// picked checks law 7 for a pick that may still be refused: it is the pick of
// the reference, on the facts that the Router got.
func picked(t *task, line recipients.Handle) {
	if want := reference.Decide(t.facts()); want.Line != line || want.Branch == store.ReusedActiveChat {
		broken(7, "%s: picks %s, and the reference decides %+v", t, line, want)
	}
}

// answered checks the answer of a call of Route.
func (w *world) answered(t *task) {
	t.stopped()
	if t.err == nil {
		w.log("%s is answered: %s", t, t.decision)
		w.stats.Decisions++
		w.stats.Replays += countOf(t.decision.Replay)
		w.decided(t)
		return
	}
	w.log("%s is answered: %v", t, t.err)
	var refusal *routing.Refusal
	var wrong *fault.Error
	var unavailable *fromline.UnavailableError
	switch {
	case errors.As(t.err, &unavailable):
		t.nothing = !unavailable.Unknown
		w.stats.Unavailable++
		w.stats.Untold += countOf(t.told.view.HasUntold() && errors.Is(t.err, fleet.ErrStale))
		w.stats.GivenUp += countOf(t.refused == patience)
		if unavailable.Retry != (t.nothing || t.send.key != "") {
			broken(1, "%s: told to try again: %v, unknown: %v", t, unavailable.Retry, unavailable.Unknown)
		}
		if unavailable.Unknown && !t.tried {
			broken(12, "%s: the outcome is said to be unknown, and nothing was committed", t)
		}
	case errors.As(t.err, &refusal):
		t.nothing = true
		w.stats.Refusals++
		if want := reference.Decide(t.facts()); want.Refused != int(refusal.Code) || want.Branch != refusal.Trace.Branch {
			broken(7, "%s: refused with %d, and the reference decides %+v", t, refusal.Code, want)
		}
	case errors.As(t.err, &wrong) && wrong.Primary().Rule == fault.RuleKeyReused:
		t.nothing = true
		w.stats.KeysReused++
		if !w.keyOfAnother(t) {
			broken(9, "%s: the key is said to be another request's", t)
		}
	default:
		broken(1, "%s: unexpected error %v", t, t.err)
	}
	if t.nothing && t.committed {
		broken(12, "%s: the answer is that nothing was written, and it was", t)
	}
}

// decided checks that the decision of an answer was committed for this request.
func (w *world) decided(t *task) {
	d := t.decision
	// The latest entry first: a message that was rerouted twice may be back
	// where it was.
	for _, e := range slices.Backward(w.ledger.messages[of[uuid.UUID]{t.send.tenant.name, d.MessageID}]) {
		r := &e.plan.Record
		if r.ChatID != d.ChatID || r.PreviousChatID != d.PreviousChatID || r.Line != d.Line || r.Reason != d.Reason ||
			!e.at.Equal(d.At) && d.Replay || r.Continuation != d.ContinuationUsed || !r.NotBefore.Equal(d.DeliverAt) || r.Key != t.send.key {
			continue
		}
		if r.Fingerprint != t.send.fingerprint {
			broken(9, "%s is answered with the decision of another request", t)
		}
		if e.until != 0 && e.until < t.looked && d.Replay {
			broken(9, "%s is answered with a decision whose message was rerouted before", t)
		}
		if e.firsts += countOf(!d.Replay); e.firsts > 1 && w.stats.Unknown == 0 {
			broken(9, "%s: two answers say that they are the first", t)
		}
		return
	}
	broken(13, "%s is answered with what was never committed: %s", t, d)
}

func countOf(v bool) int {
	if v {
		return 1
	}
	return 0
}

// keyOfAnother reports whether the key of the send was ever used for another
// request.
func (w *world) keyOfAnother(t *task) bool {
	for _, entries := range w.ledger.messages {
		for _, e := range entries {
			r := &e.plan.Record
			if e.plan.Tenant == t.send.tenant.name && r.Key == t.send.key && r.Fingerprint != (message.Fingerprint{}) && r.Fingerprint != t.send.fingerprint {
				return true
			}
		}
	}
	return false
}

// checkUse checks that a view of a fleet counts at least the chats that this
// life of the process opened (§10: use is never counted too low).
func (p *process) checkUse(t *task, view fleet.View) {
	// Until the next poll a view may have a time that the clock showed before
	// it was set right.
	hour := max(line.HourOf(p.Now()), line.HourOf(view.At()))
	for _, l := range t.send.tenant.lines {
		book := p.world.ledger.line(t.send.tenant.name, l.Number)
		own := 0
		for _, o := range p.opened {
			if o.line.tenant == t.send.tenant.name && o.line.what == l.Number && line.HourOf(o.at) > max(hour, book.newest)-25 {
				own++
			}
		}
		if line, is := view.Line(l.Number); line.NewChats < own && (is || !view.Untold(l.Number)) {
			broken(15, "%s counts %d new chats of %s, and opened %d itself", p.name, line.NewChats, l.Number, own)
		}
	}
}

// checkLines checks law 17 for a process that has just read the store, at its
// start or at rest: it knows what any process learned. Lines without events are
// active and healthy, as in the file. The law also holds for lines in a table.
func (p *process) checkLines(when string) {
	states, _, err := p.world.engine.LineStates(context.Background(), 0, 0)
	if err != nil {
		panic(err)
	}
	for _, t := range p.world.tenants {
		view, err := p.lines.View(context.Background(), t.name, p.Now())
		if err != nil {
			panic(err)
		}
		for l := range view.All() {
			for _, s := range states {
				if s.Tenant != t.name || s.Number != l.Number {
					continue
				}
				if l.RecoveredAt.After(s.RecoveredAt) {
					broken(17, "%s %s and takes line %s as recovered at %s, and kept is %s", p.name, when, l.Number.String(), l.RecoveredAt, s.RecoveredAt)
				}
				s.RecoveredAt = l.RecoveredAt // the process may know it earlier than the store
				p.world.ledger.checkRecovery(s)
			}
			said := p.world.ledger.states[of[recipients.Handle]{t.name, l.Number}]
			status, reputation := max(said.Status, line.Active), max(said.Reputation, line.Healthy)
			if l.Status != status || l.Reputation != reputation {
				broken(17, "%s %s and takes line %s for %s, %s, which is %s, %s", p.name, when, l.Number.String(), l.Status, l.Reputation, status, reputation)
			}
		}
	}
}

// checkKept checks law 17 for the store: the state that it keeps of a line is
// everything that was reported, fact by fact, in any order.
func (w *world) checkKept(tenant string, number recipients.Handle) {
	states, _, err := w.engine.LineStates(context.Background(), 0, 0)
	if err != nil {
		panic(err)
	}
	said := w.ledger.states[of[recipients.Handle]{tenant, number}]
	var kept line.State
	for _, s := range states {
		if s.Tenant == tenant && s.Number == number {
			kept = s
		}
	}
	if kept.Number == number {
		w.ledger.checkRecovery(kept)
	}
	if kept.Status != said.Status || kept.Reputation != said.Reputation ||
		!kept.StatusAt.Equal(said.StatusAt) || !kept.ReputationAt.Equal(said.ReputationAt) {
		broken(17, "of %s is kept %s of %s, %s of %s, and said was %s of %s, %s of %s", number.String(),
			kept.Status, kept.StatusAt, kept.Reputation, kept.ReputationAt, said.Status, said.StatusAt, said.Reputation, said.ReputationAt)
	}
}
