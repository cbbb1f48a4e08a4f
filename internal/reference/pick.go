package reference

import (
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// best returns the best line that may open the chat, by §10, and false if there
// is none.
func (f *Facts) best(excluded []recipients.Handle) (line.Line, bool) {
	var eligible []line.Line
	for _, l := range f.Lines {
		if f.obstacle(l, excluded) == none {
			eligible = append(eligible, l)
		}
	}
	if len(eligible) == 0 {
		return line.Line{}, false
	}
	least := f.scores(eligible[0])
	for _, l := range eligible {
		if s := f.scores(l); slices.Compare(s, least) < 0 {
			least = s
		}
	}
	var equal []line.Line
	for _, l := range eligible {
		if slices.Equal(f.scores(l), least) {
			equal = append(equal, l)
		}
	}
	return f.nextOnRing(equal), true
}

// nextOnRing returns the first line at or after the place of the recipients, or
// else the first line.
func (f *Facts) nextOnRing(lines []line.Line) line.Line {
	set, err := recipients.NewSet(f.Send.To...)
	if err != nil {
		panic(err) // the test sends to no person
	}
	slices.SortFunc(lines, func(a, b line.Line) int {
		if a.Number.Ring() < b.Number.Ring() {
			return -1
		}
		return 1
	})
	for _, l := range lines {
		if l.Number.Ring() >= set.Key().Ring() {
			return l
		}
	}
	return lines[0]
}

// scores returns the values of the six criteria for a line. Less is better.
func (f *Facts) scores(l line.Line) []int {
	reputation := 0
	switch l.Reputation {
	case line.AtRisk:
		reputation = 1
	case line.Critical:
		reputation = 2
	}

	country, area, province := 0, 0, 0
	where := mostFrequent(f.Send.To, func(h recipients.Handle) int { return int(h.Country()) })
	if slices.ContainsFunc(f.Send.To, recipients.Handle.IsPhone) && (where == 0 || int(l.Number.Country()) != where) {
		country = 1
	}
	var there []recipients.Handle // the +1 recipients of that country
	for _, h := range f.Send.To {
		if where != 0 && int(h.Country()) == where && h.AreaCode() != 0 {
			there = append(there, h)
		}
	}
	if len(there) > 0 {
		place := mostFrequent(there, func(h recipients.Handle) int { return int(h.Place()) })
		if country == 1 || place == 0 || int(l.Number.Place()) != place {
			area = 1
		}
		state := mostFrequent(there, func(h recipients.Handle) int { return int(h.Province()) })
		if country == 1 || state == 0 || int(l.Number.Province()) != state {
			province = 1
		}
	}

	allowance := f.bounds(l).Allowance
	if allowance == 0 {
		allowance = 50
	}
	use := l.NewChats * 10 / allowance

	if f.Strangers != nil {
		return []int{reputation, country, f.Strangers[l.Number], use, area, province, l.NewChats}
	}
	return []int{reputation, country, use, area, province, l.NewChats}
}

// mostFrequent returns the number that most distinct handles have, the lowest
// of several, and 0 if no handle has one.
func mostFrequent(handles []recipients.Handle, number func(recipients.Handle) int) int {
	times := map[int]int{}
	for _, h := range sorted(handles) {
		if n := number(h); n != 0 {
			times[n]++
		}
	}
	best := 0
	for n, count := range times {
		if best == 0 || count > times[best] || count == times[best] && n < best {
			best = n
		}
	}
	return best
}

// MayOpen reports whether a line may open this chat, with the service that the
// content needs.
func (f *Facts) MayOpen(l line.Line) bool {
	asked := *f
	continued := f.Send.Continuation && Decide(*f).Branch == store.FailoverFlagged
	asked.Send.Service = f.Send.needs(f.Send.CardOrClip && !continued)
	return asked.obstacle(l, asked.Send.ExcludeFrom) == none
}

// obstacle is the reason why a line may not open a chat, in the order of §11.
type obstacle int

const (
	none obstacle = iota
	isFlagged
	isIneligible
	isCritical
	atNewChatLimit
	atMessageLimit
	wrongService
	isExcluded
	isRecipient
	isPaced
	atFailoverShare
)

// obstacle returns the first obstacle of a line.
func (f *Facts) obstacle(l line.Line, excluded []recipients.Handle) obstacle {
	switch {
	case l.Status == line.Flagged:
		return isFlagged
	case l.Ineligible:
		return isIneligible
	case l.Reputation == line.Critical && !f.AllowCritical:
		return isCritical
	case f.newChatsFull(l):
		return atNewChatLimit
	case f.bounds(l).Pace.Holds(l.PacedAt, f.At):
		return isPaced
	case f.messagesFull(l):
		return atMessageLimit
	case len(f.Matching()) > 0 && f.failoversFull(l):
		return atFailoverShare
	case !serves(l, f.needed()):
		return wrongService
	case slices.Contains(excluded, l.Number):
		return isExcluded
	case slices.Contains(f.Send.To, l.Number):
		return isRecipient
	}
	return none
}

// bounds returns the bounds that the guard sets for a line, by §10a.
func (f *Facts) bounds(l line.Line) line.Bounds {
	return f.Guard.Bounds(l.Limits.NewChatsPerDay, l.Start(), f.At)
}

func (f *Facts) failoversFull(l line.Line) bool {
	limit := f.bounds(l).Failovers
	return limit > 0 && l.Failovers >= limit || l.FailoversFullUntil.After(f.At)
}

func (f *Facts) newChatsFull(l line.Line) bool {
	limit := f.bounds(l).Allowance
	return limit > 0 && l.NewChats >= limit || l.NewChatsFullUntil.After(f.At)
}

func (f *Facts) messagesFull(l line.Line) bool { return l.MessagesFullUntil.After(f.At) }

func serves(l line.Line, service message.Service) bool {
	return service == 0 || l.Services == 0 || slices.Contains(l.Services.List(), service)
}

// passedOver counts the lines by the first obstacle of each.
func (f *Facts) passedOver() fleet.Counts {
	var c fleet.Counts
	for _, l := range f.Lines {
		switch f.obstacle(l, f.Send.ExcludeFrom) {
		case isFlagged:
			c.Flagged++
		case isIneligible:
			c.Ineligible++
		case isCritical:
			c.Critical++
		case atNewChatLimit:
			c.NewChatLimit++
		case isPaced:
			c.Pace++
		case atFailoverShare:
			c.FailoverShare++
		case atMessageLimit:
			c.MessageLimit++
		case wrongService:
			c.WrongService++
		case isExcluded:
			c.Excluded++
		case isRecipient:
			c.Recipient++
		case none:
			c.Eligible++
		}
	}
	c.NextFree = f.nextFree()
	return c
}

// nextFree returns when the first of the lines that only their limits hold back
// may open a chat, if nothing else changes. It is zero if no line has such a
// time.
func (f *Facts) nextFree() time.Time {
	var first time.Time
	for _, l := range f.Lines {
		shared := len(f.Matching()) > 0 && f.failoversFull(l)
		full := f.newChatsFull(l) || f.messagesFull(l) || f.bounds(l).Pace.Holds(l.PacedAt, f.At) || shared
		unlimited := l
		unlimited.Limits, unlimited.NewChatsFullUntil, unlimited.MessagesFullUntil = line.Limits{}, time.Time{}, time.Time{}
		unlimited.PacedAt, unlimited.Failovers, unlimited.FailoversFullUntil = time.Time{}, 0, time.Time{}
		if !full || f.obstacle(unlimited, f.Send.ExcludeFrom) != none {
			continue
		}
		if shared && !l.FailoversFullUntil.After(f.At) {
			continue
		}
		counted := l.Limits.NewChatsPerDay > 0 && l.NewChats >= l.Limits.NewChatsPerDay
		if counted && !l.NewChatsFullUntil.After(f.At) {
			continue // it is not known when one is free
		}
		free := f.At
		for _, until := range []time.Time{l.NewChatsFullUntil, l.MessagesFullUntil, f.slot(l), l.FailoversFullUntil} {
			if until.Equal(l.FailoversFullUntil) && !shared {
				continue
			}
			if until.After(free) {
				free = until
			}
		}
		if first.IsZero() || free.Before(first) {
			first = free
		}
	}
	return first
}
