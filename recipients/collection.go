package recipients

import (
	"cmp"
	"fmt"
)

// A collection gathers the distinct members of a set, in order, in place.
// Phones and email addresses are kept apart, because every phone comes before
// every address and numbers are faster to sort than handles.
type collection struct {
	phones  [MaxRecipients]uint64
	mails   [MaxRecipients]string
	numbers int // of phones
	letters int // of mails
	excess  bool
}

// add takes a valid handle in, once.
func (c *collection) add(h Handle) {
	if h.IsPhone() {
		insert(c.phones[:], &c.numbers, h.digits, c)
	} else {
		insert(c.mails[:], &c.letters, h.mail, c)
	}
}

// insert puts v where it belongs among the first *n of sorted, unless it is
// there already or the collection is full.
func insert[T cmp.Ordered](sorted []T, n *int, v T, c *collection) {
	i := *n
	for i > 0 && sorted[i-1] > v {
		i--
	}
	switch {
	case i > 0 && sorted[i-1] == v:
		return
	case c.numbers+c.letters == MaxRecipients:
		c.excess = true
		return
	}
	copy(sorted[i+1:], sorted[i:*n])
	sorted[i] = v
	*n++
}

// set returns the set of what was gathered.
func (c *collection) set(limit int) (Set, error) {
	n := c.numbers + c.letters
	switch {
	case n == 0:
		return Set{}, fmt.Errorf("%w: give 1 to %d", ErrEmpty, limit)
	case c.excess || n > limit:
		return Set{}, fmt.Errorf("%w: more than %d distinct ones", ErrTooMany, limit)
	}
	p := makePeople(n)
	for i, digits := range c.phones[:c.numbers] {
		p.members[i].digits = digits
	}
	for i, mail := range c.mails[:c.letters] {
		p.members[c.numbers+i].mail = mail
	}
	return p.set(), nil
}
