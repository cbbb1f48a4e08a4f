package fleet

import "github.com/fromline/fromline/line"

// foresee finds out when the limits of a young line stop holding it back. Its
// allowance grows from day to day, and its step shrinks: so the bounds of today
// do not tell it.
func (o *order) foresee(r *record, use *line.Use, now int64) {
	if r.cause.isLimit() {
		r.freeAt = o.foreseen(r, use, now, false)
	}
	if r.held {
		r.heldUntil = o.foreseen(r, use, now, true)
	}
}

// foreseen returns the first moment at which a line may open a chat if it opens
// none until then. Within one of its days the bounds stay, and what holds it
// back only ceases.
func (o *order) foreseen(r *record, use *line.Use, now int64, failover bool) int64 {
	l := r.line()
	for {
		b := o.bounds(&l, now)
		at := instant(now)
		free := max(now, r.newChatsUntil, r.messagesUntil, nanos(b.Pace.Slot(l.PacedAt)))
		if hour := line.HourOf(at); use.Full(hour, b.Allowance) {
			free = max(free, nanos(use.NextFree(hour, b.Allowance)))
		}
		if failover {
			free = max(free, r.sharesUntil)
			if hour := line.HourOf(at); use.FailoversFull(hour, b.Failovers) {
				free = max(free, nanos(use.FailoversNextFree(hour, b.Failovers)))
			}
		}
		if free == now {
			return now
		}
		now = free
		if b.Young {
			now = min(now, nanos(b.NextDay))
		}
	}
}
