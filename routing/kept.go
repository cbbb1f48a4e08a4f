package routing

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// MaxKeptTrace is the greatest length of a trace in the compact form, in bytes.
const MaxKeptTrace = 200

// The compact form, version 1. Numbers are varints; ids are their 16 bytes; a
// line is its digits. What the record says itself is left out: the id of the
// chat that was reused, opened or abandoned, the line that was used, the time.
//
//	version, head
//	the record's time less that of the view, in µs, where the head says so
//	the policy's name: length and bytes
//	where a line was picked:
//	    the criteria: how many, and of each its code, or 0 and its name
//	    the values of the pick; the runner-up and its values where there is one
//	    which counts are not zero, as bits, and those counts
//	the chats: how many, and of each, the most recently active first, a byte
//	    with its verdict and marks
//	of each chat that is marked as known: its id unless it is the record's, its
//	    line unless it was reused, and the record's time less that of its activity
const keptVersion = 1

// The bits of the head beside the branch, which has the lowest two, and the
// needed service, which has the two above.
const (
	keptMoreChats = 1 << (4 + iota)
	keptRunnerUp
	keptView
)

// The marks of a chat beside its verdict, which has the lower four bits.
const (
	keptChosen = 1 << (4 + iota)
	keptPrevious
	keptOtherService
	keptKnown
)

// The longest rows of chats in bytes, of one with its own id and of one that
// the record names.
const (
	longestRow     = 16 + 8 + binary.MaxVarintLen64
	longestMainRow = 8 + binary.MaxVarintLen64
)

// longestPick is what may stand before the chats, so that the verdict of each
// and the row of the one that was reused or abandoned have room.
const longestPick = MaxKeptTrace - 1 - store.MaxChats - longestMainRow

// keepReuse returns the trace of a reuse.
func (in *Input) keepReuse(d *Decision) string {
	var space [MaxKeptTrace]byte
	return string(in.keepChats(in.keepHead(space[:0], d, 0, maxKeptName), d))
}

// The longest names of a policy and of a host's own criteria that are kept, and
// what is kept of them where there is little room.
const (
	maxKeptName   = 24
	shortKeptName = 6
)

// keepPick returns the trace of a decision that picked a line.
func (in *Input) keepPick(d *Decision, q fleet.Query, pick *fleet.Pick) string {
	head := byte(q.Service) << 2
	if pick.HasRunnerUp {
		head |= keptRunnerUp
	}
	counts := in.Lines.PassedOver(q)
	var space [2 * MaxKeptTrace]byte
	b := space[:0]
	for _, longest := range []int{maxKeptName, shortKeptName} {
		b = in.keepHead(b[:0], d, head, longest)
		b = append(b, byte(pick.Values.Len()))
		for name := range in.Lines.Criteria() {
			b = keepCriterion(b, name, longest)
		}
		b = keepValues(b, pick.Values)
		if pick.HasRunnerUp {
			b = keepValues(binary.AppendUvarint(b, pick.RunnerUp.Number.Digits()), pick.RunnerUpValues)
		}
		if b = keepCounts(b, &counts); len(b) <= longestPick {
			break
		}
	}
	return string(in.keepChats(b, d))
}

func (in *Input) keepHead(b []byte, d *Decision, head byte, longest int) []byte {
	head |= byte(d.Reason)
	if d.MoreChats {
		head |= keptMoreChats
	}
	seen := in.Lines.At()
	if !seen.IsZero() {
		head |= keptView
	}
	b = append(b, keptVersion, head)
	if !seen.IsZero() {
		b = binary.AppendVarint(b, d.At.UnixMicro()-seen.UnixMicro())
	}
	return keepName(b, in.Lines.Policy(), longest)
}

// keepName appends a name, cut to whole characters.
func keepName(b []byte, name string, longest int) []byte {
	if len(name) > longest {
		for longest > 0 && !utf8.RuneStart(name[longest]) {
			longest--
		}
		name = name[:longest]
	}
	return append(append(b, byte(len(name))), name...)
}

// keptCriteria are the criteria that have a code, which is the place in here
// and one more. It only grows.
var keptCriteria = [...]string{"reputation", "country", "use", "area", "province", "fewest", "label", "known"}

func keepCriterion(b []byte, name string, longest int) []byte {
	for i, known := range keptCriteria {
		if name == known {
			return append(b, byte(i+1))
		}
	}
	return keepName(append(b, 0), name, longest)
}

func keepValues(b []byte, values fleet.Values) []byte {
	for i := range values.Len() {
		b = binary.AppendVarint(b, int64(values.At(i)))
	}
	return b
}

// keepCounts appends the counts. When the next slot frees is not among them: it
// tells those who were refused when to come again, and here a line was picked.
func keepCounts(b []byte, c *fleet.Counts) []byte {
	counts := countsIn(c)
	bits := uint64(0)
	for i, n := range counts {
		if *n > 0 {
			bits |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, bits)
	for _, n := range counts {
		if *n > 0 {
			b = binary.AppendUvarint(b, uint64(*n))
		}
	}
	return b
}

// countsIn returns the counts in the order of their bits, which only grows.
func countsIn(c *fleet.Counts) [15]*int {
	return [...]*int{
		&c.Flagged, &c.Ineligible, &c.Critical, &c.NewChatLimit, &c.MessageLimit, &c.WrongService, &c.OtherCountry,
		&c.OtherProvince, &c.OtherArea, &c.OtherLabel, &c.Excluded, &c.Recipient, &c.Eligible,
		&c.Pace, &c.FailoverShare,
	}
}

// keepChats appends the verdicts, and as many of the chats as there is room
// for.
func (in *Input) keepChats(b []byte, d *Decision) []byte {
	var space [4]int // mostly enough
	order := in.byRecency(space[:0])
	order = order[:min(len(order), store.MaxChats)]
	room := MaxKeptTrace - len(b) - 1 - len(order) - longestMainRow
	b = append(b, byte(len(order)))
	marks := len(b)
	for _, i := range order {
		c := &in.Chats[i]
		mark := byte(0)
		if d.Reason == store.ReusedActiveChat && c.ID == d.ChatID {
			mark = keptChosen | keptKnown | byte(Continues)
			if in.Send.IsExcluded(c.Line) {
				mark = keptChosen | keptKnown | byte(ContinuesExcluded)
			}
		} else {
			verdict, _ := in.judge(c)
			mark = byte(verdict)
		}
		switch {
		case mark&keptChosen != 0:
		case c.ID == d.PreviousChatID && c.ID != uuid.Nil:
			mark |= keptPrevious | keptKnown
		case room >= longestRow:
			room -= longestRow
			mark |= keptKnown
		}
		if c.Service != 0 && Verdict(mark&15).matches() && otherService(c, in.Send.NeededService(false)) {
			mark |= keptOtherService
		}
		b = append(b, mark)
	}
	for k, i := range order {
		c, mark := &in.Chats[i], b[marks+k]
		if mark&keptKnown == 0 {
			continue
		}
		if mark&(keptChosen|keptPrevious) == 0 {
			b = append(b, c.ID[:]...)
		}
		if mark&keptChosen == 0 {
			b = binary.AppendUvarint(b, c.Line.Digits())
		}
		b = binary.AppendVarint(b, d.At.UnixMicro()-c.ActiveAt.UnixMicro())
	}
	return b
}
