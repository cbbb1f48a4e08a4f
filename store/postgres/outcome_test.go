//go:build unix

package postgres_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// Wherever a connection breaks during a commit, the answer is true: nil only if
// the decision exists, ErrNotWritten only if it does not, and any other error
// if it may exist.
func TestOutcomeWhereverTheConnectionBreaks(t *testing.T) {
	db := newDatabase(t)
	direct := db.open(t, postgres.Options{})
	wire := listen(t, db.dsn)
	far, err := postgres.Open(t.Context(), wire.dsn, postgres.Options{MaxConnections: 1})
	require.NoError(t, err)
	t.Cleanup(func() { _ = far.Close() })

	watch := pgtest.Connect(t, db.dsn)

	plans := 0
	commit := func(way, limit int) (p *store.Plan, passed [2]int, err error) {
		plans++
		p = newPlan(plans)
		// Repeat until a look-up is answered: the pool has broken connections.
		for err = io.EOF; err != nil; {
			_, err = far.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
		}
		wire.breakAfter(way, limit)
		err = far.Commit(t.Context(), p)
		return p, wire.mend(), err
	}
	outcomes := make(map[string]int)
	for way, steps := range map[int]int{toServer: 8, toClient: 30} {
		_, whole, err := commit(way, -1)
		require.NoError(t, err)
		for i := range steps {
			limit := i * whole[way] / steps
			p, _, err := commit(way, limit)
			awaitIdle(t, watch)
			_, missing := direct.Decision(t.Context(), p.Tenant, p.MessageID)
			there := missing == nil
			switch {
			case err == nil:
				require.True(t, there, "answered nil, after %d bytes of way %d", limit, way)
				outcomes["committed"]++
			case errors.Is(err, store.ErrNotWritten):
				require.False(t, there, "answered ErrNotWritten, after %d bytes of way %d: %v", limit, way, err)
				outcomes["not written"]++
			case there:
				outcomes["unknown, and there"]++
			default:
				outcomes["unknown, and not there"]++
			}
		}
	}
	t.Log(outcomes)
	require.NotZero(t, outcomes["unknown, and there"], "no connection broke between the commit and its answer")
	require.NotZero(t, outcomes["unknown, and not there"])
}

// Nothing is written to a server that cannot be reached.
func TestNoServer(t *testing.T) {
	db := newDatabase(t)
	wire := listen(t, db.dsn)
	s, err := postgres.Open(t.Context(), wire.dsn, postgres.Options{})
	require.NoError(t, err)
	wire.close()
	p := newPlan(1)
	_, _ = s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key()}) // the pool notices the broken connection
	require.ErrorIs(t, s.Commit(t.Context(), p), store.ErrNotWritten)
	require.NoError(t, s.Close())
	_, err = postgres.Open(t.Context(), wire.dsn, postgres.Options{})
	require.Error(t, err)
}

// newPlan returns a plan that opens the first chat of a set.
func newPlan(i int) *store.Plan {
	person, err := recipients.FromDigits(12025550000 + uint64(i))
	if err != nil {
		panic(err)
	}
	set, err := recipients.NewSet(person)
	if err != nil {
		panic(err)
	}
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	p := &store.Plan{
		Tenant: "acme", Set: set,
		Record: store.Record{
			MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+13015550100"), Reason: store.NewBestNumber, At: at,
			Roster: store.NewRoster(set, at), KeepUntil: at.Add(time.Hour),
		},
	}
	return p
}

// awaitIdle waits until no connection is busy: a server may go on for a client
// that has gone.
func awaitIdle(tb testing.TB, conn *pgx.Conn) {
	tb.Helper()
	for busy := true; busy; {
		err := conn.QueryRow(tb.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle')`).Scan(&busy)
		require.NoError(tb, err)
	}
}

// wire is a proxy that passes everything on until it must break.
type wire struct {
	dsn      string
	listener net.Listener

	mu     sync.Mutex
	limits [2]int // bytes that may still pass to the server and to the client; negative means all
	passed [2]int
	conns  map[net.Conn]bool
}

const (
	toServer = iota
	toClient
)

func listen(t *testing.T, dsn string) *wire {
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "wire")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const socket = ".s.PGSQL.5432"
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	require.NoError(t, err)
	w := &wire{
		dsn:      "host=" + dir + " user=" + config.ConnConfig.User + " database=" + config.ConnConfig.Database + " sslmode=disable",
		listener: l,
		limits:   [2]int{-1, -1}, conns: make(map[net.Conn]bool),
	}
	if config.ConnConfig.Password != "" {
		w.dsn += " password=" + config.ConnConfig.Password
	}
	t.Cleanup(w.close)
	network, address := pgconn.NetworkAddress(config.ConnConfig.Host, config.ConnConfig.Port)
	go w.accept(network, address)
	return w
}

func (w *wire) accept(network, address string) {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(network, address)
		if err != nil {
			client.Close()
			continue
		}
		w.mu.Lock()
		w.conns[client], w.conns[server] = true, true
		w.mu.Unlock()
		go w.pass(client, server, toServer)
		go w.pass(server, client, toClient)
	}
}

func (w *wire) pass(from, to net.Conn, way int) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		allowed, broken := w.allow(way, n)
		if _, err := to.Write(buffer[:allowed]); err != nil {
			return
		}
		if err != nil || broken {
			return
		}
	}
}

// allow returns how many of n bytes may pass, and whether the wire breaks then.
func (w *wire) allow(way, n int) (allowed int, broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if limit := w.limits[way]; limit >= 0 && n >= limit {
		n, broken = limit, true
		w.limits[way] = 0
	} else if limit >= 0 {
		w.limits[way] -= n
	}
	w.passed[way] += n
	return n, broken
}

// breakAfter makes the wire break after limit more bytes in one direction.
func (w *wire) breakAfter(way, limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed = [2]int{}
	w.limits[way] = limit
}

// mend lets everything pass again, and returns how many bytes passed meanwhile.
func (w *wire) mend() (passed [2]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = [2]int{-1, -1}
	return w.passed
}

func (w *wire) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
	}
}
