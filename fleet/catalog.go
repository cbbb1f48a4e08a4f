package fleet

import "github.com/fromline/fromline/message"

// A catalog finds the lists of an index, each a tree, by their names. It is a
// tree itself, of eight ways, that is copied on write like those in it. A list
// stands at the first place that was free on the way that its name spells out,
// so the way to it is short, and taking it out moves no other.
type catalog struct {
	epoch uint64
	lists [ways]list
	below [ways]*catalog
}

// list is one named tree, and how many of its lines can be picked for each
// service; the zero list is a free place.
type list struct {
	name    uint64
	root    *node
	serving serving
}

// serving counts lines that can be picked, by the service that they serve: all,
// and those of them that take no failovers.
type serving struct{ all, held [services + 1]int32 }

// count counts a record n times.
func (s *serving) count(r *record, n int32) {
	if r == nil || r.cause != open {
		return
	}
	for service := range s.all {
		if r.services.Has(message.Service(service)) {
			s.all[service] += n
			if r.held {
				s.held[service] += n
			}
		}
	}
}

// of returns how many lines an opening of a kind may go to.
func (s *serving) of(ask *question) int {
	if ask.Failover {
		return int(s.all[ask.Service] - s.held[ask.Service])
	}
	return int(s.all[ask.Service])
}

const (
	ways    = 8
	wayBits = 3
)

// spell returns the way to a name: three bits for each step, the lowest first.
// Names that differ have ways that differ, so a way of 22 steps is enough
// for all of them.
func spell(name uint64) uint64 {
	name *= 0x9e3779b97f4a7c15
	return name ^ name>>32
}

// find returns a list, the empty one of that name if there is none.
func (c *catalog) find(name uint64) list {
	for way := spell(name); c != nil; way >>= wayBits {
		if l := &c.lists[way%ways]; l.name == name {
			return *l
		}
		c = c.below[way%ways]
	}
	return list{name: name}
}

// with returns the catalog with a list in the place of the one of that name,
// and with none where its tree is nil. There has to be said whether there is
// such a list.
func (c *catalog) with(l list, there bool, epoch uint64) *catalog {
	return c.set(l, spell(l.name), there, epoch)
}

func (c *catalog) set(l list, way uint64, there bool, epoch uint64) *catalog {
	switch {
	case c == nil:
		c = &catalog{epoch: epoch}
	case c.epoch != epoch:
		owned := *c
		owned.epoch = epoch
		c = &owned
	}
	at := &c.lists[way%ways]
	switch {
	case at.name == l.name && l.root == nil:
		*at = list{}
	case at.name == l.name || at.name == 0 && !there:
		*at = l
	default:
		c.below[way%ways] = c.below[way%ways].set(l, way>>wayBits, there, epoch)
	}
	return c
}

// each calls a function with every list.
func (c *catalog) each(do func(list)) {
	if c == nil {
		return
	}
	for way := range ways {
		if l := c.lists[way]; l.name != 0 {
			do(l)
		}
		c.below[way].each(do)
	}
}
