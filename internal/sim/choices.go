package sim

// choices is the source of a world's choices. It keeps them, so that the list
// alone runs the world again.
type choices struct {
	state uint64   // of the generator; unused for a list
	given []uint32 // the list to replay; nil for the generator
	taken []uint32
}

// fromSeed draws at random.
func fromSeed(seed uint64) *choices { return &choices{state: seed} }

// fromList replays the choices of a list, and gives zeros after its end.
func fromList(list []uint32) *choices { return &choices{given: append([]uint32{}, list...)} }

// over reports whether a list is at its end: then nothing new happens.
func (c *choices) over() bool { return c.given != nil && len(c.taken) >= len(c.given) }

// below returns a number from 0 to n-1. Zero is the harmless choice if there is
// one.
func (c *choices) below(n int) int {
	var v uint32
	switch {
	case c.given == nil:
		v = uint32(c.next() >> 33 % uint64(n))
	case len(c.taken) < len(c.given):
		v = c.given[len(c.taken)] % uint32(n)
	}
	c.taken = append(c.taken, v)
	return int(v)
}

// once is true once in n times on average.
func (c *choices) once(n int) bool { return c.below(n) == n-1 }

// next is splitmix64.
func (c *choices) next() uint64 {
	c.state += 0x9e3779b97f4a7c15
	z := c.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
