package fleet

import (
	"math"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// cause is why a line cannot open chats, whatever the query, in the order of
// docs/rules.md §11; open where it can.
type cause uint8

const (
	open cause = iota
	flagged
	ineligible
	critical
	newChatsFull
	paced
	messagesFull
	causes // how many there are
)

// isLimit reports whether time alone mends it.
func (c cause) isLimit() bool { return c >= newChatsFull && c <= messagesFull }

// record is what a view holds of one line: the line without its spare room, and
// what the policy makes of it. Records are never changed, only replaced, so
// that views share them.
type record struct {
	digits     uint64 // of the number
	id         string
	forwarding string
	label      string

	status     line.Status
	reputation line.Reputation
	ineligible bool
	services   line.ServiceSet
	cause      cause

	// What the line was told to be, which holds where nothing else was learned;
	// only a [Fleet] keeps it.
	toldStatus     line.Status
	toldIneligible bool
	toldReputation line.Reputation

	// held says that the line takes no failovers for its share of them, in a state
	// in which nothing else than limits keeps it from opening chats.
	held bool

	// waits says that nothing but its pace keeps the line from opening chats.
	waits bool

	guard       *line.Guard // of its own; nil for that of the fleet
	startedAt   int64       // these in nanoseconds since 1970, zero for never
	recoveredAt int64
	pacedAt     int64

	toldRecoveredAt int64

	// What the guard makes of the line on its day.
	allowance     int32 // of new chats, 0 for any number
	failoverLimit int32 // 0 for any number
	failovers     int32
	day           int16 // of its ramp, -1 for a grown line
	burst         int16 // of its pace
	step          int64 // of its pace, in nanoseconds

	newChatsPerDay int32
	messagesPerDay int32
	newChats       int32

	// In nanoseconds since 1970; zero if the line has no such time.
	newChatsUntil int64
	messagesUntil int64
	sharesUntil   int64 // a commit found the share used up until then
	changedAt     int64

	// freeAt is when the limits stop holding the line back, in the same unit,
	// and unknownTime where that cannot be told; it is zero under causes other
	// than the limits. heldUntil is the same for failovers, where the line is
	// held.
	freeAt    int64
	heldUntil int64

	rank   uint64
	labels [maxMatches]Label
}

// slots are when the window has room again, for another new chat and for
// another failover, where the bound is reached: a time that is past is not
// known.
type slots struct{ newChats, failovers int64 }

// bounds returns what the guard makes of a line at a moment.
func (o *order) bounds(l *line.Line, at int64) line.Bounds {
	guard := &o.guard
	if l.Guard != nil {
		guard = l.Guard
	}
	if guard.IsZero() {
		return line.Bounds{Allowance: l.Limits.NewChatsPerDay}
	}
	return guard.Bounds(l.Limits.NewChatsPerDay, l.Start(), instant(at))
}

// newRecord makes the record of a line that passed Validate as of a moment,
// when it has the given bounds.
func (o *order) newRecord(l line.Line, b line.Bounds, at int64, free slots) *record {
	l = l.Normal()
	l.Allowance = b.Allowance
	r := &record{
		digits: l.Number.Digits(), id: l.ID, forwarding: l.Forwarding, label: l.Label,
		status: l.Status, reputation: l.Reputation, ineligible: l.Ineligible, services: l.Services,
		newChatsPerDay: int32(l.Limits.NewChatsPerDay), messagesPerDay: int32(l.Limits.MessagesPerDay), newChats: int32(l.NewChats),
		newChatsUntil: nanos(l.NewChatsFullUntil), messagesUntil: nanos(l.MessagesFullUntil), sharesUntil: nanos(l.FailoversFullUntil),
		changedAt: nanos(l.ChangedAt), guard: l.Guard, startedAt: nanos(l.StartedAt), recoveredAt: nanos(l.RecoveredAt), pacedAt: nanos(l.PacedAt),
		allowance: int32(b.Allowance), failoverLimit: int32(b.Failovers), failovers: int32(l.Failovers),
		day: -1, burst: int16(b.Pace.Burst), step: int64(b.Pace.Step),
		rank: o.rank(l), labels: o.labels(l),
	}
	if b.Young {
		r.day = int16(b.Day)
	}
	o.judge(r, at, free)
	return r
}

// judge says what keeps a line from opening chats and from taking failovers at
// a moment, and until when its limits do.
func (o *order) judge(r *record, at int64, free slots) {
	switch {
	case r.status == line.Flagged:
		r.cause = flagged
		return
	case r.ineligible:
		r.cause = ineligible
		return
	case r.reputation == line.Critical && !o.allowCritical:
		r.cause = critical
		return
	}
	if r.messagesUntil > at {
		r.cause, r.freeAt = messagesFull, r.messagesUntil
	}
	if slot := r.slot(); slot > at {
		r.cause, r.freeAt = paced, max(r.freeAt, slot)
	}
	if r.newChatsUntil > at {
		r.cause, r.freeAt = newChatsFull, max(r.freeAt, r.newChatsUntil)
	}
	known := func(slot int64) int64 {
		if slot <= at {
			return unknownTime
		}
		return slot
	}
	if limit := r.allowance; limit > 0 && r.newChats >= limit {
		r.cause, r.freeAt = newChatsFull, max(r.freeAt, known(free.newChats))
	}
	r.waits = r.cause == paced && r.messagesUntil <= at
	if r.sharesUntil > at {
		r.held, r.heldUntil = true, max(r.freeAt, r.sharesUntil)
	}
	if limit := r.failoverLimit; limit > 0 && r.failovers >= limit {
		r.held, r.heldUntil = true, max(r.freeAt, r.heldUntil, known(free.failovers))
	}
}

// freeFor returns when the limits stop holding the line back from an opening of
// a kind.
func (r *record) freeFor(failover bool) int64 {
	if failover && r.held {
		return r.heldUntil
	}
	return r.freeAt
}

// pace and slot are the pace of the line, and from when on it lets it open a
// chat.
func (r *record) pace() line.Pace {
	return line.Pace{Step: time.Duration(r.step), Burst: int(r.burst)}
}

func (r *record) slot() int64 {
	if r.step == 0 || r.pacedAt == 0 {
		return 0
	}
	return r.pacedAt - int64(r.burst-1)*r.step
}

func (r *record) number() recipients.Handle { return phone(r.digits) }

func (r *record) ring() uint64 { return r.number().Ring() }

// phone returns the number with digits that came from one.
func phone(digits uint64) recipients.Handle {
	h, err := recipients.FromDigits(digits)
	if err != nil {
		panic(err)
	}
	return h
}

// line gives the record back as the line it was made of.
func (r *record) line() line.Line {
	return line.Line{
		Number: r.number(), ID: r.id, Forwarding: r.forwarding, Label: r.label,
		Status: r.status, Reputation: r.reputation, Ineligible: r.ineligible, Services: r.services,
		Limits:            line.Limits{NewChatsPerDay: int(r.newChatsPerDay), MessagesPerDay: int(r.messagesPerDay)},
		NewChats:          int(r.newChats),
		NewChatsFullUntil: instant(r.newChatsUntil), MessagesFullUntil: instant(r.messagesUntil), ChangedAt: instant(r.changedAt),
		Guard: r.guard, StartedAt: instant(r.startedAt), RecoveredAt: instant(r.recoveredAt),
		Allowance: int(r.allowance), Failovers: int(r.failovers), PacedAt: instant(r.pacedAt), FailoversFullUntil: instant(r.sharesUntil),
	}
}

// toldLine is the line as it was told to be, before anything was learned.
func (r *record) toldLine() line.Line {
	l := r.line()
	l.Status, l.Reputation, l.Ineligible = r.toldStatus, r.toldReputation, r.toldIneligible
	l.RecoveredAt = instant(r.toldRecoveredAt)
	return l
}

// isTold reports whether the line is told to be what it was told to be before.
func (r *record) isTold(l *line.Line) bool {
	return r.id == l.ID && r.forwarding == l.Forwarding && r.label == l.Label && r.services == l.Services &&
		r.toldStatus == l.Status && r.toldReputation == l.Reputation && r.toldIneligible == l.Ineligible &&
		int(r.newChatsPerDay) == l.Limits.NewChatsPerDay && int(r.messagesPerDay) == l.Limits.MessagesPerDay &&
		r.startedAt == nanos(l.StartedAt) && r.toldRecoveredAt == nanos(l.RecoveredAt) && sameGuard(r.guard, l.Guard)
}

func sameGuard(a, b *line.Guard) bool { return a == b || a != nil && b != nil && *a == *b }

// unknownTime is a time that cannot be told.
const unknownTime = math.MaxInt64

// freeTime is instant for a freeAt.
func freeTime(n int64) time.Time {
	if n == unknownTime {
		return time.Time{}
	}
	return instant(n)
}

// nanos and instant carry times in eight bytes: nanoseconds since 1970, with
// the zero time as zero. Times before 1678 or after 2262 count as those years,
// and the very moment of 1970 as the nanosecond after it.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case t.IsZero():
		return 0
	case s < year1679:
		return math.MinInt64
	case s >= year2262:
		return math.MaxInt64
	}
	if n := t.UnixNano(); n != 0 {
		return n
	}
	return 1
}

// When these years begin, in seconds since 1970.
const (
	year1679 = -9_183_024_000
	year2262 = 9_214_646_400
)

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
