package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers/v2/metadata"
)

const (
	maxDigits    = 15 // of a number, with its calling code: E.164
	minNational  = 2  // fewer digits are not parsed
	maxZeros     = 10 // more leading zeros do not survive formatting
	nonGeography = "001"
)

// A plan is the entry of one calling code in the tables. The languages hold
// national numbers: the digits after the calling code.
type plan struct {
	code      int
	trunk     string // literal trunk digits, such as "0"; "" if there are none
	lengths   uint16 // bit n: some possible national number has n digits
	possible  *language
	valid     *language
	countries []start // where each country begins; the first is at the calling code
}

// plans reads the numbering plans of the whole world, by calling code.
func (g *algebra) plans() ([]plan, error) {
	regions := metadata.CountryCodeToRegion()
	var all []plan
	for _, code := range slices.Sorted(maps.Keys(regions)) {
		p, err := g.plan(code, regions[code])
		if err != nil {
			return nil, fmt.Errorf("calling code %d: %w", code, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// plan states the rules of one calling code. Its first region is the main one:
// the library judges lengths and prefixes by it.
func (g *algebra) plan(code int, regions []string) (plan, error) {
	main, err := regionOf(code, regions[0])
	if err != nil {
		return plan{}, err
	}
	p := plan{code: code, trunk: main.GetNationalPrefix()}
	longest := maxDigits - len(strconv.Itoa(code))
	fits := func(n int) bool {
		return n >= minNational && n <= longest && lengthOf(main, n) == lengthPossible
	}
	for n := range longest + 1 {
		if fits(n) {
			p.lengths |= 1 << n
		}
	}
	rewritten, err := g.rewritten(main)
	if err != nil {
		return plan{}, err
	}
	shares, err := g.shares(code, regions, g.lengths(fits))
	if err != nil {
		return plan{}, err
	}
	var assigned *language
	for _, s := range shares {
		assigned = g.union(assigned, s.valid)
	}
	if p.countries, err = countriesOf(code, shares); err != nil {
		return plan{}, err
	}
	zeros := g.prefixed(strings.Repeat("0", maxZeros+1), g.skipped(1, g.any[maxNational-maxZeros-2]))
	canonical := g.minus(g.minus(g.lengths(fits), rewritten), zeros)
	p.valid = g.intersect(canonical, assigned)
	p.possible = canonical
	if p.trunk != "" {
		withTrunk := g.prefixed(p.trunk, g.any[maxNational-len(p.trunk)])
		p.possible = g.union(g.minus(canonical, withTrunk), p.valid)
	}
	return p, nil
}

// rewritten returns the national numbers that the library's parser would
// change, by removing or replacing a prefix.
func (g *algebra) rewritten(m *metadata.PhoneMetadata) (*language, error) {
	expression := m.GetNationalPrefixForParsing()
	if expression == "" {
		return nil, nil
	}
	general, err := g.pattern(m.GetGeneralDesc().GetNationalNumberPattern())
	if err != nil {
		return nil, err
	}
	outcomes, err := g.prefixOutcomes(expression)
	if err != nil {
		return nil, err
	}
	rule, err := transformOf(m)
	if err != nil {
		return nil, err
	}
	// The parser makes no rewriting that leaves too short a number, or one that
	// is only dialled locally. It makes one that leaves too long a number.
	kept := g.lengths(func(n int) bool {
		l := lengthOf(m, n)
		return l == lengthPossible || l == lengthTooLong
	})
	var all *language
	for o, matching := range outcomes {
		if o.end < 0 {
			continue
		}
		e := edit{cut: int(o.end)}
		if rule != nil && o.open >= 0 {
			e = edit{before: rule.before, open: int(o.open), closed: int(o.closed), after: rule.after, cut: int(o.end)}
		}
		if e.identity() {
			continue
		}
		if e.gain() == 0 {
			return nil, fmt.Errorf("region %s: the prefix %q may put as many digits as it takes; no rule for that", m.GetId(), expression)
		}
		// The parser does not change a number that fits the plan into one that
		// does not.
		spared := g.minus(general, g.undone(e, general))
		all = g.union(all, g.minus(g.intersect(matching, g.undone(e, kept)), spared))
	}
	return all, nil
}

// An edit changes a national number into: before, the digits from open to
// closed, after, and the digits from cut on.
type edit struct {
	before       string
	open, closed int
	after        string
	cut          int
}

func (e edit) gain() int { return len(e.before) + e.closed - e.open + len(e.after) - e.cut }

func (e edit) identity() bool {
	return e.gain() == 0 && e.before == "" && e.after == "" && e.open == 0
}

// undone returns the numbers that the edit changes into one of l.
func (g *algebra) undone(e edit, l *language) *language {
	type place struct {
		l   *language
		pos int
	}
	memo := map[place]*language{}
	var from func(l *language, pos int) *language
	from = func(l *language, pos int) *language {
		if pos == e.closed {
			l = l.after(e.after)
		}
		switch {
		case l == nil:
			return nil
		case pos == e.cut:
			return l
		case pos < e.open || pos >= e.closed:
			return g.skipped(1, from(l, pos+1))
		}
		at := place{l, pos}
		if known, ok := memo[at]; ok {
			return known
		}
		var s language
		for d := range s.next {
			s.next[d] = from(l.next[d], pos+1)
		}
		memo[at] = g.state(s)
		return memo[at]
	}
	return from(l.after(e.before), 0)
}

// A transform is a plan's text for a rewritten number: before, the last group
// of the prefix, after.
type transform struct{ before, after string }

var transformText = regexp.MustCompile(`^([0-9]*)\$([0-9])([0-9]*)$`)

func transformOf(m *metadata.PhoneMetadata) (*transform, error) {
	text := m.GetNationalPrefixTransformRule()
	if text == "" {
		return nil, nil
	}
	groups := regexp.MustCompile(m.GetNationalPrefixForParsing()).NumSubexp()
	parts := transformText.FindStringSubmatch(text)
	if parts == nil || parts[2] != strconv.Itoa(groups) || parts[3] != "" {
		return nil, fmt.Errorf("region %s: transform %q of %d groups; there is no rule for it", m.GetId(), text, groups)
	}
	return &transform{before: parts[1], after: parts[3]}, nil
}

// typed returns the national numbers that have a type in one region.
func (g *algebra) typed(m *metadata.PhoneMetadata) (*language, error) {
	general, err := g.described(m.GetGeneralDesc())
	if err != nil {
		return nil, err
	}
	kinds := []*metadata.PhoneNumberDesc{
		m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(),
		m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(),
	}
	if !m.GetSameMobileAndFixedLinePattern() {
		kinds = append(kinds, m.GetMobile())
	}
	var all *language
	for _, kind := range kinds {
		l, err := g.described(kind)
		if err != nil {
			return nil, err
		}
		all = g.union(all, l)
	}
	return g.intersect(general, all), nil
}

// described returns the national numbers that fit one description.
func (g *algebra) described(d *metadata.PhoneNumberDesc) (*language, error) {
	l, err := g.pattern(d.GetNationalNumberPattern())
	if err != nil || len(d.GetPossibleLength()) == 0 {
		return l, err
	}
	return g.intersect(l, g.lengths(func(n int) bool {
		return slices.Contains(d.GetPossibleLength(), int32(n))
	})), nil
}

// A length verdict is the library's verdict about a number of so many digits.
type lengthVerdict int

const (
	lengthPossible lengthVerdict = 1 + iota
	lengthLocal
	lengthTooShort
	lengthTooLong
	lengthBetween
)

func lengthOf(m *metadata.PhoneMetadata, n int) lengthVerdict {
	possible := m.GetGeneralDesc().GetPossibleLength()
	switch {
	case slices.Contains(m.GetGeneralDesc().GetPossibleLengthLocalOnly(), int32(n)):
		return lengthLocal
	case slices.Contains(possible, int32(n)):
		return lengthPossible
	case int32(n) < possible[0]:
		return lengthTooShort
	case int32(n) > possible[len(possible)-1]:
		return lengthTooLong
	}
	return lengthBetween
}

// regionOf returns the plan of a region. It checks the assumptions of the
// rules.
func regionOf(code int, id string) (*metadata.PhoneMetadata, error) {
	m, ok := metadata.RegionMetadata(id)
	if id == nonGeography {
		m, ok = metadata.NonGeoMetadata(code)
	}
	switch {
	case !ok:
		return nil, fmt.Errorf("region %s: no plan", id)
	case int(m.GetCountryCode()) != code:
		return nil, fmt.Errorf("region %s: its calling code is %d", id, m.GetCountryCode())
	case m.GetGeneralDesc().GetNationalNumberPattern() == "" || len(m.GetGeneralDesc().GetPossibleLength()) == 0:
		return nil, fmt.Errorf("region %s: no general description", id)
	case strings.Trim(m.GetNationalPrefix(), "0123456789") != "":
		return nil, fmt.Errorf("region %s: trunk prefix %q is not digits", id, m.GetNationalPrefix())
	}
	return m, nil
}
