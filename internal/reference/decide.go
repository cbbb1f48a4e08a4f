package reference

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Facts are the facts of one decision. The § are those of docs/rules.md.
type Facts struct {
	Send Send

	// Chats are chats of the tenant, at least all that match, in any order.
	// Lines are its fleet at the moment At, in any order.
	Chats []store.Chat
	Lines []line.Line
	At    time.Time

	SkipNamedGroups bool // §9
	AllowCritical   bool // §10

	Guard line.Guard // §10a; lines have no guard of their own here

	// Strangers are how many of the people have no chat on each line, if lines
	// that people know are preferred (§9b), and nil otherwise.
	Strangers map[recipients.Handle]int

	// SentAt is the time of the send, which may be later than At. DeferUpTo is
	// how long after it the opening of a chat may wait (§11a).
	SentAt    time.Time
	DeferUpTo time.Duration
}

// Send is the part of a request that the rules need.
type Send struct {
	To          []recipients.Handle // in any order, with any repetition
	ExcludeFrom []recipients.Handle // in any order, with any repetition
	Service     message.Service     // the preferred one, zero for none
	CardOrClip  bool                // the message is an app card or an App Clip

	Reply            bool // the message replies to another one
	Link             bool // the message has a link
	Continuation     bool // there is a continuation
	ContinuationLink bool // the continuation has a link
}

// Answer is a decision or a refusal.
type Answer struct {
	// Branch is the branch of §9 that the facts lead to, even if no line can be
	// picked.
	Branch store.Reason

	// Refused is 0, or the wire code of the refusal. If it is set, the fields
	// below are zero except for the counts.
	Refused int

	Line     recipients.Handle
	Reused   uuid.UUID // the chat that is reused, zero if one is opened
	Previous uuid.UUID // the chat that is failed over from, zero otherwise

	DeliverAt time.Time // when the message goes out, zero for at once

	ContinuationUsed bool
	ReplyDropped     bool
	LinkNoted        bool

	// More says that more chats matched than are considered.
	More bool

	// Scores are the values of the criteria of §10 for the picked line.
	// RunnerUp is the line that would be picked if Line were excluded too.
	Scores         []int
	RunnerUp       recipients.Handle
	RunnerUpScores []int

	// PassedOver counts the lines by the first obstacle of each; it is zero on
	// reuse.
	PassedOver fleet.Counts
}

// considered is the largest number of matching chats that Decide considers.
const considered = 32

// Decide decides by §9 to §11. It is safe for concurrent use.
func Decide(f Facts) Answer {
	matching := f.Matching()
	a := Answer{More: len(matching) > considered}
	matching = matching[:min(len(matching), considered)]

	// Reuse: a matching chat is on a line that can continue.
	var continuing, wanted []store.Chat
	for _, c := range matching {
		if f.Continues(c.Line) {
			continuing = append(continuing, c)
			if !slices.Contains(f.Send.ExcludeFrom, c.Line) {
				wanted = append(wanted, c)
			}
		}
	}
	if len(wanted) == 0 {
		wanted = continuing
	}
	needed := f.Send.needs(f.Send.CardOrClip)
	wanted = slices.Concat(known(wanted, needed, false), known(wanted, needed, true))
	if len(wanted) > 0 {
		a.Branch = store.ReusedActiveChat
		a.Reused, a.Line = wanted[0].ID, wanted[0].Line
		return a
	}

	// New or failover: both open a chat on a best line.
	a.Branch = store.NewBestNumber
	if len(matching) > 0 {
		a.Branch = store.FailoverFlagged
	}
	a.PassedOver = f.passedOver()
	line, found := f.best(f.Send.ExcludeFrom)
	if !found && f.DeferUpTo > 0 {
		line, found = f.soonest()
	}
	if !found {
		a.Refused = 2015
		if _, could := f.best(nil); could {
			a.Refused = 1005
		}
		a.More = false
		return a
	}
	a.Line, a.Scores = line.Number, f.scores(line)
	if slot := f.slot(line); f.DeferUpTo > 0 && slot.After(f.SentAt) {
		a.DeliverAt = slot
	}
	if second, found := f.best(append(slices.Clone(f.Send.ExcludeFrom), line.Number)); found {
		a.RunnerUp, a.RunnerUpScores = second.Number, f.scores(second)
	}
	a.ReplyDropped = f.Send.Reply
	a.LinkNoted = f.Send.Link
	if a.Branch == store.FailoverFlagged {
		a.Previous = matching[0].ID
		if f.Send.Continuation {
			a.ContinuationUsed = true
			a.LinkNoted = f.Send.ContinuationLink
		}
	}
	return a
}

// needed returns the service that a line must serve to open a chat. If chats
// match, that is a failover, and a continuation is sent as plain text.
func (f *Facts) needed() message.Service {
	continued := len(f.Matching()) > 0 && f.Send.Continuation
	return f.Send.needs(f.Send.CardOrClip && !continued)
}

// needs returns the service that a message needs: the preferred one, or else
// iMessage for an email address or content that only iMessage has, or else
// none.
func (s *Send) needs(content bool) message.Service {
	email := slices.ContainsFunc(s.To, func(h recipients.Handle) bool { return !h.IsPhone() })
	if s.Service == 0 && (email || content) {
		return message.IMessage
	}
	return s.Service
}

// known returns the chats that are known to run on a service other than the
// needed one; if other is false, the remaining chats.
func known(chats []store.Chat, needed message.Service, other bool) []store.Chat {
	var list []store.Chat
	for _, c := range chats {
		if is := needed != 0 && c.Service != 0 && c.Service != needed; is == other {
			list = append(list, c)
		}
	}
	return list
}

// Matching returns the matching chats, the most recently active first.
func (f *Facts) Matching() []store.Chat {
	var chats []store.Chat
	for _, c := range f.Chats {
		people := distinct(c.Roster)
		group := len(people) > 1
		switch {
		case !slices.Equal(people, sorted(f.Send.To)):
		case c.LineLeft:
		case f.SkipNamedGroups && group && c.Named:
		default:
			chats = append(chats, c)
		}
	}
	slices.SortFunc(chats, func(a, b store.Chat) int {
		switch {
		case !a.ActiveAt.Equal(b.ActiveAt):
			return b.ActiveAt.Compare(a.ActiveAt)
		case !a.CreatedAt.Equal(b.CreatedAt):
			return b.CreatedAt.Compare(a.CreatedAt)
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return chats
}

// Continues reports whether a number is a line of ours that is ACTIVE and
// eligible.
func (f *Facts) Continues(number recipients.Handle) bool {
	for _, l := range f.Lines {
		if l.Number == number {
			return l.Status != line.Flagged && !l.Ineligible
		}
	}
	return false
}

func distinct(r store.Roster) []recipients.Handle {
	var people []recipients.Handle
	for _, h := range r.Set().All() {
		people = append(people, h)
	}
	return sorted(people)
}

// sorted returns the distinct handles: phones first, by number, then emails.
func sorted(handles []recipients.Handle) []recipients.Handle {
	list := slices.Clone(handles)
	slices.SortFunc(list, func(a, b recipients.Handle) int {
		switch {
		case a.IsPhone() && b.IsEmail():
			return -1
		case a.IsEmail() && b.IsPhone():
			return 1
		case a.IsEmail():
			return bytes.Compare([]byte(a.String()), []byte(b.String()))
		case a.Digits() < b.Digits():
			return -1
		case a.Digits() > b.Digits():
			return 1
		}
		return 0
	})
	return slices.Compact(list)
}
