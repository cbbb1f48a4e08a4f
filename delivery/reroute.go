package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/store"
)

// A Rerouter decides a message again, for another line. The dispatcher calls it
// with a delivery that it has claimed, from several goroutines at once. It must
// return soon after the context has ended.
type Rerouter func(ctx context.Context, c store.Claimed, why Leaving) Way

// Leaving is the reason to call a Rerouter for a message. It is a plain value.
type Leaving uint8

// The reasons to call a Rerouter.
const (
	// IfNeeded: before an attempt. The message moves only if its line can no
	// longer continue.
	IfNeeded Leaving = 1 + iota
	// Released: an operator released the delivery to leave its line.
	Released
	// FoundFlagged: the Sender found the line flagged.
	FoundFlagged
)

// A Way is the answer of a Rerouter. The zero Way leaves the message on its
// line.
type Way struct {
	// Moved says that the message now goes out from another line or in another
	// chat, and that its lease has ended.
	Moved bool

	// Err says why the message neither moved nor can stay: no line can take it
	// now, or no reroute is possible at all. It names no person.
	Err error

	// Wait is the longest time until the next try; zero if that is not known.
	// Never says that another try cannot help.
	Wait  time.Duration
	Never bool
}

// errNoReroute is the cause of a message that would have to leave and cannot.
var errNoReroute = errors.New("delivery: the message is not rerouted")

// How long a message waits for another line until it is decided again, unless a
// change of the lines ends that before: an eighth of its age, within these
// bounds.
const (
	shortestHold = time.Second
	longestHold  = time.Minute
)

// reroute asks where a delivery goes, and settles it unless it stays.
func (r *run) reroute(l *lease, c store.Claimed, why Leaving, tried int, s *Settlement) (stays bool, err error) {
	if r.opts.Reroute == nil {
		return true, nil
	}
	changed := r.lines.wait()
	way := r.opts.Reroute(l.ctx, c, why)
	switch {
	case way.Moved:
		s.Result, s.Err = Rerouted, nil
		r.Wake()
		return false, nil
	case way.Err == nil:
		return true, nil
	case l.ctx.Err() != nil:
		return false, context.Cause(l.ctx)
	}
	s.Err = errors.Join(errNoReroute, way.Err)
	waited := time.Since(c.At)
	if way.Never || waited >= r.opts.NoLineFor {
		s.Result, s.Why = Parked, store.ParkedNoLine
		if way.Never {
			s.Why = store.ParkedLineFlagged
		}
		return false, l.park(tried, s)
	}
	s.Result, s.Wait = Retrying, jitter(min(max(waited/8, shortestHold), longestHold))
	if way.Wait > 0 {
		s.Wait = min(way.Wait, s.Wait)
	}
	return false, l.await(tried, s.Wait, changed)
}
