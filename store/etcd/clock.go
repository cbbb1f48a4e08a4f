package etcd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/uptime"
)

// Now implements store.Clocked.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.begin(ctx, nil); err != nil {
		return time.Time{}, err
	}
	return s.o.Clock(), nil
}

// clock is the clock of the nodes as this process knows it: one that goes on from
// when the store was opened, put right by what the nodes say. The calls of etcd tell
// no time, but every answer of a node by HTTP has the time of the node, in whole
// seconds.
type clock struct {
	own   uptime.Clock
	ahead atomic.Int64 // how far the nodes are ahead of it, in nanoseconds
	told  atomic.Bool  // by a node, ever
}

func newClock(wall time.Time) *clock { return &clock{own: uptime.New(wall)} }

// Now returns what the clock shows.
func (c *clock) Now() time.Time { return c.own.Now().Add(time.Duration(c.ahead.Load())) }

// span is how far a node may be ahead of a clock, by what it told: that has no parts
// of a second, nor says when in the round trip it was so.
type span struct{ from, to time.Duration }

// agreed returns how far the nodes are ahead of a clock, which was thought to be so
// much until now. The node in the middle says it: one whose own clock is wrong counts
// for nothing while most are right. Of two in the middle it is the one that changes
// less. What was thought stays as far as that node allows: the clocks of processes
// that are right agree as they are, and that of another one is right by the second at
// first, and better each time that it is put right.
func agreed(was time.Duration, told ...span) time.Duration {
	slices.SortFunc(told, func(a, b span) int { return cmp.Compare(a.from/2+a.to/2, b.from/2+b.to/2) })
	near := func(s span) time.Duration { return min(max(was, s.from), s.to) }
	a, b := near(told[(len(told)-1)/2]), near(told[len(told)/2])
	if (b - was).Abs() < (a - was).Abs() {
		return b
	}
	return a
}

// setClock puts the clock right by asking all nodes at once what time it is. The
// error says why none told it; then the clock goes on.
func (s *Store) setClock(ctx context.Context) error {
	if s.clock == nil {
		return nil // the caller gave one
	}
	spans, errs := make([]span, len(s.where.endpoints)), make([]error, len(s.where.endpoints))
	var all sync.WaitGroup
	for i, endpoint := range s.where.endpoints {
		all.Go(func() { spans[i], errs[i] = s.timeOf(ctx, endpoint) })
	}
	all.Wait()
	var told []span
	for i, err := range errs {
		if err == nil {
			told = append(told, spans[i])
		}
	}
	if len(told) == 0 {
		return fmt.Errorf("etcd: %w: no node tells the time (%w); let the store reach the hosts of its name by HTTP, "+
			"or accept that it goes by the clock of each machine with Options.Unsynced or ?unsynced=accept", store.ErrNotWritten, errors.Join(errs...))
	}
	s.clock.ahead.Store(int64(agreed(time.Duration(s.clock.ahead.Load()), told...)))
	s.clock.told.Store(true)
	return nil
}

// timeOf asks a node what time it is.
func (s *Store) timeOf(ctx context.Context, endpoint string) (span, error) {
	asked := s.clock.own.Now()
	answer, done, err := s.visit(ctx, endpoint+"/version")
	if err != nil {
		return span{}, err
	}
	defer done()
	got := s.clock.own.Now()
	at, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return span{}, fmt.Errorf("%s does not say when it answered: %w", endpoint, err)
	}
	return span{at.Sub(got), at.Add(time.Second).Sub(asked)}, nil
}

// visit gets a page of a node. The caller calls done at the end.
func (s *Store) visit(ctx context.Context, url string) (answer *http.Response, done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, perTry)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil {
		answer, err = s.web.Do(request)
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return answer, func() { _ = answer.Body.Close(); cancel() }, nil
}

// errAlone is what is wrong with the clock while no node has told it the time.
var errAlone = errors.New("no node has told the time: this process goes by the clock of its machine, as it was when the store was opened")
