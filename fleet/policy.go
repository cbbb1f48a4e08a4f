package fleet

import (
	"fmt"
	"math"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
)

// A Policy is the order in which lines are preferred, as data: the best line is
// the eligible one with the smallest values of the criteria, compared one after
// the other. The zero Policy is that of docs/rules.md §10. A policy is fixed
// when a [Fleet] or a [View] is built.
//
// Lines that are equal by every criterion are told apart by the ring: the first
// at or after the recipients' place wins, so that equal lines share the work
// and two processes with the same view pick the same line.
type Policy struct {
	// Name is what traces call the policy; empty is the default policy, or one
	// without a name. Records keep at most 24 bytes of it.
	Name string

	// Criteria are the criteria in the order in which they count; nil means
	// [DefaultCriteria]. For no criterion at all, give an empty slice that is
	// not nil.
	//
	// Each name may occur once. Besides those of this package there may be two
	// criteria made with [ByProperty] (one if there is [ByKnown]), and two made
	// with [ByMatch] or [ByLabel].
	Criteria []Criterion

	// Require are the matches that a line must have to be picked, whether or
	// not they are among the criteria. They never stop the reuse of a chat.
	Require []Requirement

	// AllowCritical lets lines of CRITICAL reputation open chats. With the
	// default criteria they come last.
	AllowCritical bool
}

// A Requirement is a match that a line must have to be picked: some networks
// block text messages from foreign numbers. If the query has no label for the
// match, for example because no recipient has a phone number, the requirement
// has no effect.
type Requirement struct {
	// Match is [ByCountry], [ByProvince], [ByArea] or [ByLabel]. Lines that are
	// passed over for it count under a cause of its own ([Counts]).
	Match Criterion
	// Service limits the requirement to queries for that service; zero is all
	// queries.
	Service message.Service
}

// DefaultCriteria returns the criteria of docs/rules.md §10 in their order:
// reputation, country, use, area, province, fewest. The slice is the caller's.
func DefaultCriteria() []Criterion {
	return []Criterion{ByReputation(), ByCountry(), ByUse(), ByArea(), ByProvince(), ByFewest()}
}

// A Criterion compares lines in one respect. It is a property of the line (a
// small integer; the smaller is better), or a match between a label of the line
// and a label of the query (an equal label is better). No criterion can be a
// function of line and query together, because the fleet would then have to
// look at every line. The exception is [ByKnown], for which the query lists a
// few lines.
type Criterion struct {
	name     string
	property func(line.Line) int   // of a property, else nil
	line     func(line.Line) Label // of a match, else nil
	query    func(Query) Label     // of a match, else nil
	built    builtin
}

// builtin marks the criteria that this package knows: they are packed tighter,
// a match of area or province implies one of country, and all matches of theirs
// can be required.
type builtin uint8

const (
	builtNot builtin = iota
	builtReputation
	builtUse
	builtFewest
	builtKnown
	builtCountry // from here on matches, in the order of the causes under which they count
	builtProvince
	builtArea
	builtLabel
)

// Name returns the name of the criterion, as it is shown in traces.
func (c Criterion) Name() string { return c.name }

// IsMatch reports whether the criterion is a match: its value is 0 for a line
// that has the label of the query and 1 for any other line, or 0 for every line
// if the query has no label.
func (c Criterion) IsMatch() bool { return c.query != nil }

// ByReputation prefers HEALTHY to AT_RISK to CRITICAL.
func ByReputation() Criterion {
	return Criterion{name: "reputation", built: builtReputation,
		property: func(l line.Line) int { return int(l.Reputation) - int(line.Healthy) }}
}

// ByCountry prefers lines of the country in which most phone recipients are,
// the first of several by its letters ([recipients.Handle.Country]). Without a
// phone recipient all lines are equal; a number of no country matches none.
func ByCountry() Criterion {
	return Criterion{name: "country", built: builtCountry,
		line:  func(l line.Line) Label { return countryLabel(l.Number) },
		query: func(q Query) Label { return homeOf(q.Recipients).country }}
}

// ByUse prefers lines that opened fewer chats in the window, in whole tenths of
// the line's allowance, or of 50 ([line.Yardstick]) if it has none. The tenths
// are not capped at ten; lines with 131,071 or more are equal.
func ByUse() Criterion {
	return Criterion{name: "use", built: builtUse,
		property: func(l line.Line) int {
			allowance := int64(l.Allowance)
			if allowance == 0 {
				allowance = line.Yardstick
			}
			return int(min(int64(l.NewChats)*10/allowance, math.MaxInt32))
		}}
}

// ByArea prefers lines of the place in which most +1 recipients of the country
// of [ByCountry] are, the lowest of several: area codes of one place are equal
// ([recipients.Handle.Place]). Outside +1 all lines are equal. A code whose
// place is not known equals none.
func ByArea() Criterion {
	return Criterion{name: "area", built: builtArea,
		line:  func(l line.Line) Label { return areaLabel(l.Number) },
		query: func(q Query) Label { return homeOf(q.Recipients).area }}
}

// ByProvince is [ByArea] for the state or province, the first of several by its
// letters ([recipients.Handle.Province]).
func ByProvince() Criterion {
	return Criterion{name: "province", built: builtProvince,
		line:  func(l line.Line) Label { return provinceLabel(l.Number) },
		query: func(q Query) Label { return homeOf(q.Recipients).province }}
}

// ByFewest prefers lines that opened fewer chats in the window, counted one by
// one. Lines with 262,143 or more are equal.
func ByFewest() Criterion {
	return Criterion{name: "fewest", built: builtFewest, property: func(l line.Line) int { return l.NewChats }}
}

// MinProperty and MaxProperty are the least and the greatest value of a
// property. A value outside of this range counts as the nearer of the two.
const (
	MinProperty = -1 << 10
	MaxProperty = 1<<10 - 1
)

// ByProperty prefers lines with a smaller value of a property of the host's
// own, from [MinProperty] to [MaxProperty]. The function must be pure. The
// fleet calls it, with the line as a view shows it, when the line or its use
// changes, and never when it picks a line.
func ByProperty(name string, property func(line.Line) int) Criterion {
	return Criterion{name: name, property: property}
}

// ByMatch prefers lines whose label equals that of the query. Both functions
// must be pure. The fleet calls the function of the query once for every pick,
// so it should not allocate. If the query has the zero label, all lines are
// equal; a line with the zero label matches no query.
func ByMatch(name string, line func(line.Line) Label, query func(Query) Label) Criterion {
	return Criterion{name: name, line: line, query: query}
}

// ByLabel prefers lines whose [Line.Label] is the label of the query.
func ByLabel() Criterion {
	return Criterion{name: "label", built: builtLabel,
		line:  func(l line.Line) Label { return LabelOf(l.Label) },
		query: func(q Query) Label { return LabelOf(q.Label) }}
}

// A Label is the value that a match compares for equality. Zero is no label.
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

// The most criteria of a host's own that a policy can hold, of either kind:
// what fits into the keys of the index.
const (
	maxOwnProperties = 2
	maxOwnMatches    = 2
	maxMatches       = 3 + maxOwnMatches
	maxCriteria      = 6 + maxOwnProperties + maxOwnMatches
)

// Validate returns an error wrapping [ErrPolicy] if a criterion is a zero
// value, has no name or the name of another one, or if there are too many
// criteria. It also does so if a requirement has a match that cannot be
// required, has an invalid service, or is repeated.
func (p Policy) Validate() error {
	names := map[string]bool{}
	properties, matches, labelled := 0, 0, false
	room := maxOwnProperties
	for i, c := range p.Criteria {
		switch {
		case c.built != builtKnown && c.property == nil && (c.line == nil || c.query == nil):
			return fmt.Errorf("%w: criterion %d (%q) compares nothing: make it with one of the By functions", ErrPolicy, i, c.name)
		case c.name == "":
			return fmt.Errorf("%w: criterion %d has no name", ErrPolicy, i)
		case names[c.name]:
			return fmt.Errorf("%w: criterion %d: there is another one named %q", ErrPolicy, i, c.name)
		}
		names[c.name] = true
		switch {
		case c.built == builtKnown:
			room = maxOwnProperties - 1
		case c.built == builtLabel:
			labelled = true
			matches++
		case c.built == builtNot && c.property == nil:
			matches++
		case c.built == builtNot:
			properties++
		}
	}
	for i, r := range p.Require {
		switch r.Match.built {
		case builtCountry, builtProvince, builtArea:
		case builtLabel:
			if !labelled {
				labelled = true
				matches++
			}
		default:
			return fmt.Errorf("%w: requirement %d: %q cannot be required, only country, province, area and label", ErrPolicy, i, r.Match.name)
		}
		if r.Service != 0 && !r.Service.IsValid() {
			return fmt.Errorf("%w: requirement %d: %v is no service", ErrPolicy, i, r.Service)
		}
		for _, other := range p.Require[:i] {
			if other.Match.name == r.Match.name && (other.Service == 0 || r.Service == 0 || other.Service == r.Service) {
				return fmt.Errorf("%w: requirement %d: %s is required already", ErrPolicy, i, r.Match.name)
			}
		}
	}
	if properties > room || matches > maxOwnMatches {
		return fmt.Errorf("%w: %d own properties (at most %d) and %d own matches (at most %d)",
			ErrPolicy, properties, room, matches, maxOwnMatches)
	}
	return nil
}
