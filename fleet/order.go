package fleet

// order is a policy made ready for use: where each criterion finds its value in
// a record.
type order struct {
	criteria      []Criterion
	fields        []field   // by criterion
	matches       []int     // the criterion of each label slot
	patterns      []pattern // the combinations of matches that can occur, the most matches first
	area, country int       // their label slots, -1 without
	allowCritical bool
}

// field is the place of one criterion in a record: some bits of its rank for a
// property, a slot of its labels for a match.
type field struct {
	match bool
	slot  uint8 // of a match
	shift uint8
	width uint8
	bias  int32 // what the least value of a property, stored as zero, is
}

// pattern is a set of label slots, a bit each.
type pattern uint8

// The widths of the properties in a rank. All that a policy can hold fit into
// its 64 bits together, in whatever order they come.
const (
	reputationBits = 2
	useBits        = 18
	fewestBits     = 20
	propertyBits   = 12 // of each of the host's own
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
		slot := len(o.matches)
		if c.IsMatch() {
			o.fields = append(o.fields, field{match: true, slot: uint8(slot)})
			o.matches = append(o.matches, i)
		}
		f := field{}
		switch c.built {
		case builtArea:
			o.area = slot
		case builtCountry:
			o.country = slot
		case builtReputation:
			f.width = reputationBits
		case builtUse:
			f.width = useBits
		case builtFewest:
			f.width = fewestBits
		default:
			f.width, f.bias = propertyBits, MinProperty
		}
		if !c.IsMatch() {
			free -= f.width
			f.shift = free
			o.fields = append(o.fields, f)
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

// rank packs the properties of a line in the order of the policy, so that
// comparing ranks compares the properties one after the other.
func (o *order) rank(l Line) uint64 {
	var rank uint64
	for i, c := range o.criteria {
		if f := o.fields[i]; !f.match {
			value := max(int64(c.property(l))-int64(f.bias), 0)
			rank |= min(uint64(value), 1<<f.width-1) << f.shift
		}
	}
	return rank
}

// labels returns the labels of a line, by slot.
func (o *order) labels(l Line) (labels [maxMatches]Label) {
	for slot, i := range o.matches {
		labels[slot] = o.criteria[i].line(l)
	}
	return labels
}

// ask makes a query ready.
func (o *order) ask(q Query) question {
	ask := question{Query: q}
	if q.Recipients.IsValid() {
		ask.ring = q.Recipients.Key().Ring()
	}
	if o.area >= 0 && o.country >= 0 { // one count for both
		code, areaCode := majority(q.Recipients)
		ask.labels[o.country], ask.labels[o.area] = Label(code), Label(areaCode)
	}
	for slot, i := range o.matches {
		if slot != o.area && slot != o.country || o.area < 0 || o.country < 0 {
			ask.labels[slot] = o.criteria[i].query(q)
		}
	}
	return ask
}

// values returns what the criteria say of a line.
func (o *order) values(r *record, ask *question) Values {
	v := Values{n: int8(len(o.fields))}
	for i := range o.fields {
		f := &o.fields[i]
		if !f.match {
			v.v[i] = int32(r.rank>>f.shift&(1<<f.width-1)) + f.bias
		} else if want := ask.labels[f.slot]; want != 0 && want != r.labels[f.slot] {
			v.v[i] = 1
		}
	}
	return v
}
