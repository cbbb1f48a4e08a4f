package fleet

import (
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// A Query asks a view for the best line to open a chat from.
type Query struct {
	// Recipients are the people of the chat. They choose country and area, and
	// the place on the ring; none of them can be the line.
	Recipients recipients.Set

	// Excluded are numbers that must not be picked, in any order. Numbers that
	// are not our lines have no effect. If they are in the order of
	// [recipients.Handle.Compare], the pick allocates nothing.
	Excluded []recipients.Handle

	// Service is the service that the message needs, and that the line must
	// serve; zero means any.
	Service message.Service

	// Failover says that the chat takes over from one whose line cannot
	// continue. A guard limits how many failovers a line takes ([line.Guard]).
	Failover bool

	// DeferUntil, if set, is the time until which the opening may wait for the
	// pace of its line. If no line can open a chat now, the answer is a line
	// that only its pace holds back and whose slot ([Ref.Slot]) is not after
	// that time: the one with the earliest slot, or the best of several. A
	// waiting opening counts in the use of now.
	DeferUntil time.Time

	// Label is the host's own word for the send, for policies that prefer lines
	// with the same label ([ByLabel]). Empty means no label.
	Label string

	// Known are lines on which recipients have chats, in any order, for
	// policies that prefer them ([ByKnown]). If a line is repeated, its fewest
	// strangers count. A line that may not open the chat is not picked, known
	// or not. If the lines are in the order of their digits, each once, the
	// pick allocates nothing.
	Known []Known

	// Only, if it is valid, is the only line that may be picked, as if the view
	// had no other line.
	Only recipients.Handle
}

// LogValue returns what %+v prints, which shows people masked.
func (q Query) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", q)) }

// A Pick is the best line and why.
type Pick struct {
	Line   line.Line
	Values Values

	// RunnerUp is the line that would have been picked without Line.
	// HasRunnerUp is false, and the other two are zero, if no other line could
	// have been picked.
	RunnerUp       line.Line
	RunnerUpValues Values
	HasRunnerUp    bool
}

// Values are what the criteria of a policy say of one line for one query, in
// the order of the policy; less is better. Equal values mean that the ring
// decided. They are comparable with ==.
type Values struct {
	n int8
	v [maxCriteria]int32
}

// Len returns how many criteria the policy has.
func (v Values) Len() int { return int(v.n) }

// At returns the value of criterion i, from 0 to Len()-1, and panics outside.
func (v Values) At(i int) int { return int(v.v[:v.n][i]) }

// All yields the values in the order of the policy, with their places.
func (v Values) All() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := range v.Len() {
			if !yield(i, v.At(i)) {
				return
			}
		}
	}
}

// Counts says why a query passed over the lines of a view. Each line counts
// once: under Eligible, or else under the first of the other causes that
// applies, in the order of the fields (docs/rules.md §11).
type Counts struct {
	Flagged      int `json:"flagged"`        // the line is flagged
	Ineligible   int `json:"ineligible"`     // it was taken out of service
	Critical     int `json:"critical"`       // its reputation is CRITICAL and the policy does not allow that
	NewChatLimit int `json:"new_chat_limit"` // it may not open more chats for now
	MessageLimit int `json:"message_limit"`  // it may not send more messages for now
	Pace         int `json:"pace,omitzero"`  // it opened a chat too recently; before MessageLimit

	// FailoverShare, of queries for a failover: the line may take no more of them
	// for now.
	FailoverShare int `json:"failover_share,omitzero"`

	WrongService int `json:"wrong_service"` // it does not serve what the query asks for
	OtherCountry int `json:"other_country"` // the policy requires the country of the recipients, and it is of another one

	// The same of the other matches that a policy can require.
	OtherProvince int `json:"other_province,omitzero"`
	OtherArea     int `json:"other_area,omitzero"`
	OtherLabel    int `json:"other_label,omitzero"`

	Excluded  int `json:"excluded"`  // the query excludes it
	Recipient int `json:"recipient"` // it is itself a recipient
	Eligible  int `json:"eligible"`  // it could be picked

	// NextFree is the first time at which a line could be picked if nothing
	// else changes: only lines count that nothing but limits, pace or failover
	// share holds back. It is zero if there is no such line, or if the time is
	// not known.
	NextFree time.Time `json:"next_free,omitzero"`
}

// question is a query made ready for comparing many lines.
type question struct {
	Query
	ring     uint64
	labels   [maxMatches]Label // what each match of the policy asks for
	required pattern           // the matches that a line must have
	nested   bool              // what matches the area matches the province

	// Of known lines, in the order of their digits: the place in a score, and what
	// stands there for a line that no recipient knows.
	knownShift uint8
	strange    uint64
}

// skips reports whether a line that could otherwise be picked is excluded by
// the query or is one of its recipients. It is given by its digits.
func (q *question) skips(digits uint64) bool {
	if q.Recipients.Len() == 1 {
		return q.Recipients.At(0).Digits() == digits || q.excludes(digits)
	}
	return q.Recipients.Contains(phone(digits)) || q.excludes(digits)
}

// holds reports whether a line takes no failovers, and the query is for one.
func (q *question) holds(r *record) bool { return q.Failover && r.held }

// excludes reports whether a number is among the excluded, in which phones
// stand in the order of their digits and before all emails.
func (q *question) excludes(digits uint64) bool {
	low, high := 0, len(q.Excluded)
	for low < high {
		middle := (low + high) / 2
		if n := q.Excluded[middle]; n.Digits() < digits && !n.IsEmail() {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low < len(q.Excluded) && q.Excluded[low].Digits() == digits
}

// tally counts small numbers without allocating; zeros are not counted.
type tally struct {
	n      int
	values [recipients.MaxRecipients]int16
	counts [recipients.MaxRecipients]int8
}

func (t *tally) add(value int) {
	if value == 0 {
		return
	}
	for i := t.n - 1; i >= 0; i-- { // the next in a set is mostly like the last
		if int(t.values[i]) == value {
			t.counts[i]++
			return
		}
	}
	t.values[t.n], t.counts[t.n] = int16(value), 1
	t.n++
}

// most returns the value counted most often, the lowest of several, or 0.
func (t *tally) most() int {
	best, times := 0, int8(0)
	for i := range t.n {
		if v := int(t.values[i]); t.counts[i] > times || t.counts[i] == times && v < best {
			best, times = v, t.counts[i]
		}
	}
	return best
}
