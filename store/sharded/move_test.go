package sharded_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
)

// engine is a store that survives its processes, and can be down.
type engine struct {
	store.Store
	mu   sync.Mutex
	down bool
}

func (e *engine) Close() error { return nil }

func (e *engine) open(context.Context) (store.Store, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		return nil, errDown
	}
	if l, lists := e.Store.(store.ChangeLister); lists {
		return &listing{e, l}, nil
	}
	return e, nil
}

// listing is an engine whose store lists changes.
type listing struct {
	*engine
	store.ChangeLister
}

var errDown = errors.New("connection refused")

// engines are three stores in memory, by name.
type engines map[string]*engine

func newEngines() engines {
	all := make(engines)
	for _, name := range []string{"one", "two", "three"} {
		all[name] = &engine{Store: memory.New(memory.Options{})}
	}
	return all
}

// process opens a store over the engines, as another process would.
func (all engines) process(t *testing.T) *sharded.Store {
	t.Helper()
	return all.patient(t, time.Second)
}

// patient opens a store with the given Options.Patience.
func (all engines) patient(t *testing.T, patience time.Duration) *sharded.Store {
	t.Helper()
	var shards []sharded.Shard
	for name, e := range all {
		shards = append(shards, sharded.Shard{Name: name, Open: e.open})
	}
	s, err := sharded.New(shards, sharded.Options{Directory: "one", Recheck: patience / 20, Patience: patience})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// where returns the names of the engines with a chat of a tenant.
func (all engines) where(t *testing.T, tenant string) (names []string) {
	for name, e := range all {
		chats, _, err := e.ChatsOfTenant(t.Context(), tenant, uuid.Nil, 1)
		require.NoError(t, err)
		if len(chats) > 0 {
			names = append(names, name)
		}
	}
	return names
}

func person(t testing.TB, i int) recipients.Set {
	set, err := recipients.NewSet(recipients.MustParse(fmt.Sprintf("+1202555%04d", i)))
	require.NoError(t, err)
	return set
}

// send sends the n-th message to a person, as a router does. It reports whether
// that was acknowledged.
func send(ctx context.Context, s store.Store, tenant string, set recipients.Set, key string) (acked bool, err error) {
	return sendBy(ctx, s, tenant, set, key, s.Commit)
}

// sendBy is send with another way to commit.
func sendBy(
	ctx context.Context, s store.Store, tenant string, set recipients.Set, key string, commit func(context.Context, *store.Plan) error,
) (acked bool, err error) {
	for {
		snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key(), IdempotencyKey: key})
		if err != nil {
			return false, err
		}
		if snap.Record != nil {
			return true, nil
		}
		at := time.Now()
		p := &store.Plan{Tenant: tenant, Set: set, Revision: snap.Revision, Content: []byte(key), Record: store.Record{
			Key: key, MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
		}}
		if len(snap.Chats) > 0 {
			p.Reason, p.ChatID, p.Line, p.Roster = store.ReusedActiveChat, snap.Chats[0].ID, snap.Chats[0].Line, snap.Chats[0].Roster
		}
		err = commit(ctx, p)
		if conflict := (*store.Conflict)(nil); errors.As(err, &conflict) {
			continue
		}
		return err == nil, err
	}
}

// ledger is the acknowledged messages and those handed over.
type ledger struct {
	mu      sync.Mutex
	acked   map[string]bool
	handed  map[string][]string // by person, in order, each once
	refused int
}

// A tenant is moved from shard to shard while it sends and its messages are
// handed over. The first move is stopped before every step, and another process
// continues it. Everything acknowledged exists, each set has one chat, and all
// messages are handed over in order.
func TestMoveWhileSending(t *testing.T) {
	t.Parallel()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		moveWhileSending(t, newEngines())
	})
	t.Run("in files", func(t *testing.T) {
		t.Parallel()
		dir, all := t.TempDir(), newEngines()
		for name, e := range all {
			s, err := sqlite.Open(t.Context(), filepath.Join(dir, name), sqlite.Options{Synchronous: sqlite.Normal})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			e.Store = s
		}
		moveWhileSending(t, all)
	})
}

// moved moves a tenant. It repeats the move if the lock could not be renewed in
// time, which happens on a busy machine.
func moved(t *testing.T, s *sharded.Store, tenant, to string, step func(sharded.Step) error) error {
	for tries := 1; ; tries++ {
		_, err := s.Move(t.Context(), tenant, to, sharded.MoveOptions{Step: step})
		if !errors.Is(err, sharded.ErrMoveUnderWay) || tries == 10 {
			return err
		}
		t.Log(err)
	}
}

func moveWhileSending(t *testing.T, all engines) {
	const people, tenant = 4, "acme"
	pause := 10 * time.Millisecond // between the sends of one person
	if testing.Short() {           // also under the race detector, where a SQLite file takes ten times as long
		pause *= 20
	}
	book := &ledger{acked: make(map[string]bool), handed: make(map[string][]string)}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var senders, couriers sync.WaitGroup
	for process := range 2 {
		s := all.process(t)
		for i := range people {
			set := person(t, i)
			senders.Go(func() {
				for n := 0; ctx.Err() == nil; {
					key := fmt.Sprintf("%d/%d/%d", i, process, n)
					acked, err := send(context.Background(), s, tenant, set, key)
					book.mu.Lock()
					if acked {
						book.acked[key] = true
						n++
					} else if errors.Is(err, sharded.ErrMoving) {
						book.refused++
					}
					book.mu.Unlock()
					time.Sleep(pause)
				}
			})
		}
	}
	bystander := all.process(t) // another tenant of each shard sends with it
	var bystanders atomic.Int64
	for i := range 6 {
		senders.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				acked, err := send(context.Background(), bystander, fmt.Sprint("bystander ", i), person(t, 1), fmt.Sprint(n))
				if errors.Is(err, sharded.ErrMoving) {
					t.Errorf("a tenant that does not move is refused: %v", err)
				}
				if acked { // else the disk was slower than the patience of this test
					bystanders.Add(1)
				}
				time.Sleep(2 * pause)
			}
		})
	}
	courier := all.process(t)
	deliver := func() {
		claimed, err := courier.Claim(context.Background(), time.Second, 100)
		if err != nil {
			return
		}
		var leases []store.LeaseID
		for _, c := range claimed {
			if leases = append(leases, c.Lease); c.Lease.Tenant != tenant {
				continue
			}
			who, what := c.Delivery.To.Key().Bytes(), string(c.Delivery.Content)
			book.mu.Lock()
			if list := book.handed[string(who[:])]; len(list) == 0 || list[len(list)-1] != what {
				book.handed[string(who[:])] = append(list, what)
			}
			book.mu.Unlock()
		}
		_, _ = courier.AckAll(context.Background(), leases)
	}
	couriers.Go(func() {
		for ctx.Err() == nil {
			deliver()
			time.Sleep(time.Millisecond)
		}
	})

	require.Eventually(t, func() bool { return len(all.where(t, tenant)) == 1 }, time.Minute, time.Millisecond)
	home := all.where(t, tenant)[0]
	var ways []string
	for _, to := range []string{"one", "two", "three"} {
		if to != home {
			ways = append(ways, to)
		}
	}
	for i, to := range append(ways, home) { // with the way back
		stopped := errors.New("killed")
		for step := sharded.Copying; step <= sharded.Sweeping && i == 0; step++ {
			require.ErrorIs(t, moved(t, all.process(t), tenant, to, func(at sharded.Step) error {
				if at == step {
					return stopped
				}
				return nil
			}), stopped, "before %v", step)
		}
		require.NoError(t, moved(t, all.process(t), tenant, to, nil))
		time.Sleep(20 * time.Millisecond) // the tenant sends there
	}
	stop()
	senders.Wait()
	couriers.Wait()

	s := all.process(t)
	for i := range people {
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: tenant, Set: person(t, i).Key()})
		require.NoError(t, err)
		require.LessOrEqual(t, len(snap.Chats), 1)
	}
	require.NotEmpty(t, book.acked)
	require.NotZero(t, book.refused)
	require.NotZero(t, bystanders.Load())
	for key := range book.acked {
		var i int
		_, err := fmt.Sscanf(key, "%d/", &i)
		require.NoError(t, err)
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: tenant, Set: person(t, i).Key(), IdempotencyKey: key})
		require.NoError(t, err)
		require.NotNil(t, snap.Record, "%s was acknowledged and is gone", key)
	}
	require.Eventually(t, func() bool {
		deliver()
		b, err := s.Backlog(t.Context())
		return err == nil && b == store.Backlog{}
	}, time.Minute, time.Millisecond)
	last := make(map[string]int)
	handed := make(map[string]int)
	for _, list := range book.handed {
		for _, key := range list {
			var i, process, n int
			_, err := fmt.Sscanf(key, "%d/%d/%d", &i, &process, &n)
			require.NoError(t, err)
			handed[key]++
			of := fmt.Sprintf("%d/%d", i, process)
			require.GreaterOrEqual(t, n, last[of], "%s was handed over after %d", key, last[of])
			last[of] = n
		}
	}
	for key := range book.acked {
		require.NotZero(t, handed[key], "%s was never handed over", key)
	}
	t.Logf("%d acknowledged, %d handed over, %d refused while the tenant moved", len(book.acked), len(handed), book.refused)
}
