package fleet

import (
	"fmt"
	"github.com/fromline/fromline/line"
	"math"
)

// A Policy is the order in which lines are preferred, as data: the smallest
// eligible line by its criteria, one after the other, is the best. The zero
// Policy is that of docs/rules.md §10. A policy is fixed when a [Fleet] or a
// [View] is built.
//
// Lines that are equal by every criterion are told apart by the ring: the first
// at or after the recipients' place wins, so that equal lines share the work and
// two processes with the same view pick the same line.
type Policy struct {
	// Criteria in the order in which they count; nil means [DefaultCriteria].
	// To use no criterion at all give an empty slice that is not nil.
	//
	// Each name may occur once. Besides the five of this package there may be
	// two made with [ByProperty] and two made with [ByMatch] or [ByLabel].
	Criteria []Criterion

	// AllowCritical lets lines of CRITICAL reputation open chats. With the
	// default criteria they come last.
	AllowCritical bool
}

// DefaultCriteria returns the criteria of docs/rules.md §10 in their order:
// reputation, country, use, area, fewest. The slice is the caller's.
func DefaultCriteria() []Criterion {
	return []Criterion{ByReputation(), ByCountry(), ByUse(), ByArea(), ByFewest()}
}

// A Criterion compares lines in one respect. It is either a property of the
// line, a small integer of which less is better, or a match between a label of
// the line and a label of the query, of which a match is better. A function of
// line and query together is not offered: the best line by it could not be found
// without looking at every line.
type Criterion struct {
	name     string
	property func(line.Line) int   // of a property, else nil
	line     func(line.Line) Label // of a match, else nil
	query    func(Query) Label     // of a match, else nil
	built    builtin
}

// builtin marks the criteria that this package knows: they are packed tighter,
// and a match of area implies one of country.
type builtin uint8

const (
	builtNot builtin = iota
	builtReputation
	builtCountry
	builtUse
	builtArea
	builtFewest
)

// Name returns the name of the criterion, as it is shown in traces.
func (c Criterion) Name() string { return c.name }

// IsMatch reports whether the criterion is a match: its value is 0 for a line
// that has the label of the query and 1 for one that has not, and 0 for every
// line where the query has none.
func (c Criterion) IsMatch() bool { return c.query != nil }

// ByReputation prefers HEALTHY to AT_RISK to CRITICAL.
func ByReputation() Criterion {
	return Criterion{name: "reputation", built: builtReputation,
		property: func(l line.Line) int { return int(l.Reputation) - int(line.Healthy) }}
}

// ByCountry prefers lines with the calling code that most phone recipients
// have, the lowest of several. Without a phone recipient all lines are equal.
func ByCountry() Criterion {
	return Criterion{name: "country", built: builtCountry,
		line:  func(l line.Line) Label { return Label(l.Number.CallingCode()) },
		query: func(q Query) Label { code, _ := majority(q.Recipients); return Label(code) }}
}

// useYardstick is the allowance that use is measured by where a line has no
// limit: the vendor's advice for new chats a day (docs/rules.md §10). It is no
// limit.
const useYardstick = 50

// ByUse prefers lines that opened fewer chats in the window, in whole tenths of
// the line's allowance, or of 50 where it has none. It goes on beyond ten
// tenths; from 262,143 tenths on lines are equal.
func ByUse() Criterion {
	return Criterion{name: "use", built: builtUse,
		property: func(l line.Line) int {
			allowance := int64(l.Limits.NewChatsPerDay)
			if allowance == 0 {
				allowance = useYardstick
			}
			return int(min(int64(l.NewChats)*10/allowance, math.MaxInt32))
		}}
}

// ByArea prefers, where the calling code that most phone recipients have is +1,
// lines with the area code that most +1 recipients have, the lowest of several.
// Elsewhere all lines are equal.
func ByArea() Criterion {
	return Criterion{name: "area", built: builtArea,
		line:  func(l line.Line) Label { return Label(l.Number.AreaCode()) },
		query: func(q Query) Label { _, code := majority(q.Recipients); return Label(code) }}
}

// ByFewest prefers lines that opened fewer chats in the window, counted one by
// one; from 262,143 chats on lines are equal.
func ByFewest() Criterion {
	return Criterion{name: "fewest", built: builtFewest, property: func(l line.Line) int { return l.NewChats }}
}

// MinProperty and MaxProperty are the ends of the values that a property can
// have; values beyond them count as the end.
const (
	MinProperty = -1 << 10
	MaxProperty = 1<<10 - 1
)

// ByProperty prefers lines with a smaller value of a property of the host's own.
// The function must be pure: it is called when a line changes, its use included,
// and never when a line is picked. Values are small integers, from [MinProperty]
// to [MaxProperty]. The line it is given is as the view shows it.
func ByProperty(name string, property func(line.Line) int) Criterion {
	return Criterion{name: name, property: property}
}

// ByMatch prefers lines whose label is the query's. Both functions must be pure;
// that of the query is called once for every pick and should not allocate. A
// zero label of the query asks for nothing, a zero label of a line matches
// nothing.
func ByMatch(name string, line func(line.Line) Label, query func(Query) Label) Criterion {
	return Criterion{name: name, line: line, query: query}
}

// ByLabel prefers lines whose [Line.Label] is the [Query.Label].
func ByLabel() Criterion {
	return ByMatch("label",
		func(l line.Line) Label { return LabelOf(l.Label) },
		func(q Query) Label { return LabelOf(q.Label) })
}

// A Label is what a match compares: any number, equal or not. Zero is no label.
type Label uint64

// LabelOf returns the label of a text: its 64-bit FNV-1a hash, and zero for the
// empty text. It is the same in every process.
func LabelOf(text string) Label {
	if text == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return Label(max(h, 1))
}

// The most criteria of a host's own that a policy can hold, of either kind: what
// fits into the keys of the index.
const (
	maxOwnProperties = 2
	maxOwnMatches    = 2
	maxMatches       = 2 + maxOwnMatches
	maxCriteria      = 5 + maxOwnProperties + maxOwnMatches
)

// Validate returns an error wrapping [ErrPolicy] where a criterion is a zero
// value, is named like another one or not at all, or there are too many.
func (p Policy) Validate() error {
	names := map[string]bool{}
	properties, matches := 0, 0
	for i, c := range p.Criteria {
		switch {
		case c.property == nil && (c.line == nil || c.query == nil):
			return fmt.Errorf("%w: criterion %d (%q) compares nothing: make it with one of the By functions", ErrPolicy, i, c.name)
		case c.name == "":
			return fmt.Errorf("%w: criterion %d has no name", ErrPolicy, i)
		case names[c.name]:
			return fmt.Errorf("%w: criterion %d: there is another one named %q", ErrPolicy, i, c.name)
		}
		names[c.name] = true
		if c.built == builtNot && c.property != nil {
			properties++
		}
		if c.built == builtNot && c.property == nil {
			matches++
		}
	}
	if properties > maxOwnProperties || matches > maxOwnMatches {
		return fmt.Errorf("%w: %d own properties (at most %d) and %d own matches (at most %d)",
			ErrPolicy, properties, maxOwnProperties, matches, maxOwnMatches)
	}
	return nil
}
