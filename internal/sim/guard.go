package sim

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// carries checks that a plan has the bounds that the guard of the world puts on
// its line.
func (w *world) carries(s *send, p *store.Plan) {
	limit := s.tenant.limit(p.Line)
	b := w.guard.Bounds(limit, time.Time{}, p.At)
	failovers := 0
	if p.Reason == store.FailoverFlagged {
		failovers = b.Failovers
	}
	if p.Pace != b.Pace || p.FailoverLimit != failovers {
		broken(15, "%s: committed with the pace %v and %d failovers, and the guard says %+v", s, p.Pace, p.FailoverLimit, b)
	}
}

// due checks that a message that waits for its slot is not claimed before.
func (w *world) due(c store.Claimed) {
	if e := w.ledger.last(c.Lease.Tenant, c.Lease.MessageID); e != nil && w.now.Before(e.plan.NotBefore) {
		broken(15, "message %s is claimed at %s, and its slot is at %s", c.Delivery.MessageID, w.now, e.plan.NotBefore)
	}
}

// bounded checks the half of law 15 that is about guards, of an opening in the
// order of commits, whatever the clocks say, and takes it in: the line is not
// paced, and has not taken its share of failovers. Plans carry the bounds.
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
