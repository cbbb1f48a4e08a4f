package fleet

// order is a policy made ready for use: where each criterion finds its value in
// a record.
type order struct {
	criteria      []Criterion
	fields        []field // by criterion
	matches       []int   // the criterion of each label slot
	inner, outer  int     // the label slots of area and of country, -1 without
	allowCritical bool
}

// field is the place of one criterion in a record: bits of one of the words of
// its rank for a property, a slot of its labels for a match.
type field struct {
	match bool
	slot  uint8 // of a match
	low   bool  // of a property: in rank.low rather than rank.high
	shift uint8
	width uint8
	bias  int32 // what the least value is stored as zero by
}

// rank holds all properties of a line in the order of the policy, so that
// comparing ranks word by word compares the properties one after the other.
type rank struct{ high, low uint64 }

const (
	reputationBits = 2
	propertyBits   = 30
	wordBits       = 64
)

// newOrder compiles a policy. Properties are packed from the top of the first
// word: no word can hold three of the wide ones, so four of them and the narrow
// one fit into two words in whatever order they come.
func newOrder(p Policy) (*order, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	o := &order{criteria: p.Criteria, allowCritical: p.AllowCritical, inner: -1, outer: -1}
	if o.criteria == nil {
		o.criteria = DefaultCriteria()
	}
	low, used := false, uint8(0)
	for i, c := range o.criteria {
		if c.IsMatch() {
			switch c.built {
			case builtArea:
				o.inner = len(o.matches)
			case builtCountry:
				o.outer = len(o.matches)
			}
			o.fields = append(o.fields, field{match: true, slot: uint8(len(o.matches))})
			o.matches = append(o.matches, i)
			continue
		}
		f := field{width: propertyBits, bias: MinProperty}
		if c.built != builtNot {
			f.bias = 0
		}
		if c.built == builtReputation {
			f.width = reputationBits
		}
		if used+f.width > wordBits {
			low, used = true, 0
		}
		used += f.width
		f.low, f.shift = low, wordBits-used
		o.fields = append(o.fields, f)
	}
	return o, nil
}

// rank packs the properties of a line.
func (o *order) rank(l Line) rank {
	var r rank
	for i, c := range o.criteria {
		f := o.fields[i]
		if f.match {
			continue
		}
		value := min(max(c.property(l), MinProperty), MaxProperty) - int(f.bias)
		word := min(uint64(max(value, 0)), 1<<f.width-1) << f.shift
		if f.low {
			r.low |= word
		} else {
			r.high |= word
		}
	}
	return r
}

// labels returns the labels of a line.
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
	if o.inner >= 0 && o.outer >= 0 { // once for both
		code, areaCode := majority(q.Recipients)
		ask.labels[o.outer], ask.labels[o.inner] = Label(code), Label(areaCode)
	}
	for slot, i := range o.matches {
		if (slot == o.inner || slot == o.outer) && o.inner >= 0 && o.outer >= 0 {
			continue
		}
		ask.labels[slot] = o.criteria[i].query(q)
	}
	return ask
}

// values returns what the criteria say of a line with that rank and labels.
func (o *order) values(r *record, ask *question) Values {
	v := Values{n: int8(len(o.fields))}
	for i := range o.fields {
		f := &o.fields[i]
		if f.match {
			if want := ask.labels[f.slot]; want != 0 && want != r.labels[f.slot] {
				v.v[i] = 1
			}
			continue
		}
		word := r.rank.high
		if f.low {
			word = r.rank.low
		}
		v.v[i] = int32(word>>f.shift&(1<<f.width-1)) + f.bias
	}
	return v
}
