package simulate

import "math"

// luck is where chance comes from: a seed, from which each thing in a world
// draws by its own name and count. So what one thing draws does not depend on
// how much another has drawn.
type luck uint64

// draw names what is drawn for.
type draw uint64

const (
	drawBirth draw = 1 + iota
	drawFlag
	drawSweep
	drawOutage
	drawReplaced
	drawFirst
	drawStay
	drawRate
	drawDay
	drawHour
	drawBroadcast
	drawRetry
	drawReport
	drawReply
)

// unit returns a number in (0, 1) for the nth draw of a thing.
func (l luck) unit(what draw, thing, n uint64) float64 {
	x := mix(mix(mix(uint64(l)+0x9e3779b97f4a7c15)^uint64(what)) ^ thing)
	return (float64(mix(x^n)>>11) + 0.5) / (1 << 53)
}

// mix is the finaliser of SplitMix64: every bit of x changes half of the
// result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// exponential returns a draw with that mean.
func (l luck) exponential(mean float64, what draw, thing, n uint64) float64 {
	return -mean * math.Log(l.unit(what, thing, n))
}

// logNormal returns a draw with that median, by a spread of the logarithm.
func (l luck) logNormal(median, spread float64, what draw, thing, n uint64) float64 {
	a, b := l.unit(what, thing, 2*n), l.unit(what, thing, 2*n+1)
	normal := math.Sqrt(-2*math.Log(a)) * math.Cos(2*math.Pi*b)
	return median * math.Exp(spread*normal)
}
