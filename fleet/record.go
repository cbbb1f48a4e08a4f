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
	messagesFull
	causes // how many there are
)

// isLimit reports whether time alone mends it.
func (c cause) isLimit() bool { return c == newChatsFull || c == messagesFull }

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

	newChatsPerDay int32
	messagesPerDay int32
	newChats       int32

	// In nanoseconds since 1970; zero where the line has no such time.
	newChatsUntil int64
	messagesUntil int64
	changedAt     int64

	// freeAt is when the limits stop holding the line back, in the same unit,
	// and unknownTime where that cannot be told; it means nothing under causes
	// other than the limits.
	freeAt int64

	rank   uint64
	labels [maxMatches]Label
}

// newRecord makes the record of a line that passed Validate as of a moment.
// slotAt is when the window has room for another new chat if the limit is
// reached, or a time that is past where it is not known; it is not looked at
// otherwise.
func (o *order) newRecord(l line.Line, at, slotAt int64) *record {
	l = l.Normal()
	r := &record{
		digits: l.Number.Digits(), id: l.ID, forwarding: l.Forwarding, label: l.Label,
		status: l.Status, reputation: l.Reputation, ineligible: l.Ineligible, services: l.Services,
		newChatsPerDay: int32(l.Limits.NewChatsPerDay), messagesPerDay: int32(l.Limits.MessagesPerDay), newChats: int32(l.NewChats),
		newChatsUntil: nanos(l.NewChatsFullUntil), messagesUntil: nanos(l.MessagesFullUntil), changedAt: nanos(l.ChangedAt),
		rank: o.rank(l), labels: o.labels(l),
	}
	r.cause, r.freeAt = o.judge(r, at, slotAt)
	return r
}

// judge says what keeps a line from opening chats at a moment, and until when
// its limits do.
func (o *order) judge(r *record, at, slotAt int64) (why cause, freeAt int64) {
	switch {
	case r.status == line.Flagged:
		return flagged, 0
	case r.ineligible:
		return ineligible, 0
	case r.reputation == line.Critical && !o.allowCritical:
		return critical, 0
	}
	if r.messagesUntil > at {
		why, freeAt = messagesFull, r.messagesUntil
	}
	if r.newChatsUntil > at {
		why, freeAt = newChatsFull, max(freeAt, r.newChatsUntil)
	}
	if limit := r.newChatsPerDay; limit > 0 && r.newChats >= limit {
		if slotAt <= at {
			slotAt = unknownTime
		}
		why, freeAt = newChatsFull, max(freeAt, slotAt)
	}
	return why, freeAt
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
	}
}

// toldLine is the line as it was told to be, before anything was learned.
func (r *record) toldLine() line.Line {
	l := r.line()
	l.Status, l.Reputation, l.Ineligible = r.toldStatus, r.toldReputation, r.toldIneligible
	return l
}

// isTold reports whether the line is told to be what it was told to be before.
func (r *record) isTold(l *line.Line) bool {
	return r.id == l.ID && r.forwarding == l.Forwarding && r.label == l.Label && r.services == l.Services &&
		r.toldStatus == l.Status && r.toldReputation == l.Reputation && r.toldIneligible == l.Ineligible &&
		int(r.newChatsPerDay) == l.Limits.NewChatsPerDay && int(r.messagesPerDay) == l.Limits.MessagesPerDay
}

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
