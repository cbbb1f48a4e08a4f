//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// groups counts the calls that ran in groups of at least two.
type groups struct{ calls atomic.Int64 }

func (g *groups) open(tb testing.TB, db database) *postgres.Store {
	s, err := postgres.OpenGrouped(tb.Context(), db.dsn, postgres.Options{}, func(n int) {
		if n > 1 {
			g.calls.Add(int64(n))
		}
	})
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, s.Close()) })
	return s
}

// The contract holds if all concurrent calls share transactions.
func TestStoreInGroups(t *testing.T) {
	var g groups
	t.Cleanup(func() { assert.NotZero(t, g.calls.Load(), "no call ran in a group") })
	suite(t, g.open)
}

// crowd commits plans concurrently, and returns their errors.
func crowd(ctx context.Context, s *postgres.Store, plans []*store.Plan) []error {
	errs := make([]error, len(plans))
	var all sync.WaitGroup
	for i, p := range plans {
		all.Go(func() { errs[i] = s.Commit(ctx, p) })
	}
	all.Wait()
	return errs
}

// An error of the engine about one commit does not reach the other commits of
// its transaction, and undoes nothing of them.
func TestOneBadCommitOfAGroup(t *testing.T) {
	var g groups
	db := newDatabase(t)
	s := g.open(t, db)
	plans := make([]*store.Plan, 60)
	for i := range plans {
		plans[i] = newPlan(i)
		fit(plans[i])
	}
	require.NoError(t, s.Commit(t.Context(), plans[0]))
	const bad = 30
	db.exec(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON fromline.record FOR EACH ROW
		WHEN (NEW.message_id = '`+plans[bad].MessageID.String()+`') EXECUTE FUNCTION refuse()`)
	for i, err := range crowd(t.Context(), s, plans[1:]) {
		if i+1 == bad {
			require.ErrorIs(t, err, store.ErrNotWritten)
		} else {
			require.NoError(t, err, "plan %d", i+1)
		}
	}
	require.NotZero(t, g.calls.Load(), "no call ran in a group")
	for i, p := range plans {
		_, err := s.Decision(t.Context(), p.Tenant, p.MessageID)
		if i == bad {
			require.ErrorIs(t, err, store.ErrNoRecord)
		} else {
			require.NoError(t, err, "plan %d", i)
		}
	}
}

// If the backend of a group is ended, the outcome of all its commits is
// unknown, and none is repeated.
func TestAnEndedBackendFailsItsGroup(t *testing.T) {
	var g groups
	db := newDatabase(t)
	s := g.open(t, db)
	require.NoError(t, s.Commit(t.Context(), newPlan(0)))
	plans := make([]*store.Plan, 20)
	for i := range plans {
		plans[i] = newPlan(i + 1)
		fit(plans[i])
	}
	release := db.lock(t, "LOCK TABLE fromline.record; SELECT FROM fromline.line")
	var errs []error
	done := make(chan struct{})
	go func() { errs = crowd(t.Context(), s, plans); close(done) }()
	require.Eventually(t, func() bool { return s.CommitsThatWait() == len(plans)-1 }, time.Minute, time.Millisecond)
	for ended := false; !ended; { // the first commit runs alone, and the others in a group
		db.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		select {
		case <-done:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	release()
	require.NotZero(t, g.calls.Load(), "no call ran in a group")
	for i, err := range errs {
		require.Error(t, err, "plan %d", i)
		require.NotErrorIs(t, err, store.ErrNotWritten, "plan %d", i)
		_, err = s.Decision(t.Context(), plans[i].Tenant, plans[i].MessageID)
		require.ErrorIs(t, err, store.ErrNoRecord, "and here it was not written")
	}
}

// Callers that leave a group get their answer at once, and the others lose
// nothing. The error says that nothing was written only if that is true.
func TestCallersLeaveAGroup(t *testing.T) {
	var g groups
	db := newDatabase(t)
	s := g.open(t, db)
	first := newPlan(0)
	require.NoError(t, s.Commit(t.Context(), first))

	// The line is locked, so that the lane is busy.
	beside := pgtest.Connect(t, db.dsn)
	tx, err := beside.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM fromline.line FOR UPDATE")
	require.NoError(t, err)
	plans := make([]*store.Plan, 40)
	for i := range plans {
		plans[i] = newPlan(i + 1)
		fit(plans[i])
	}
	brief, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var left, stayed []error
	var both sync.WaitGroup
	both.Go(func() { left = crowd(brief, s, plans[:20]) })
	both.Go(func() { stayed = crowd(t.Context(), s, plans[20:]) })
	<-brief.Done()
	require.NoError(t, tx.Rollback(t.Context()))
	both.Wait()
	for i, err := range stayed {
		require.NoError(t, err, "plan %d", 20+i)
	}
	for i, err := range left {
		_, kept := s.Decision(t.Context(), plans[i].Tenant, plans[i].MessageID)
		switch {
		case err == nil:
			require.NoError(t, kept, "plan %d was acknowledged", i)
		default:
			require.ErrorIs(t, err, context.DeadlineExceeded)
			if kept == nil {
				require.NotErrorIs(t, err, store.ErrNotWritten, "plan %d was written", i)
			}
		}
	}
}

// Commits that open chats on one line share a transaction, although there is a
// lane for each, and do not delay commits on another line.
func TestCommitsOnOneLineShareATransaction(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{MaxConnections: 8})
	first, other := newPlan(0), newPlan(1)
	other.Line = recipients.MustParse("+13015550101")
	fit(first)
	fit(other)
	require.NoError(t, s.Commit(t.Context(), first))
	plans := make([]*store.Plan, 6)
	for i := range plans {
		plans[i] = newPlan(i + 2)
		fit(plans[i])
	}
	release := db.lock(t, "SELECT FROM fromline.line FOR UPDATE")
	done := make(chan error, 1)
	var errs []error
	go func() {
		errs = crowd(t.Context(), s, plans)
		done <- nil
	}()
	db.awaitWaiter(t, done)
	require.Eventually(t, func() bool { return s.CommitsThatWait() == len(plans)-1 }, time.Minute, time.Millisecond)
	require.NoError(t, s.Commit(t.Context(), other))
	release()
	<-done
	for i, err := range errs {
		require.NoError(t, err, "plan %d", i)
	}
	conn := pgtest.Connect(t, db.dsn)
	var transactions int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(DISTINCT xmin::text) FROM fromline.record").Scan(&transactions))
	require.Equal(t, 4, transactions, "the first, the other, one of the crowd, and the rest of it")
}

// Look-ups use a quarter of the connections, however many callers there are.
func TestLookupsLeaveConnections(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{MaxConnections: 8})
	p := newPlan(0)
	require.NoError(t, s.Commit(t.Context(), p))
	release := db.lock(t, "LOCK TABLE fromline.chat; SELECT FROM fromline.line")
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			_, err := s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
			assert.NoError(t, err)
		})
	}
	assert.Eventually(t, func() bool { return s.LookupsThatWait() == 10 }, 10*time.Second, time.Millisecond)
	release()
	all.Wait()
}

// Groups of two processes that share sets, lines and keys, some of them new,
// take their locks in one order. So no two wait for each other.
func TestGroupsLockInOneOrder(t *testing.T) {
	var g groups
	db := newDatabase(t)
	stores := []*postgres.Store{g.open(t, db), g.open(t, db)}
	require.NoError(t, stores[0].Commit(t.Context(), newPlan(0))) // adds the tenant
	for round := range 10 {
		var all sync.WaitGroup
		for i, s := range stores {
			plans := make([]*store.Plan, 64)
			for j := range plans {
				n := 1000*round + (j*37+i*11)%48 // the other groups have the same people, in another order
				plans[j] = newPlan(1 + n)
				plans[j].Key = fmt.Sprint("key ", n)
				if plans[j].Line = recipients.MustParse(fmt.Sprintf("+130155%02d%03d", round, (j*29+i*7)%64)); round%2 > 0 {
					plans[j].Line = recipients.MustParse(fmt.Sprintf("+130155%02d%03d", round, 200*i+j)) // shared lines would keep the groups apart
				}
				fit(plans[j])
			}
			all.Go(func() {
				for _, err := range crowd(t.Context(), s, plans) {
					if err != nil {
						var conflict *store.Conflict
						assert.ErrorAs(t, err, &conflict)
					}
				}
			})
		}
		all.Wait()
	}
	require.NotZero(t, g.calls.Load(), "no call ran in a group")
	conn := pgtest.Connect(t, db.dsn)
	var deadlocks int
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT pg_stat_get_db_deadlocks(oid) FROM pg_database WHERE datname = current_database()").Scan(&deadlocks))
	require.Zero(t, deadlocks)
}
