package fleet

// This file says which lists of an index a query has to look at.

// pattern is a set of label slots, a bit each.
type pattern uint8

// possible returns the combinations of matches that have a list of their own,
// each before those that have fewer of the same. A line that matches the area
// or the province matches the country too; and as every area lies in one
// province, the list of an area is that of area and province.
func (o *order) possible() []pattern {
	var list []pattern
	for _, near := range []bool{true, false} { // those with an area, then the others
		for p := pattern(1)<<len(o.matches) - 1; ; p-- {
			abroad := o.country >= 0 && !p.has(o.country) && (p.has(o.area) || p.has(o.province))
			if p.has(o.area) == near && !abroad && !(near && p.has(o.province)) {
				list = append(list, p)
			}
			if p == 0 {
				break
			}
		}
	}
	return list
}

// full returns the matches of the lines in the list of a pattern.
func (o *order) full(p pattern, ask *question) pattern {
	if p.has(o.area) && o.province >= 0 && ask.nested {
		p |= 1 << o.province
	}
	return p
}

// asks reports whether a query has to look at the list of a pattern: it has all
// that is required, and nothing that no criterion prefers, as then the larger
// list without that is as good.
func (o *order) asks(p pattern, ask *question) bool {
	idle := o.unscored &^ ask.required
	if p.has(o.area) || p.has(o.province) {
		idle = idle.without(o.country) // there is no list of these without it
	}
	return p&idle == 0 && ask.required&^o.full(p, ask) == 0
}

// meets reports whether a line has the labels that the query must have.
func (o *order) meets(r *record, ask *question) bool { return ask.required == 0 || o.unmet(r, ask) < 0 }

// unmet returns the slot of the first match that a line must have and has not,
// in the order of their causes, -1 where it has all.
func (o *order) unmet(r *record, ask *question) int {
	for _, slot := range o.inOrder {
		if ask.required.has(slot) && r.labels[slot] != ask.labels[slot] {
			return slot
		}
	}
	return -1
}

func (p pattern) has(slot int) bool { return slot >= 0 && p&(1<<slot) != 0 }

func (p pattern) without(slot int) pattern {
	if slot < 0 {
		return p
	}
	return p &^ (1 << slot)
}

// within reports whether every slot of the pattern has a label.
func (p pattern) within(labels *[maxMatches]Label) bool {
	for slot := range labels {
		if p.has(slot) && labels[slot] == 0 {
			return false
		}
	}
	return true
}

// missing returns what is added to the ranks of lines that match the query in
// the pattern and in nothing else.
func (o *order) missing(p pattern, ask *question) uint64 {
	var bits uint64
	p = o.full(p, ask)
	for slot := range o.matches {
		if !p.has(slot) && ask.labels[slot] != 0 {
			bits |= o.matches[slot].differs
		}
	}
	return bits
}
