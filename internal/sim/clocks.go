package sim

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/store"
)

// maxSkew is how far a clock may be off in worlds that compare clocks.
const maxSkew = 5 * time.Minute

// wrong reports whether the clock of the process is so far from that of the
// store that the process may change nothing.
func (p *process) wrong() bool { return p.world.compared && p.skew.Abs() > maxSkew }

// timely checks law 20 for a plan that the store has just committed.
func (w *world) timely(t *task, p *store.Plan) {
	if ahead := p.At.Sub(w.now); w.compared && ahead.Abs() > maxSkew {
		broken(20, "%s: a plan is committed that is %v ahead of the store", t, ahead)
	}
}

// stopped checks law 20 for an answer: a process that compares its clock with
// that of the store, and is too far off, answers with nothing but that.
func (t *task) stopped() {
	said := errors.Is(t.err, store.ErrClock)
	t.world.stats.Stopped += countOf(said)
	if t.process.asks && t.process.wrong() && !said {
		broken(20, "%s is answered by a process that is %v ahead: %v", t, t.process.skew, t.err)
	}
}

// purgeBy makes a process purge by its own clock. That removes nothing that the
// clock of the store would keep. Records are kept for longer than a call lasts,
// by clocks that were compared.
func (w *world) purgeBy(p *process) {
	w.handOver()
	if !w.quiet() {
		return
	}
	now, before := w.now, store.PurgeBefore(w.now, p.Now())
	if w.bug.PurgesByClock {
		w.now = p.Now()
	}
	if _, err := w.engine.Purge(context.Background(), p.Now(), 0); err != nil {
		panic(err)
	}
	w.now = now
	w.ledger.purge(before)
	w.stats.WrongPurges += countOf(p.wrong())
	w.log("%s purged", p.name)
}

// setRight sets all wrong clocks right. The processes continue by themselves
// from their next poll, and report what they could not report before.
func (w *world) setRight() {
	for _, p := range w.processes {
		if !p.wrong() {
			continue
		}
		p.skew = 0
		p.poll()
		w.log("the clock of %s is set right", p.name)
		for _, l := range p.untold {
			w.lineRefusedBy(p, l.tenant, l.what)
		}
		p.untold = nil
	}
}
