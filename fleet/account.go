package fleet

import (
	"github.com/fromline/fromline/line"
)

// account is what a fleet knows of one number beside what it was told the line
// is: the state it learned, the use the store reported, and the picks of this
// process that the store has not reported yet. It outlives the line, so that a
// number that is taken out and put back is not forgotten. Only the writer of
// its tenant touches it.
type account struct {
	learned facts

	newChats  buckets // as the store reported them
	failovers buckets
	messages  buckets
	pacedAt   int64   // the latest paced time that a store told, in nanoseconds
	held      []hold  // picks in flight
	unseen    []count // picks that were committed, not in use yet
	fullUntil int64   // a commit found the line full until then
	spent     int64   // a commit found that it may take no failover until then

	due int64 // its entry in the tenant's schedule, 0 for none
}

// hold is picks in flight of sends of one time.
type hold struct {
	at    int64 // of the sends, by which they are known
	until int64 // they count no longer
	n     int32

	failovers int32 // of n
}

// count is committed picks that stand in one bucket.
type count struct {
	hour  int64
	polls uint64 // how many polls had begun when they were confirmed
	n     uint32

	// failovers is how many of n are. The n openings move a paced time on to the
	// later of pacedAt and what n steps make of it.
	failovers uint32
	pacedAt   int64
}

// hold counts a pick in flight of a send of the given time.
func (a *account) hold(at, until int64, failover bool) {
	for i := range a.held {
		if h := &a.held[i]; h.at == at {
			h.until = max(h.until, until)
			h.n++
			h.failovers += oneIf(failover)
			return
		}
	}
	a.held = append(a.held, hold{at: at, until: until, n: 1, failovers: oneIf(failover)})
}

func oneIf(is bool) int32 {
	if is {
		return 1
	}
	return 0
}

// release takes a pick in flight back, and is false if there is none of that
// time, because it counted no longer.
func (a *account) release(at int64, failover bool) bool {
	for i := range a.held {
		if a.held[i].at == at {
			a.held[i].failovers -= oneIf(failover)
			if a.held[i].n--; a.held[i].n == 0 {
				a.dropHold(i)
			}
			return true
		}
	}
	return false
}

// prune drops what counts no longer: picks in flight that were not settled in
// time, for the process that made them has died or has long committed them, and
// committed picks that left the window of the hour. A paced time that lies
// ahead stays, for a step may be longer than the window.
func (a *account) prune(now int64) {
	for i := len(a.held) - 1; i >= 0; i-- {
		if a.held[i].until <= now {
			a.dropHold(i)
		}
	}
	a.keep(func(c *count) bool {
		if c.hour > hourOf(now)-line.WindowHours {
			return true
		}
		c.n, c.failovers = 0, 0
		return c.pacedAt > now
	})
}

func (a *account) dropHold(i int) {
	last := len(a.held) - 1
	a.held[i] = a.held[last]
	if a.held = a.held[:last]; last == 0 {
		a.held = nil
	}
}

// confirm counts a committed pick, of a send of the given time on a line with
// that step, until a poll that began later is done.
func (a *account) confirm(at, step, hour int64, polls uint64, failover bool) {
	hour = max(hour, a.newChats.newest) // as the store counts it
	paced := a.committed(step)
	if step > 0 {
		paced = max(paced, at) + step
	}
	for i := range a.unseen {
		if c := &a.unseen[i]; c.hour == hour && c.polls == polls {
			c.n++
			c.failovers += uint32(oneIf(failover))
			c.pacedAt = paced
			return
		}
	}
	a.unseen = append(a.unseen, count{hour: hour, polls: polls, n: 1, failovers: uint32(oneIf(failover)), pacedAt: paced})
}

// paced returns the paced time of the line with all picks of this process, at
// the given step.
func (a *account) paced(step int64) int64 {
	at := a.committed(step)
	if step == 0 {
		return at
	}
	for i := range a.held {
		at = max(at, cutToMicros(a.held[i].at)) + int64(a.held[i].n)*step
	}
	return at
}

// committed is paced without the picks in flight.
func (a *account) committed(step int64) int64 {
	at := a.pacedAt
	if step == 0 {
		return at
	}
	for i := range a.unseen {
		at = max(at+int64(a.unseen[i].n)*step, a.unseen[i].pacedAt)
	}
	return at
}

// cutToMicros is micros for nanoseconds since 1970.
func cutToMicros(at int64) int64 { return at - (at%1000+1000)%1000 }

// see forgets the committed picks that a poll, the given one of all, must have
// reported.
func (a *account) see(poll uint64) { a.keep(func(c *count) bool { return c.polls >= poll }) }

func (a *account) keep(counts func(*count) bool) {
	kept := a.unseen[:0]
	for i := range a.unseen {
		if c := a.unseen[i]; counts(&c) {
			kept = append(kept, c)
		}
	}
	if a.unseen = kept; len(kept) == 0 {
		a.unseen = nil
	}
}

// total returns the use of the line with all picks of this process, as it is
// known in the given hour.
func (a *account) total(hour int64) line.Use {
	t := line.Use{Hour: a.newChats.newest, MessagesHour: a.messages.newest}
	a.newChats.unpack(&t.NewChats)
	a.failovers.unpack(&t.Failovers)
	a.messages.unpack(&t.Messages)
	t.Advance(hour)
	for _, c := range a.unseen {
		t.Advance(c.hour)
		if i := t.Hour - c.hour; i < line.WindowHours {
			t.NewChats[i] += c.n
			t.Failovers[i] += c.failovers
		}
	}
	for _, h := range a.held {
		t.NewChats[0] += uint32(h.n)
		t.Failovers[0] += uint32(h.failovers)
	}
	return t
}

// next returns the first moment after now at which time alone changes what the
// account says, and unknownTime where none does.
func (a *account) next(total *line.Use, now int64, others ...int64) int64 {
	next := int64(unknownTime)
	at := func(t int64) {
		if t > now {
			next = min(next, t)
		}
	}
	for i := line.WindowHours - 1; i >= 0; i-- {
		if total.NewChats[i] > 0 {
			at((total.Hour - int64(i) + line.WindowHours) * nanosPerHour)
			break
		}
	}
	at(a.fullUntil)
	at(a.spent)
	for _, other := range others {
		at(other)
	}
	for _, h := range a.held {
		at(h.until)
	}
	return next
}

const nanosPerHour = int64(3600 * 1e9)

// hourOf is HourOf for nanoseconds since 1970.
func hourOf(nanos int64) int64 {
	h := nanos / nanosPerHour
	if nanos%nanosPerHour < 0 {
		h--
	}
	return h
}
