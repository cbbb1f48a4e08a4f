package fromline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A send whose look-ups are so slow that what it knows of the lines is too old
// when it comes to commit tries again, three times and no more; nothing old is
// committed.
func TestASlowSendTriesAgain(t *testing.T) {
	for slow := range 6 {
		synctest.Test(t, func(t *testing.T) {
			chats := &script{Store: memory.New(memory.Options{}), notes: &notes{}}
			looked, began := 0, time.Time{}
			chats.beforeLookup = func(store.Query) error {
				began = time.Now()
				if looked++; looked <= slow {
					time.Sleep(1100 * time.Millisecond)
				}
				return nil
			}
			chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
				require.Less(t, time.Since(began), time.Second)
				return commit()
			}
			r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
			require.NoError(t, err)
			_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			if slow <= 3 {
				require.NoError(t, err)
				require.Len(t, chats.plans, 1)
				require.Equal(t, slow+1, looked)
				return
			}
			var away *fromline.UnavailableError
			require.ErrorAs(t, err, &away)
			require.True(t, away.Retry)
			require.False(t, away.Unknown)
			require.Empty(t, chats.plans)
			require.Equal(t, 4, looked)
		})
	}
}

// account is a fleet that keeps account of the picks that it counts: how many
// are begun and not ended, of failovers and of others.
type account struct {
	*fleet.Fleet
	failovers, others int
	kept              map[bool]int // those that were confirmed, by whether they are failovers
}

func (a *account) add(failover bool, n int) {
	if failover {
		a.failovers += n
	} else {
		a.others += n
	}
}

func (a *account) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	if !a.Fleet.Reserve(tenant, at, q, line) {
		return false
	}
	a.add(q.Failover, 1)
	return true
}

func (a *account) Confirm(tenant string, at time.Time, line recipients.Handle, failover bool) {
	a.add(failover, -1)
	a.kept[failover]++
	a.Fleet.Confirm(tenant, at, line, failover)
}

func (a *account) Release(tenant string, at time.Time, line recipients.Handle, failover bool) {
	a.add(failover, -1)
	a.Fleet.Release(tenant, at, line, failover)
}

// A pick ends as what it began: one that takes over from another line counts
// against the share of those, whether it is kept or given back, and no other
// one does.
func TestPicksEndAsWhatTheyBegan(t *testing.T) {
	for name, commit := range map[string]func(n int, commit func() error) error{
		"made":       func(_ int, commit func() error) error { return commit() },
		"lost":       func(_ int, commit func() error) error { _ = commit(); return errLost },
		"never made": func(int, func() error) error { return store.ErrFull },
		"made at last": func(n int, commit func() error) error {
			return map[bool]func() error{true: commit, false: conflict}[n == 2]()
		},
	} {
		for _, failover := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				a := &account{kept: map[bool]int{}}
				r := build(t, []line.Line{{Number: dc, Limits: line.Limits{NewChatsPerDay: 10}}, {Number: boston, Status: line.Flagged}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
					o := asking(r.lines)
					o.Guard = line.Guard{FailoverShare: 50}
					f, err := fleet.New(o)
					require.NoError(t, err)
					a.Fleet = f
					return a, fromline.Options{}
				})
				if failover {
					r.seen(1, boston, time.Hour, ann)
				}
				tries := 0
				r.chats.aroundCommit = func(p *store.Plan, do func() error) error {
					require.Equal(t, failover, p.FailoverLimit > 0)
					tries++
					return commit(tries, do)
				}
				d, err := r.send(request(t, nil, ann))
				want := map[bool]int{failover: 1}
				if name == "never made" {
					require.Error(t, err)
					want = map[bool]int{}
				} else {
					require.NoError(t, err)
					require.Equal(t, failover, d.Reason == store.FailoverFlagged)
				}
				require.Zero(t, a.failovers)
				require.Zero(t, a.others)
				require.Equal(t, want, a.kept)
			})
		}
	}
}

// hanging is a network that can hang.
type hanging struct {
	*network
	hangs atomic.Bool
}

func (h *hanging) Send(ctx context.Context, d delivery.Delivery) error {
	if h.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return h.network.Send(ctx, d)
}

func conflict() error { return &store.Conflict{Kind: store.RevisionMoved} }

// What waits to be handed over is counted once for each message: neither one
// that goes another way nor one that nothing hands over counts again.
func TestMessagesThatWaitCountOnce(t *testing.T) {
	t.Run("rerouted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			net := &hanging{network: newNetwork()}
			net.flag(dc, true)
			lines, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
			r, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: net, Reroute: true, MaxBacklog: 2})
			require.NoError(t, err)
			defer running(t, r)()
			send := func(to recipients.Handle) error {
				_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, to)})
				return err
			}
			require.NoError(t, send(ann))
			time.Sleep(1500 * time.Millisecond) // it waits for another line
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
			r.Wake()
			time.Sleep(100 * time.Millisecond) // it goes out, before the store is asked again
			require.Len(t, net.got(), 1)
			net.hangs.Store(true)
			require.NoError(t, send(ann))
			require.NoError(t, r.Ready(t.Context()), "one waits")
			require.NoError(t, send(bob))
			require.Error(t, r.Ready(t.Context()), "two wait")
		})
	})
	t.Run("nothing hands over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			lines := &table{notes: &notes{}, lines: []line.Line{{Number: dc}}}
			r, err := fromline.New(memory.New(memory.Options{}), lineTable{lines}, fromline.Options{MaxBacklog: 1})
			require.NoError(t, err)
			defer running(t, r)()
			for range 3 {
				_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				require.NoError(t, err)
			}
		})
	})
	t.Run("another process hands over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			lines := &table{notes: &notes{}, lines: []line.Line{{Number: dc}}}
			chats := &troubled{Store: memory.New(memory.Options{})}
			r, err := fromline.New(chats, lineTable{lines}, fromline.Options{MaxBacklog: 1, Deliver: true})
			require.NoError(t, err)
			ctx, stop := context.WithCancel(t.Context())
			send := func() error {
				_, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
				return err
			}
			for range 3 {
				require.NoError(t, send(), "while it does not run the messages are not counted")
			}
			ran := make(chan error, 1)
			go func() { ran <- r.Run(ctx) }()
			synctest.Wait()
			require.Error(t, send())
			chats.uncounted.Store(true) // and what was counted last stays
			time.Sleep(5 * time.Second)
			require.Error(t, send())
			stop()
			require.NoError(t, <-ran)
			ctx = t.Context()
			require.NoError(t, send(), "nor when it ran once")
		})
	})
}
