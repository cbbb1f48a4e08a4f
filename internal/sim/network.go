package sim

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// errLost is the error of a caller whose connection broke: the outcome is
// unknown.
var errLost = errors.New("the connection to the store was lost")

// request is a call of a process to the store, on its way or back.
type request struct {
	task  *task
	sent  time.Time
	query *store.Query    // of a look-up
	plan  *store.Plan     // of a commit or a reroute
	lease *store.LeaseID  // of a reroute
	facts reference.Facts // the facts from which the plan must follow

	tenant string // of a question about known lines
	known  [][]recipients.Handle

	executed bool // the store has executed it; the reply is below
	snapshot store.Snapshot
	given    *store.Claimed // of a commit that leased its delivery
	err      error

	lines     []store.KnownLine
	strangers map[recipients.Handle]int // the correct answer about the lines

	broken error // the error of the caller, in place of the reply
}

// remote is the store as a process sees it: every call pauses the task until
// the world has decided what happens to the call.
type remote struct{ process *process }

func (r remote) call(req *request) {
	t := r.process.world.current
	req.task, req.sent = t, r.process.world.now
	t.request = req
	t.pause()
	t.request = nil
}

// Lookup implements store.ChatStore.
func (r remote) Lookup(_ context.Context, q store.Query) (store.Snapshot, error) {
	req := &request{query: &q}
	r.call(req)
	if req.broken != nil {
		return store.Snapshot{}, req.broken
	}
	req.task.told.snapshot = req.snapshot
	return req.snapshot, req.err
}

// Commit implements store.ChatStore.
func (r remote) Commit(_ context.Context, p *store.Plan) error {
	t := r.process.world.current
	req := &request{plan: p, facts: t.facts()}
	t.tried = true
	r.call(req)
	if req.broken != nil {
		t.world.stats.Unknown++
		return req.broken
	}
	if req.given != nil {
		r.process.take(*req.given)
	}
	return req.err
}

// Apply panics: Routers do not call it.
func (r remote) Apply(context.Context, string, []store.Event) error { panic("sim: not called") }

// execute executes a request at the store.
func (w *world) execute(req *request) {
	if req.executed {
		return
	}
	req.executed = true
	if req.query != nil {
		req.task.looked = w.stats.Steps
		req.snapshot, req.err = w.store.Lookup(context.Background(), *req.query)
		w.log("%s: look-up finds %d chats, record %v", req.task, len(req.snapshot.Chats), req.snapshot.Record != nil)
		return
	}
	if req.known != nil {
		req.strangers = w.strangers(req.task)
		req.lines, req.err = w.knower.KnownLines(context.Background(), req.tenant, req.known)
		w.log("%s: %d lines are known", req.task, len(req.lines))
		return
	}
	before := w.truth(req.plan)
	if req.lease != nil {
		req.err = w.outbox.Reroute(context.Background(), *req.lease, req.plan)
	} else {
		req.err = w.commit(req)
	}
	w.log("%s: commit of %s: %v", req.task, req.plan.Reason, describe(req.err))
	var conflict *store.Conflict
	switch {
	case req.err == nil:
		w.committed(req, before)
		if c := req.given; c != nil {
			w.stats.Leased++
			w.ledger.claimed(*c, w.others(*c))
		}
	case errors.As(req.err, &conflict) && conflict.Kind == store.LineFull:
		w.stats.FullLines++
	case conflict != nil:
		w.stats.Conflicts++
	case errors.Is(req.err, store.ErrClock):
		w.stats.Mistimed++
	}
}

// commit commits a plan, and mostly leases its delivery to the process.
func (w *world) commit(req *request) error {
	if w.bug.Store != nil || w.draw.once(3) {
		return w.store.Commit(context.Background(), req.plan)
	}
	id, err := w.outbox.CommitLeased(context.Background(), req.plan, lease)
	if id != (store.LeaseID{}) {
		d, _ := req.plan.Delivery()
		req.given = &store.Claimed{Lease: id, Delivery: d, Attempts: 1, At: store.Micros(req.plan.At)}
	}
	return err
}

// deliver continues a task that waits for the store. Mostly its request is
// executed and answered; in a world with faults, things go wrong.
func (w *world) deliver(t *task) {
	req := t.request
	fate := 0
	if w.faults > 0 {
		fate = w.draw.below(24 / w.faults)
	}
	switch {
	case fate == 1 && !req.executed: // the reply is late
		w.execute(req)
		return
	case fate == 2 && !req.executed: // the call is lost
		req.broken = errLost
		w.log("%s: the call is lost", t)
	case fate == 2 || fate == 3: // the reply is lost
		w.execute(req)
		req.broken = errLost
		w.log("%s: the reply is lost", t)
	case fate == 4 && !req.executed: // the caller gives up, and the call is still on its way
		req.broken = errLost
		w.late = append(w.late, req)
		w.log("%s: the call is given up, and lands later", t)
	case fate == 5 && t.ctx.Err() == nil: // the client goes away
		t.cancel()
		req.broken = context.Canceled
		if !req.executed {
			w.late = append(w.late, req)
		}
		w.log("%s: the client goes away", t)
	default:
		w.execute(req)
	}
	t.resume()
}

// land lets a request arrive that was given up, unless it is too old: engines
// end a request whose client has gone.
func (w *world) land(i int) {
	req := w.late[i]
	w.late = append(w.late[:i], w.late[i+1:]...)
	if w.now.Sub(req.sent) < lateness {
		w.log("%s: the late call lands", req.task)
		w.execute(req)
	}
}

// lateness is how long after its start a call that was given up may still
// arrive.
const lateness = 30 * time.Minute
