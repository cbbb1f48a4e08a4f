package sim

import (
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// carries checks that a plan has the bounds of the world's guard for its line,
// on the day that the line is on as far as the Router knew. The ramp counts
// from the start in the file, or from the last recovery that the Router
// learned, whichever is later. By the file alone the bounds are not narrower.
func (w *world) carries(req *request) {
	s, p := req.task.send, req.plan
	told, at := s.tenant.line(p.Line), req.facts.At
	for _, l := range req.facts.Lines {
		if l.Number == p.Line {
			if told.RecoveredAt = l.RecoveredAt; !l.StartedAt.Equal(told.StartedAt) {
				broken(17, "%s: line %s is taken to have started at %s", s, p.Line, l.StartedAt)
			}
		}
	}
	limit := told.Limits.NewChatsPerDay
	b := w.guard.Bounds(limit, told.Start(), at)
	failovers := 0
	if p.Reason == store.FailoverFlagged {
		failovers = b.Failovers
	}
	if p.Pace != b.Pace || p.FailoverLimit != failovers || p.NewChatLimit != b.Allowance {
		broken(15, "%s: committed with an allowance of %d, the pace %v and %d failovers, and the guard says %+v", s, p.NewChatLimit, p.Pace, p.FailoverLimit, b)
	}
	w.stats.Young += countOf(b.Young)
	n := w.ledger.line(p.Tenant, p.Line).window(0)
	if most := w.guard.Bounds(limit, told.StartedAt, at).Allowance; p.NewChatLimit > 0 && n > p.NewChatLimit || most > 0 && n > most {
		broken(15, "%s: line %s has opened %d chats in its window, and may open %d, by the file %d", s, p.Line, n, p.NewChatLimit, most)
	}
}

// due checks that a message that waits for its slot is not claimed before.
func (w *world) due(c store.Claimed) {
	if e := w.ledger.last(c.Lease.Tenant, c.Lease.MessageID); e != nil && w.now.Before(e.plan.NotBefore) {
		broken(15, "message %s is claimed at %s, and its slot is at %s", c.Delivery.MessageID, w.now, e.plan.NotBefore)
	}
}

// bounded checks the part of law 15 about guards, for an opening in the order
// of commits, by the times in the plans: the pace does not hold the line back,
// and the line has not taken all its failovers. Then it counts the opening.
func (b *lineBook) bounded(p *store.Plan) {
	if p.Pace.Holds(b.pacedAt, p.PacedAt()) {
		broken(15, "line %s opens at %s, and its pace holds it back until %s", p.Line, p.PacedAt(), p.Pace.Slot(b.pacedAt))
	}
	b.pacedAt = p.Pace.After(b.pacedAt, p.PacedAt())
	if p.Reason != store.FailoverFlagged {
		return
	}
	newest, taken := max(b.newest, line.HourOf(p.At)), 0
	for _, hour := range b.failovers {
		if hour > newest-line.WindowHours {
			taken++
		}
	}
	if p.FailoverLimit > 0 && taken >= p.FailoverLimit {
		broken(15, "line %s takes its failover %d, and may take %d", p.Line, taken+1, p.FailoverLimit)
	}
	b.failovers = append(b.failovers, newest)
}
