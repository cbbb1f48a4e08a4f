package spread

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// Way picks lines for first contacts, and remembers its picks. It is not safe
// for concurrent use.
type Way interface {
	// Pick returns the line for a contact, and false if there is none.
	Pick(to recipients.Handle, at time.Time) (recipients.Handle, bool)

	// Burst picks for contacts that come at the same moment: all decide on what
	// was known before the first of them.
	Burst(to []recipients.Handle, at time.Time) []recipients.Handle
}

// The ways to compare. All leave flagged lines out. The first four know nothing
// else about the health of a line.
const (
	LongestPrefix     = "longest prefix, last wins"
	Random            = "random"
	RoundRobin        = "round robin"
	LeastRecentlyUsed = "least recently used"
	Ours              = "fromline"
	OursUnreserved    = "fromline, on an old view"
	OursByCodes       = "fromline, by calling and area codes"
	OursCountryFirst  = "fromline, country before reputation"
	OursRequired      = "fromline, country required"
)

// NewWay returns a way over the given lines, in their order. It panics for an
// unknown name.
func NewWay(name string, lines []line.Line, seed uint64) Way {
	s := &simple{last: make([]int, len(lines))}
	for _, l := range lines {
		if l.CanContinue() {
			s.lines = append(s.lines, l.Number)
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	switch name {
	case LongestPrefix:
		s.choose = s.longestPrefix
	case Random:
		s.choose = func(recipients.Handle) int { return random.IntN(len(s.lines)) }
	case RoundRobin:
		s.choose = func(recipients.Handle) int { s.turn++; return (s.turn - 1) % len(s.lines) }
	case LeastRecentlyUsed:
		s.choose = s.leastRecentlyUsed
	case Ours, OursUnreserved, OursByCodes, OursCountryFirst, OursRequired:
		return newOurs(lines, policyOf(name), name != OursUnreserved)
	default:
		panic("spread: unknown way " + name)
	}
	return s
}

// simple is a way with little state.
type simple struct {
	lines  []recipients.Handle
	last   []int // when each line was last used, counted in contacts
	turn   int   // of the round robin, which counts each pick at once
	time   int   // contacts so far
	choose func(to recipients.Handle) int
}

func (s *simple) Pick(to recipients.Handle, _ time.Time) (recipients.Handle, bool) {
	i := s.choose(to)
	s.time++
	s.last[i] = s.time
	return s.lines[i], true
}

func (s *simple) Burst(to []recipients.Handle, _ time.Time) []recipients.Handle {
	picked := make([]int, len(to))
	for i, h := range to {
		picked[i] = s.choose(h)
	}
	lines := make([]recipients.Handle, len(to))
	for i, line := range picked {
		s.time++
		s.last[line] = s.time
		lines[i] = s.lines[line]
	}
	return lines
}

// longestPrefix returns the line that shares the most leading digits with the
// recipient, the last one of several.
func (s *simple) longestPrefix(to recipients.Handle) int {
	best, longest := 0, -1
	for i, line := range s.lines {
		if n := commonPrefix(line.String(), to.String()); n >= longest {
			best, longest = i, n
		}
	}
	return best
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && strings.HasPrefix(b, a[:n+1]) {
		n++
	}
	return n
}

// leastRecentlyUsed returns the line whose last use is the longest ago, the
// first one of several.
func (s *simple) leastRecentlyUsed(recipients.Handle) int {
	best := 0
	for i, at := range s.last[:len(s.lines)] {
		if at < s.last[best] {
			best = i
		}
	}
	return best
}

// ours is a fleet, used as a router uses it.
type ours struct {
	fleet    *fleet.Fleet
	reserves bool
}

const tenant = "spread"

// policyOf returns the policy of a way, mostly the default one.
func policyOf(name string) fleet.Policy {
	switch name {
	case OursByCodes:
		return fleet.Policy{Criteria: []fleet.Criterion{
			fleet.ByReputation(), byCode("calling code", recipients.Handle.CallingCode), fleet.ByUse(),
			byCode("area code", recipients.Handle.AreaCode), fleet.ByFewest(),
		}}
	case OursCountryFirst:
		criteria := fleet.DefaultCriteria()
		criteria[0], criteria[1] = criteria[1], criteria[0]
		return fleet.Policy{Criteria: criteria}
	case OursRequired:
		return fleet.Policy{Require: []fleet.Requirement{{Match: fleet.ByCountry()}}}
	}
	return fleet.Policy{}
}

// byCode prefers lines with the same code as the recipient.
func byCode(name string, code func(recipients.Handle) int) fleet.Criterion {
	return fleet.ByMatch(name,
		func(l line.Line) fleet.Label { return fleet.Label(code(l.Number)) },
		func(q fleet.Query) fleet.Label { return fleet.Label(code(q.Recipients.At(0))) })
}

func newOurs(lines []line.Line, policy fleet.Policy, reserves bool) *ours {
	f, err := fleet.New(fleet.Options{Policy: policy})
	if err == nil {
		err = f.SetLines(tenant, lines)
	}
	if err != nil {
		panic(err) // the worlds of this package are valid
	}
	return &ours{fleet: f, reserves: reserves}
}

func (o *ours) Pick(to recipients.Handle, at time.Time) (recipients.Handle, bool) {
	line, ok := o.reserve(o.view(at), to, at)
	if ok {
		o.fleet.Confirm(tenant, at, line, false)
	}
	return line, ok
}

// Burst decides for all contacts on one view. With reservations, a contact
// decides again if another one of the burst has used its line.
func (o *ours) Burst(to []recipients.Handle, at time.Time) []recipients.Handle {
	v := o.view(at)
	var lines []recipients.Handle
	for _, h := range to {
		if !o.reserves {
			if pick, ok := v.Best(query(h)); ok {
				lines = append(lines, pick.Line.Number)
			}
		} else if line, ok := o.reserve(v, h, at); ok {
			lines = append(lines, line)
		}
	}
	for _, line := range lines {
		o.fleet.Confirm(tenant, at, line, false)
	}
	return lines
}

// reserve decides on a view, and again while other contacts are faster.
func (o *ours) reserve(v fleet.View, to recipients.Handle, at time.Time) (recipients.Handle, bool) {
	for {
		pick, ok := v.Best(query(to))
		if !ok || o.fleet.Reserve(tenant, at, query(to), pick.Line.Number) {
			return pick.Line.Number, ok
		}
		v = o.view(at)
	}
}

func (o *ours) view(at time.Time) fleet.View {
	v, err := o.fleet.View(context.Background(), tenant, at)
	if err != nil {
		panic(err) // the fleet follows no store
	}
	return v
}

func query(to recipients.Handle) fleet.Query {
	set, err := recipients.NewSet(to)
	if err != nil {
		panic(err) // it is one valid handle
	}
	return fleet.Query{Recipients: set}
}
