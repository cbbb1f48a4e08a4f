package fleet

import (
	"cmp"
	"math"
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// order is a policy made ready for use. What the criteria say of a line for a
// query is packed into one number, its score, in the order of the policy: the
// smaller score is the better line. The properties of the score, with zeros in
// the places of the matches and of known lines, are the line's rank.
type order struct {
	name          string
	criteria      []Criterion
	fields        []field   // by criterion
	matches       []match   // by label slot
	patterns      []pattern // the combinations of matches that have a list, the most matches first
	hashes        bool      // some labels are those of a host
	allowCritical bool
	guard         line.Guard

	prefersKnown bool  // there is the criterion of known lines,
	knownShift   uint8 // which has this place in a score

	// The label slots of these matches, -1 without.
	country, province, area int

	unscored pattern // the matches that are required and are no criteria

	// What a line must match, by the service of the query, and the slots of all
	// that is required in the order of their causes.
	required [services + 1]pattern
	inOrder  []int
}

// field is the place of one criterion in a score.
type field struct {
	shift uint8
	width uint8
	bias  int32 // the value that is stored as zero
}

// match is what is known of one label slot.
type match struct {
	Criterion
	differs uint64 // the bit of a score that says that the labels differ; 0 for one that is only required
}

// The widths of the criteria in a score. All that a policy can hold fit into
// its 64 bits together, in whatever order they come.
const (
	matchBits      = 1
	reputationBits = 2
	useBits        = 17
	fewestBits     = 18
	propertyBits   = 11 // of each of the host's own
	knownBits      = 6  // in the place of a property of the host's own
)

// newOrder compiles a policy.
func newOrder(p Policy, g line.Guard) (*order, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	o := &order{name: p.Name, criteria: p.Criteria, country: -1, province: -1, area: -1, allowCritical: p.AllowCritical, guard: g}
	if o.criteria == nil {
		o.criteria = DefaultCriteria()
	}
	free := uint8(64)
	for _, c := range o.criteria {
		f := field{}
		switch {
		case c.IsMatch():
			f.width = matchBits
		case c.built == builtReputation:
			f.width = reputationBits
		case c.built == builtUse:
			f.width = useBits
		case c.built == builtFewest:
			f.width = fewestBits
		case c.built == builtKnown:
			f.width = knownBits
		default:
			f.width, f.bias = propertyBits, MinProperty
		}
		free -= f.width
		f.shift = free
		if c.built == builtKnown {
			o.prefersKnown, o.knownShift = true, f.shift
		}
		o.fields = append(o.fields, f)
		if c.IsMatch() {
			o.slot(c, 1<<f.shift)
		}
	}
	for _, r := range p.Require {
		slot := o.slot(r.Match, 0)
		for service := range o.required {
			if r.Service == 0 || int(r.Service) == service {
				o.required[service] |= 1 << slot
			}
		}
		if !slices.Contains(o.inOrder, slot) {
			o.inOrder = append(o.inOrder, slot)
		}
	}
	slices.SortFunc(o.inOrder, func(a, b int) int {
		return cmp.Compare(o.matches[a].built, o.matches[b].built)
	})
	o.patterns = o.possible()
	return o, nil
}

// slot returns the label slot of a match, a new one if it has none.
func (o *order) slot(c Criterion, differs uint64) int {
	for slot := range o.matches {
		if m := &o.matches[slot]; m.name == c.name && m.built == c.built {
			return slot
		}
	}
	slot := len(o.matches)
	o.matches = append(o.matches, match{c, differs})
	if differs == 0 {
		o.unscored |= 1 << slot
	}
	switch c.built {
	case builtCountry:
		o.country = slot
	case builtProvince:
		o.province = slot
	case builtArea:
		o.area = slot
	default:
		o.hashes = true
	}
	return slot
}

// rank returns the properties of a line.
func (o *order) rank(l line.Line) uint64 {
	var rank uint64
	for i, c := range o.criteria {
		if f := o.fields[i]; c.property != nil {
			value := max(int64(c.property(l))-int64(f.bias), 0)
			rank |= min(uint64(value), 1<<f.width-1) << f.shift
		}
	}
	return rank
}

// labels returns the labels of a line, by slot.
func (o *order) labels(l line.Line) (labels [maxMatches]Label) {
	for slot := range o.matches {
		labels[slot] = o.matches[slot].line(l)
	}
	return labels
}

// ask makes a query ready.
func (o *order) ask(q Query) question {
	ask := question{Query: q}
	if !inOrder(q.Excluded) {
		ask.Excluded = slices.SortedFunc(slices.Values(q.Excluded), recipients.Handle.Compare)
	}
	if q.Recipients.IsValid() {
		ask.ring = q.Recipients.Key().Ring()
	}
	if o.country >= 0 || o.province >= 0 || o.area >= 0 { // one count for all
		at := homeOf(q.Recipients)
		for slot := range o.matches {
			switch slot {
			case o.country:
				ask.labels[slot] = at.country
			case o.province:
				ask.labels[slot] = at.province
			case o.area:
				ask.labels[slot] = at.area
			}
		}
		ask.nested = at.nested
	}
	for slot := range o.matches {
		if m := &o.matches[slot]; m.built == builtNot || m.built == builtLabel {
			ask.labels[slot] = m.query(q)
		}
	}
	if o.prefersKnown {
		ask.acquaint(o.knownShift)
	}
	if q.Service <= message.SMS {
		for slot, label := range ask.labels {
			if label != 0 && o.required[q.Service].has(slot) {
				ask.required |= 1 << slot
			}
		}
	}
	return ask
}

// inOrder reports whether the phones of a list are in the order of their digits
// and before all emails. It is asked of a thousand numbers at every pick.
func inOrder(list []recipients.Handle) bool {
	last := uint64(0)
	for i := range list {
		digits := list[i].Digits()
		if digits == 0 { // an email
			digits = math.MaxUint64
		}
		if digits < last {
			return false
		}
		last = digits
	}
	return true
}

// score returns what the criteria say of a line.
func (o *order) score(r *record, ask *question) uint64 {
	score := r.rank
	for slot := range o.matches {
		if want := ask.labels[slot]; want != 0 && want != r.labels[slot] {
			score |= o.matches[slot].differs
		}
	}
	if o.prefersKnown {
		score |= ask.strangers(r.digits)
	}
	return score
}

// values unpacks a score.
func (o *order) values(score uint64) Values {
	v := Values{n: int8(len(o.fields))}
	for i, f := range o.fields {
		v.v[i] = int32(score>>f.shift&(1<<f.width-1)) + f.bias
	}
	return v
}

// services is how many services there are.
const services = int(message.SMS)
