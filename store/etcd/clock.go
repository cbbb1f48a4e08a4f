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

// clock is the clock of the nodes, as this process knows it. It advances with
// the uptime of the machine, and setClock corrects it. The calls of etcd return
// no time, but every HTTP answer of a node has the time of the node, in whole
// seconds.
type clock struct {
	own   uptime.Clock
	ahead atomic.Int64 // nanoseconds that the nodes are ahead of own
	told  atomic.Bool  // whether a node has ever told its time
}

func newClock(wall time.Time) *clock { return &clock{own: uptime.New(wall)} }

// Now returns the time of the clock.
func (c *clock) Now() time.Time { return c.own.Now().Add(time.Duration(c.ahead.Load())) }

// span is how far a node may be ahead of a clock. It is a range, because an
// answer has whole seconds, and was made at an unknown moment of its round
// trip.
type span struct{ from, to time.Duration }

// agreed returns how far the nodes are ahead of a clock, if they were assumed
// to be ahead by was until now. The middle node decides, so a wrong clock of a
// node does not count while most are right. Of two middle nodes, the one that
// changes less decides. agreed keeps was if the span of that node allows it,
// and else the nearest value that it allows. So clocks of processes that are
// right stay as they are; a wrong one is right to a second after the first
// answer, and comes closer with each.
func agreed(was time.Duration, told ...span) time.Duration {
	slices.SortFunc(told, func(a, b span) int { return cmp.Compare(a.from/2+a.to/2, b.from/2+b.to/2) })
	near := func(s span) time.Duration { return min(max(was, s.from), s.to) }
	a, b := near(told[(len(told)-1)/2]), near(told[len(told)/2])
	if (b - was).Abs() < (a - was).Abs() {
		return b
	}
	return a
}

// setClock corrects the clock: it asks all nodes at once for their time. It
// returns an error if no node tells it; the clock then goes on as it is.
func (s *Store) setClock(ctx context.Context) error {
	if s.clock == nil {
		return nil // the caller gave a clock
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

// timeOf asks a node for its time.
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

// visit gets a page of a node. The caller must call done.
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

// errAlone is the state of the clock while no node has told its time.
var errAlone = errors.New("no node has told the time: this process goes by the clock of its machine, as it was when the store was opened")
