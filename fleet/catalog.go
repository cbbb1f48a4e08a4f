package fleet

// A catalog finds the lists of an index, each a tree, by their names. It is a
// tree itself, of eight ways, that is copied on write like those in it. A list
// stands at the first place that was free on the way that its name spells out, so
// the way to it is short, and taking it out moves no other.
type catalog struct {
	epoch uint64
	lists [ways]list
	below [ways]*catalog
}

// list is one named tree; the zero list is a free place.
type list struct {
	name uint64
	root *node
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

// find returns the tree of a list, nil where there is none.
func (c *catalog) find(name uint64) *node {
	for way := spell(name); c != nil; way >>= wayBits {
		if l := &c.lists[way%ways]; l.name == name {
			return l.root
		}
		c = c.below[way%ways]
	}
	return nil
}

// with returns the catalog with a tree as the list of that name, and with none
// where the tree is nil. There has to be said whether there is such a list.
func (c *catalog) with(name uint64, root *node, there bool, epoch uint64) *catalog {
	return c.set(list{name, root}, spell(name), there, epoch)
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
