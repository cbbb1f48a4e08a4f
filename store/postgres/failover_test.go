//go:build unix

package postgres_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// pair is a primary and its synchronous standby. Their sockets are at fixed
// places, while the servers behind them change.
type pair struct {
	t                *testing.T
	primary, standby *pgtest.Server
	places           [2]string // links to the directories of the two servers
}

func newPair(t *testing.T) *pair {
	p := &pair{t: t}
	p.primary = pgtest.Start(t, pgtest.Options{Durable: true, Settings: map[string]string{
		"synchronous_standby_names": "*", "synchronous_commit": "local", // until there is a standby
	}})
	dir, err := os.MkdirTemp("/tmp", "pair")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	p.places = [2]string{dir + "/a", dir + "/b"}
	require.NoError(t, os.Symlink(p.primary.Folder(), p.places[0]))
	return p
}

// follow starts a standby of the primary at the other place.
func (p *pair) follow() error {
	standby, err := p.primary.Standby()
	if err != nil {
		return err
	}
	p.t.Cleanup(func() { _ = standby.Close() })
	p.standby = standby
	if err := os.Remove(p.places[1]); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Symlink(standby.Folder(), p.places[1]); err != nil {
		return err
	}
	return p.primary.AwaitSync()
}

// failOver kills the primary, promotes its standby, and starts a new standby.
func (p *pair) failOver() error {
	if err := p.primary.Kill(); err != nil {
		return err
	}
	if err := p.standby.Promote(); err != nil {
		return err
	}
	p.primary, p.places[0], p.places[1] = p.standby, p.places[1], p.places[0]
	return p.follow()
}

// dsn names both servers, and selects the one that accepts writes and waits for
// the other. synchronous_commit must be "on": the death of a primary loses the
// writes that it alone has.
func (p *pair) dsn(database string) string {
	q := url.Values{
		"host": {strings.Join(p.places[:], ",")}, "port": {"5432,5432"}, "user": {"fromline"}, "sslmode": {"disable"},
		"target_session_attrs": {"read-write"}, "connect_timeout": {"2"}, "synchronous_commit": {"on"},
	}
	return "postgres:///" + database + "?" + q.Encode()
}

// The primary is killed under load, and its synchronous standby is promoted.
// Everything acknowledged exists, once, and is handed over in order.
func TestFailoverToTheStandby(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: each failover copies a server")
	}
	p := newPair(t)
	name, err := url.Parse(p.primary.Database(t))
	require.NoError(t, err)
	require.NoError(t, p.follow())
	dsn := p.dsn(strings.TrimPrefix(name.Path, "/"))
	db := database{dsn}
	require.NoError(t, db.open(t, postgres.Options{}).Close()) // create the tables
	proctest.Kill(t, proctest.Config{
		Open: openVictim, Source: dsn, KillServer: p.failOver,
		Advance: func(ahead time.Duration) { db.setClock(t, ahead) },
	})
}

// A commit that its caller gave up while the server waited for the standby is
// visible but not durable. Lookup does not return it before the standby has it.
func TestVisibleIsNotDurable(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: it copies a server")
	}
	p := newPair(t)
	name, err := url.Parse(p.primary.Database(t))
	require.NoError(t, err)
	require.NoError(t, p.follow())
	s := database{p.dsn(strings.TrimPrefix(name.Path, "/"))}.open(t, postgres.Options{})
	set, err := recipients.NewSet(recipients.MustParse("+12025550123"))
	require.NoError(t, err)
	at := time.Now()
	plan := &store.Plan{Tenant: "acme", Set: set, Record: store.Record{
		Key: "k", MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}}

	thaw := p.standby.Freeze()
	defer thaw()
	conn := pgtest.Connect(t, p.primary.DSN(strings.TrimPrefix(name.Path, "/")))
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	committed := make(chan error, 1)
	go func() { committed <- s.Commit(ctx, plan) }()
	require.Eventually(t, func() bool {
		var waits bool
		err := conn.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')").Scan(&waits)
		return err == nil && waits
	}, time.Minute, time.Millisecond, "the commit waits for the standby")
	giveUp()
	err = <-committed
	require.Error(t, err)
	require.NotErrorIs(t, err, store.ErrNotWritten, "nobody knows")
	require.Eventually(t, func() bool {
		var n int
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM fromline.record").Scan(&n))
		return n == 1
	}, time.Minute, 10*time.Millisecond, "the commit becomes visible on the primary")
	query := store.Query{Tenant: "acme", Set: set.Key(), IdempotencyKey: "k"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = s.Lookup(ctx, query)
	require.Error(t, err, "the decision is told while only the primary has it")

	thaw()
	require.Eventually(t, func() bool {
		snap, err := s.Lookup(t.Context(), query)
		return err == nil && snap.Record != nil
	}, time.Minute, 10*time.Millisecond, "the decision is told when the standby has it")
}
