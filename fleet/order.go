package fleet

import (
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// order is a policy made ready for use. What the criteria say of a line for a
// query is packed into one number, its score, in the order of the policy: the
// smaller score is the better line. The properties of the score, with zeros in
// the places of the matches, are the line's rank.
type order struct {
	criteria      []Criterion
	fields        []field   // by criterion
	matches       []match   // by label slot
	patterns      []pattern // the combinations of matches that can occur, the most matches first
	area, country int       // their label slots, -1 without
	hashes        bool      // some labels are not calling or area codes
	allowCritical bool
}

// field is the place of one criterion in a score.
type field struct {
	shift uint8
	width uint8
	bias  int32 // the value that is stored as zero
}

// match is what is known of one label slot.
type match struct {
	criterion int
	differs   uint64 // the bit of a score that says that the labels differ
}

// pattern is a set of label slots, a bit each.
type pattern uint8

// The widths of the criteria in a score. All that a policy can hold fit into its
// 64 bits together, in whatever order they come.
const (
	matchBits      = 1
	reputationBits = 2
	useBits        = 18
	fewestBits     = 18
	propertyBits   = 11 // of each of the host's own
)

// newOrder compiles a policy.
func newOrder(p Policy) (*order, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	o := &order{criteria: p.Criteria, area: -1, country: -1, allowCritical: p.AllowCritical}
	if o.criteria == nil {
		o.criteria = DefaultCriteria()
	}
	free := uint8(64)
	for i, c := range o.criteria {
		f := field{}
		switch c.built {
		case builtReputation:
			f.width = reputationBits
		case builtUse:
			f.width = useBits
		case builtFewest:
			f.width = fewestBits
		case builtArea:
			f.width, o.area = matchBits, len(o.matches)
		case builtCountry:
			f.width, o.country = matchBits, len(o.matches)
		default:
			f.width, f.bias = propertyBits, MinProperty
			if c.IsMatch() {
				f.width, f.bias, o.hashes = matchBits, 0, true
			}
		}
		free -= f.width
		f.shift = free
		o.fields = append(o.fields, f)
		if c.IsMatch() {
			o.matches = append(o.matches, match{criterion: i, differs: 1 << f.shift})
		}
	}
	o.patterns = o.possible()
	return o, nil
}

// possible returns the combinations of matches that can occur, those with more
// matches before those they contain. A line that matches the area always
// matches the country too.
func (o *order) possible() []pattern {
	var list []pattern
	for p := pattern(1)<<len(o.matches) - 1; ; p-- {
		if !p.has(o.area) || o.country < 0 || p.has(o.country) {
			list = append(list, p)
		}
		if p == 0 {
			return list
		}
	}
}

func (p pattern) has(slot int) bool { return slot >= 0 && p&(1<<slot) != 0 }

// within reports whether every slot of the pattern has a label.
func (p pattern) within(labels *[maxMatches]Label) bool {
	for slot := range labels {
		if p.has(slot) && labels[slot] == 0 {
			return false
		}
	}
	return true
}

// rank returns the properties of a line.
func (o *order) rank(l line.Line) uint64 {
	var rank uint64
	for i, c := range o.criteria {
		if f := o.fields[i]; !c.IsMatch() {
			value := max(int64(c.property(l))-int64(f.bias), 0)
			rank |= min(uint64(value), 1<<f.width-1) << f.shift
		}
	}
	return rank
}

// labels returns the labels of a line, by slot.
func (o *order) labels(l line.Line) (labels [maxMatches]Label) {
	for slot, m := range o.matches {
		labels[slot] = o.criteria[m.criterion].line(l)
	}
	return labels
}

// ask makes a query ready.
func (o *order) ask(q Query) question {
	ask := question{Query: q}
	if !slices.IsSortedFunc(q.Excluded, recipients.Handle.Compare) {
		ask.Excluded = slices.SortedFunc(slices.Values(q.Excluded), recipients.Handle.Compare)
	}
	if q.Recipients.IsValid() {
		ask.ring = q.Recipients.Key().Ring()
	}
	both := o.area >= 0 && o.country >= 0
	if both { // one count for both
		code, areaCode := majority(q.Recipients)
		ask.labels[o.country], ask.labels[o.area] = Label(code), Label(areaCode)
	}
	for slot, m := range o.matches {
		if !both || slot != o.area && slot != o.country {
			ask.labels[slot] = o.criteria[m.criterion].query(q)
		}
	}
	return ask
}

// score returns what the criteria say of a line.
func (o *order) score(r *record, ask *question) uint64 {
	score := r.rank
	for slot := range o.matches {
		if want := ask.labels[slot]; want != 0 && want != r.labels[slot] {
			score |= o.matches[slot].differs
		}
	}
	return score
}

// missing returns what is added to the ranks of lines that match the query in the
// pattern and in nothing else.
func (o *order) missing(p pattern, ask *question) uint64 {
	var bits uint64
	for slot := range o.matches {
		if !p.has(slot) && ask.labels[slot] != 0 {
			bits |= o.matches[slot].differs
		}
	}
	return bits
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
