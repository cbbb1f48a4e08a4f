package fromline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// distant is a store as one process sees it over a network that is cut now and
// then: calls fail then, or stall until the network is back or their context
// ends, and take their time when it is there.
type distant struct {
	*memory.Store
	mu        sync.Mutex // guards what is below
	rand      *rand.Rand
	cut       bool
	stalls    bool                       // calls stall rather than fail
	back      chan struct{}              // closed when the network is back
	committed func(p *store.Plan) func() // called when a commit is asked for, and what it returns when it is made
}

var errCut = errors.New("the network is cut")

func (d *distant) travel(ctx context.Context) error {
	select {
	case <-time.After(d.delay()):
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		cut, stalls, back := d.network()
		switch {
		case !cut:
			return nil
		case !stalls:
			return errCut
		}
		select {
		case <-back:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// delay is how long a call takes.
func (d *distant) delay() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	longest := 100
	if d.rand.IntN(6) == 0 {
		longest = 3000
	}
	return time.Duration(d.rand.IntN(longest)) * time.Millisecond
}

func (d *distant) network() (cut, stalls bool, back chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cut, d.stalls, d.back
}

// turn cuts the network, or heals it.
func (d *distant) turn(stalls bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cut = !d.cut; d.cut {
		d.stalls, d.back = stalls, make(chan struct{})
	} else {
		close(d.back)
	}
}

func (d *distant) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	if err := d.travel(ctx); err != nil {
		return nil, 0, err
	}
	return d.Store.LineStates(ctx, after, limit)
}

func (d *distant) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	if err := d.travel(ctx); err != nil {
		return nil, 0, err
	}
	return d.Store.LineUse(ctx, after, limit)
}

func (d *distant) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := d.travel(ctx); err != nil {
		return store.Snapshot{}, err
	}
	return d.Store.Lookup(ctx, q)
}

func (d *distant) Commit(ctx context.Context, p *store.Plan) error {
	made := d.committed(p)
	if cut, _, _ := d.network(); cut {
		return errors.Join(store.ErrNotWritten, errCut)
	}
	err := d.Store.Commit(ctx, p)
	if err == nil {
		made()
	}
	return err
}

// TestEventsAreActedOnWithinASecond is the bound of the rules, through outages
// of the store that this process sees and the other one does not: no commit is
// asked for on a line of which it was acknowledged more than a second before,
// and not taken back since, that it is flagged.
func TestEventsAreActedOnWithinASecond(t *testing.T) {
	sent, refused, late := 0, 0, 0
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 18))
			chats := memory.New(memory.Options{})
			table := []line.Line{{Number: dc}, {Number: dallas}}
			far := &distant{Store: chats, rand: rand.New(rand.NewPCG(18, seed)), back: make(chan struct{})}
			router := func(chats store.ChatStore) *fromline.Router {
				lines, err := fleet.New(fleet.Options{})
				require.NoError(t, err)
				require.NoError(t, lines.SetLines("acme", table))
				r, err := fromline.New(chats, lines, fromline.Options{})
				require.NoError(t, err)
				return r
			}
			near, there := router(chats), router(far)
			var mu sync.Mutex
			var flagged time.Time // when it was acknowledged that dc is; zero: it is not
			far.committed = func(p *store.Plan) func() {
				asked := time.Now()
				return func() {
					mu.Lock()
					defer mu.Unlock()
					if p.Line == dc && !flagged.IsZero() && asked.Sub(flagged) > time.Second {
						late++
						t.Errorf("seed %d: a commit on a line that is flagged since %v", seed, asked.Sub(flagged))
					}
				}
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go func() { _ = there.Run(ctx) }()
			for range 80 {
				time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
				switch random.IntN(8) {
				case 0:
					status := line.Flagged
					if !flagged.IsZero() {
						status = line.Active
					}
					mu.Lock()
					flagged = time.Time{} // until it is acknowledged nothing holds
					mu.Unlock()
					_, err := near.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: status, ChangedAt: time.Now()})
					require.NoError(t, err)
					if status == line.Flagged {
						mu.Lock()
						flagged = time.Now()
						mu.Unlock()
					}
				case 1, 2:
					far.turn(random.IntN(2) == 0)
				default:
					within, cancel := context.WithTimeout(ctx, 10*time.Second)
					done := make(chan error, 1)
					go func() {
						_, err := there.Route(within, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
						done <- err
					}()
					select {
					case err := <-done:
						if cancel(); err == nil {
							sent++
							continue
						}
						require.Equal(t, fault.CodeStore, fromline.CodeOf(err), "%v", err)
						refused++
					case <-time.After(time.Duration(random.IntN(500)) * time.Millisecond): // it goes on beside
						go func() { <-done; cancel() }()
					}
				}
			}
			if cut, _, _ := far.network(); cut {
				far.turn(false)
			}
			stop()
			time.Sleep(time.Minute) // what goes on beside ends
		})
	}
	t.Logf("%d sent, %d refused, %d late", sent, refused, late)
	require.Greater(t, sent, 200)
	require.Greater(t, refused, 20)
}
