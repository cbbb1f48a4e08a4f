//go:build unix

package fromline_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// outboxStore is what sends and deliveries need of a store: no polls for what
// happens to lines come in between.
type outboxStore interface {
	store.ChatStore
	store.Outbox
}

// writes is a store that counts the calls of which each is a transaction that
// is synced, as far as sends and deliveries make them.
type writes struct {
	outboxStore
	calls   atomic.Int64
	running sync.Once
	runs    chan struct{} // closed when something was looked for
}

func (w *writes) Commit(ctx context.Context, p *store.Plan) error {
	w.calls.Add(1)
	return w.outboxStore.Commit(ctx, p)
}

func (w *writes) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	w.calls.Add(1)
	return w.outboxStore.CommitLeased(ctx, p, lease)
}

func (w *writes) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	w.running.Do(func() { close(w.runs) })
	claimed, err := w.outboxStore.Claim(ctx, lease, limit, except...)
	if len(claimed) > 0 {
		w.calls.Add(1)
	}
	return claimed, err
}

func (w *writes) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	w.calls.Add(1)
	return w.outboxStore.Renew(ctx, id, lease)
}

func (w *writes) Ack(ctx context.Context, id store.LeaseID) error {
	w.calls.Add(1)
	return w.outboxStore.Ack(ctx, id)
}

func (w *writes) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	w.calls.Add(1)
	return w.outboxStore.AckAll(ctx, ids)
}

type sentFunc func()

func (f sentFunc) Send(context.Context, delivery.Delivery) error {
	f()
	return nil
}

// sendsOf makes sends of one client, one after the other, each to another
// person, and returns when all are handed over and acknowledged. It returns how
// many calls of the store wrote.
func sendsOf(t *testing.T, name string, n int) int64 {
	t.Helper()
	kept, err := open.Store(t.Context(), name, open.Options{})
	require.NoError(t, err)
	counted := &writes{outboxStore: kept, runs: make(chan struct{})}
	var sent atomic.Int64
	r, err := fromline.New(counted, benchFleet(t, benchNumbers(t, 50)), fromline.Options{
		Sender: sentFunc(func() { sent.Add(1) }),
		// So that the waits are long on a slow machine too.
		Delivery: delivery.Options{Gather: 2 * time.Second, Lease: time.Minute, PollEvery: time.Hour},
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	<-counted.runs
	for i := range n {
		route(t, r, benchSend(t, uint64(i)))
	}
	stop() // it ends what it has begun
	require.NoError(t, <-done)
	require.EqualValues(t, n, sent.Load())
	backlog, err := kept.Backlog(t.Context())
	require.NoError(t, err)
	require.Zero(t, backlog.Waiting)
	require.NoError(t, kept.Close())
	return counted.calls.Load()
}

// TestTransactionsOfASend counts what a send with its delivery takes: no more
// than one transaction that writes and its part in one that many share, and on
// PostgreSQL one that looks up.
func TestTransactionsOfASend(t *testing.T) {
	const n = 200
	most := func(t *testing.T, what string, limit float64, count int64) {
		t.Helper()
		each := float64(count) / n
		t.Logf("%.3f %s a send", each, what)
		require.LessOrEqual(t, each, limit, what)
	}
	t.Run("sqlite", func(t *testing.T) {
		most(t, "transactions that write", 1.1, sendsOf(t, "sqlite:"+filepath.Join(t.TempDir(), "chats.db"), n))
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Start(t, pgtest.Options{Durable: true})
		name := server.Database(t)
		sendsOf(t, name, 0) // makes the tables
		seen := func() (transactions, syncs int64) {
			conn, err := pgx.Connect(t.Context(), server.DSN("postgres"))
			require.NoError(t, err)
			defer conn.Close(context.Background())
			u, err := pgx.ParseConfig(name)
			require.NoError(t, err)
			// A session tells its counts when it ends.
			require.Eventually(t, func() bool {
				var open int
				err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", u.Database).Scan(&open)
				return err == nil && open == 0
			}, time.Minute, 10*time.Millisecond)
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT xact_commit FROM pg_stat_database WHERE datname = $1", u.Database).Scan(&transactions))
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT wal_sync FROM pg_stat_wal").Scan(&syncs))
			return transactions, syncs
		}
		began, beganSyncs := seen()
		sendsOf(t, name, 0)
		opened, openedSyncs := seen()
		calls := sendsOf(t, name, n)
		ended, endedSyncs := seen()
		most(t, "calls that write", 1.1, calls)
		most(t, "transactions", 2.2, ended-opened-(opened-began))
		most(t, "syncs", 1.1, endedSyncs-openedSyncs-(openedSyncs-beganSyncs))
	})
}
