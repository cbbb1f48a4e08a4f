package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// drain lets everything end without faults, and then checks the laws of a world
// at rest.
func (w *world) drain() {
	w.faults = 0
	for _, p := range w.processes {
		w.othersPick(p, 0)
	}
	w.log("from now on nothing goes wrong")
	w.setRight()
	for len(w.late) > 0 {
		w.land(0)
	}
	for round := 0; ; round++ {
		for tasks := w.tasks(); len(tasks) > 0; tasks = w.tasks() {
			if w.stats.Steps++; w.stats.Steps > 100_000 {
				broken(13, "%s goes on for ever", tasks[0])
			}
			w.move(tasks[0])
		}
		waiting := 0
		for _, s := range w.sends {
			if s.over {
				continue
			}
			if waiting++; round > 3 {
				broken(13, "%s is never answered", s)
			}
			t := w.processes[round%len(w.processes)].start(s)
			w.move(t)
		}
		if waiting == 0 {
			break
		}
	}
	w.allTold()
	w.releaseAll()
	w.handOver()
	w.allHandedOver()
	w.settled()
}

// handOver empties the outbox. Dispatchers that hold deliveries are too late.
func (w *world) handOver() {
	for range 10_000 {
		backlog, err := w.engine.Backlog(context.Background())
		if err != nil {
			panic(err)
		}
		if backlog.Waiting == 0 {
			break
		}
		w.now = w.now.Add(time.Minute) // leases end, and retries become due
		d := &dispatcher{world: w, name: "the last dispatcher", process: w.processes[0]}
		d.claim(100)
		for _, c := range d.held {
			w.ledger.last(c.Lease.Tenant, c.Lease.MessageID).leaves = recipients.Handle{} // this hand-over reroutes nothing
			d.send(c)
			d.ack(c)
		}
	}
}

// allHandedOver checks law 18 in a world at rest.
func (w *world) allHandedOver() {
	var lost *entry // the earliest, so that a world always reports the same
	for _, entries := range w.ledger.messages {
		for _, e := range entries {
			if e.handed == 0 && !e.dropped && (lost == nil || e.place < lost.place) {
				lost = e
			}
		}
	}
	if lost != nil {
		broken(18, "message %s of %s was committed and never handed over", lost.plan.MessageID, lost.plan.Tenant)
	}
}

// settled checks that every pick was confirmed or released: a fleet counts what
// the store counts.
func (w *world) settled() {
	uses, _, err := w.engine.LineUse(context.Background(), 0, 0)
	if err != nil {
		panic(err)
	}
	for _, p := range w.processes {
		p.poll()
		p.checkLines("is at rest")
		for i := range uses {
			view, err := p.lines.View(context.Background(), uses[i].Tenant, p.Now())
			if err != nil {
				panic(err)
			}
			l, _ := view.Line(uses[i].Number)
			if n := uses[i].Window(line.HourOf(p.Now())); l.NewChats != n && !w.bug.NoPoll {
				broken(15, "%s counts %d new chats of %s at rest, and the store %d", p.name, l.NewChats, l.Number, n)
			}
		}
	}
}
