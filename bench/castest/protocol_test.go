package castest

import (
	"errors"
	"slices"
	"sync/atomic"
)

// rule is a rule of the protocol that a test can leave out.
type rule int

const (
	_ rule = iota
	// fencing: replace the primary of an attempt before you take the attempt
	// for dead.
	fencing
	// renewal: begin a failed attempt again with new intents.
	renewal
	// helping: an attempt leaves its primary only when it is carried out
	// everywhere.
	helping
	// holding: a slot that an attempt intends to take is not free.
	holding
	// releasing: a slot that a dead attempt holds is free.
	releasing
	// collecting: read everything twice, and again if anything moved in
	// between.
	collecting
)

// errAgain means that another client was faster.
var errAgain = errors.New("begin again")

// attempts numbers attempts. Numbers are unique over all clients of an engine.
var attempts atomic.Uint64

type status int

const (
	open status = iota
	decided
	dead
)

// protocol changes several cells at one moment: that of the swap of one of
// them, the primary.
type protocol struct {
	engine
	without rule
}

// other is a cell that an attempt changes besides its primary.
type other struct {
	key    string
	effect effect
	check  func(c cell, free bool) error // free: no other attempt has intents here
	shared bool                          // several attempts may have intents here at once
}

// try replaces the primary, whose value is now at the given version, and
// changes others with it, if all of their checks pass.
func (p *protocol) try(primary string, version uint64, now, next cell, others []other) error {
	attempt := attempts.Add(1)
	var keys []string
	for _, o := range others {
		if err := p.intend(o, intent{attempt, primary, version, o.effect}); err != nil {
			p.withdraw(keys, attempt)
			return err
		}
		keys = append(keys, o.key)
	}
	if len(keys) > 0 {
		next.decided = append(slices.Clone(next.decided), decision{attempt, keys})
	}
	for !p.swap(primary, version, next) {
		if p.without != renewal {
			p.withdraw(keys, attempt)
			return errAgain
		}
		// Leaving out renewal: the primary has the same value as before, but
		// the intents are bound to a version that another client replaced, and
		// may be taken for dead.
		same, v := p.get(primary)
		if same.revision != now.revision || len(same.decided)+len(same.intents) > 0 || !slices.Equal(same.marks(), now.marks()) {
			p.withdraw(keys, attempt)
			return errAgain
		}
		version = v
	}
	p.clean(primary)
	return nil
}

// intend puts an intent into a cell that will change, if the check passes.
// Unless the cell is shared, it first settles the intents of other attempts
// there.
func (p *protocol) intend(o other, in intent) error {
	for {
		c, v := p.settle(o.key, !o.shared)
		if err := o.check(c, len(c.intents) == 0); errors.Is(err, errAgain) {
			p.settle(o.key, true)
			continue
		} else if err != nil {
			return err
		}
		c.intents = append(slices.Clone(c.intents), in)
		if p.swap(o.key, v, c) {
			return nil
		}
	}
}

// withdraw removes intents as a courtesy: they are dead, or will be when
// another client needs them to be.
func (p *protocol) withdraw(keys []string, attempt uint64) {
	for _, key := range keys {
		for {
			c, v := p.get(key)
			mine := func(in intent) bool { return in.attempt == attempt }
			if !slices.ContainsFunc(c.intents, mine) {
				break
			}
			c.intents = slices.DeleteFunc(slices.Clone(c.intents), mine)
			if p.swap(key, v, c) {
				break
			}
		}
	}
}

// status returns the state of an attempt, by its primary.
func (p *protocol) status(in intent) status {
	c, v := p.get(in.primary)
	switch {
	case slices.ContainsFunc(c.decided, func(d decision) bool { return d.attempt == in.attempt }):
		return decided
	case v > in.version:
		return dead // or carried out here too: then this cell is no longer as it was read
	}
	return open
}

// settle carries out the decided intents of a cell and drops the dead ones.
// With force it leaves none.
func (p *protocol) settle(key string, force bool) (cell, uint64) {
	for {
		c, v := p.get(key)
		next, settled := c, false
		next.intents = nil
		for _, in := range c.intents {
			s := p.status(in)
			if s == open && force {
				p.fence(in)
				if s = p.status(in); p.without == fencing && s == open {
					s = dead
				}
			}
			switch {
			case s == decided:
				next, settled = next.with(in.effect), true
			case s == dead && p.without == releasing && in.effect.opens != nil:
				next, settled = next.with(in.effect), true
			case s == dead:
				settled = true
			default:
				next.intents = append(next.intents, in)
			}
		}
		if !settled {
			return c, v
		}
		p.swap(key, v, next)
	}
}

// fence makes sure that an open attempt can no longer be decided.
func (p *protocol) fence(in intent) {
	if p.without == fencing {
		return
	}
	if c, v := p.get(in.primary); v == in.version {
		p.swap(in.primary, v, c)
	}
}

// clean carries out everything that a cell has decided.
func (p *protocol) clean(key string) {
	for {
		c, v := p.get(key)
		if len(c.decided) == 0 {
			return
		}
		for _, k := range c.decided[0].others {
			if p.without != helping {
				p.settle(k, false)
			}
		}
		c.decided = slices.Clone(c.decided[1:])
		p.swap(key, v, c)
	}
}

// ready returns a cell that can be a primary: it has no decisions and no
// intents.
func (p *protocol) ready(key string) (cell, uint64) {
	for {
		p.clean(key)
		if c, v := p.settle(key, true); len(c.decided) == 0 && len(c.intents) == 0 {
			return c, v
		}
	}
}

// reading is a consistent reading of several cells.
type reading struct {
	*protocol
	versions map[string]uint64
	torn     bool
}

// read calls look, and repeats it until nothing moved while it read.
func (p *protocol) read(look func(r *reading)) {
	for {
		r := &reading{p, make(map[string]uint64), false}
		look(r)
		if !r.torn && r.still() || p.without == collecting {
			return
		}
	}
}

// cell returns a cell. Its remaining intents are undecided.
func (r *reading) cell(key string) cell {
	c, v := r.settle(key, false)
	r.saw(key, v)
	for _, in := range c.intents {
		primary, at := r.get(in.primary)
		r.saw(in.primary, at)
		if at > in.version || slices.ContainsFunc(primary.decided, func(d decision) bool { return d.attempt == in.attempt }) {
			r.torn = true
		}
	}
	return c
}

func (r *reading) saw(key string, version uint64) {
	if before, seen := r.versions[key]; seen && before != version {
		r.torn = true
	}
	r.versions[key] = version
}

// still reports whether all cells are still as they were read.
func (r *reading) still() bool {
	for key, version := range r.versions {
		if _, now := r.get(key); now != version {
			return false
		}
	}
	return true
}
