//go:build unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/internal/needed"
)

// shared is the server of this test binary. The first call of Database starts
// it.
var shared struct {
	once   sync.Once
	server *Server // nil when FROMLINE_POSTGRES_DSN is used
	admin  string  // connection string of a database to create others from
	err    error
}

// Main runs the tests of a package, and removes the server that they started.
// Call it from TestMain, and nothing else.
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// Database returns the connection string of an empty database, which is dropped
// when the test ends. Without a server it skips the test, or fails it
// under CI. It is safe for concurrent use.
func Database(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() {
		if shared.admin = os.Getenv("FROMLINE_POSTGRES_DSN"); shared.admin != "" {
			return
		}
		if shared.server, shared.err = New(Options{}); shared.err == nil {
			shared.admin = shared.server.DSN("postgres")
		}
	})
	need(tb, shared.err)
	return create(tb, shared.admin)
}

// Start starts a server for one test, which may kill and restart it. The server
// is removed when the test ends.
func Start(tb testing.TB, opts Options) *Server {
	tb.Helper()
	server, err := New(opts)
	need(tb, err)
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

// Database returns the connection string of an empty database of this server,
// which is removed with the server.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := fresh()
	if err := admin(s.DSN("postgres"), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return s.DSN(name)
}

// Connect connects to a database. The connection is closed when the test ends.
func Connect(tb testing.TB, dsn string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Exec runs statements on a connection of their own.
func Exec(tb testing.TB, dsn, statements string) {
	tb.Helper()
	if err := admin(dsn, statements); err != nil {
		tb.Fatal(err)
	}
}

// need skips a test without a server. It fails the test under CI, or if a
// server could not be started.
func need(tb testing.TB, err error) {
	tb.Helper()
	if err == nil {
		return
	}
	if errors.Is(err, errNoBinaries) {
		needed.Missing(tb, "%v", err)
	}
	tb.Fatal(err)
}

var databases atomic.Int64

// fresh returns a database name that no other process uses on the same server.
func fresh() string {
	return fmt.Sprintf("fromline_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), databases.Add(1))
}

func create(tb testing.TB, adminDSN string) string {
	tb.Helper()
	name := fresh()
	if err := admin(adminDSN, "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := admin(adminDSN, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	dsn, err := withDatabase(adminDSN, name)
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}

// admin runs one statement on a connection of its own.
func admin(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("pgtest: %s: %w", statement, err)
	}
	return nil
}

// withDatabase replaces the database in a connection string, a URL or keywords.
func withDatabase(dsn, name string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The keyword form: the last of several settings counts.
		return dsn + " dbname=" + name, nil
	}
	u.Path = "/" + name
	return u.String(), nil
}
