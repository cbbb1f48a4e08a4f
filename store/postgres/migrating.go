package postgres

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fromline/fromline/store"
)

// migrating tells how far the migrations are. It is safe for concurrent use.
type migrating struct {
	tell func(store.Migration) // nil: nothing is told

	mu sync.Mutex
	at store.Migration
}

// begins tells that a migration begins.
func (m *migrating) begins(next migration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, about, _ := strings.Cut(strings.TrimSuffix(next.name, ".sql"), "_")
	m.at.Number, m.at.Name = next.version, about
	m.says("", 0, 0)
}

// says tells what the server does now; mu is held.
func (m *migrating) says(doing string, done, total int) {
	m.at.Doing, m.at.Done, m.at.Total = doing, done, total
	if m.tell != nil {
		m.tell(m.at)
	}
}

// watchEvery is how often the server is asked what it does.
const watchEvery = time.Second

// watch asks the server, on another connection, what a transaction does, until
// the function that it returns is called. It passes over errors: what it tells
// is not worth a failure.
func (m *migrating) watch(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx) (end func()) {
	var pid int
	if m.tell == nil || tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid) != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(watchEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				_ = m.look(ctx, pool, pid)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// look asks once.
func (m *migrating) look(ctx context.Context, pool *pgxpool.Pool, pid int) error {
	text, err := queries.ReadFile("query/migrating.sql")
	if err != nil {
		return err
	}
	var waits bool
	var phase string
	var blocks, allBlocks, rows, allRows int
	err = pool.QueryRow(ctx, string(text), pid).Scan(&waits, &phase, &blocks, &allBlocks, &rows, &allRows)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case waits:
		m.says("waiting for a lock of another session", 0, 0)
	case strings.Contains(phase, "scanning table"):
		m.says("blocks read for an index", blocks, allBlocks)
	case strings.Contains(phase, "loading tuples"):
		m.says("rows written to an index", rows, allRows)
	case phase != "":
		m.says("sorting for an index", 0, 0)
	case m.at.Doing != "":
		m.says("", 0, 0)
	}
	return nil
}
