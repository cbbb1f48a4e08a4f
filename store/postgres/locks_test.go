//go:build unix

package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// A call that rests on a row waits while another transaction has locked it, and
// continues when that ends.
func TestWhatRestsOnARowWaitsForIt(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	opened := newPlan(0)
	fit(opened)
	require.NoError(t, s.Commit(t.Context(), opened))
	for name, c := range map[string]struct {
		rows string
		do   func(context.Context) error
	}{
		"a reuse on its set": {"chat_set", func(ctx context.Context) error {
			snap, err := s.Lookup(ctx, store.Query{Tenant: opened.Tenant, Set: opened.Set.Key()})
			if err != nil {
				return err
			}
			again := *opened
			again.Reason, again.Revision, again.Key = store.ReusedActiveChat, snap.Revision, ""
			fit(&again)
			return s.Commit(ctx, &again)
		}},
		"a note on the record of its message": {"record", func(ctx context.Context) error {
			_, err := s.KeepNote(ctx, opened.Tenant, store.Note{}, store.Note{Name: "n", Of: opened.MessageID, OfMessage: true})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			release := db.lock(t, "SELECT FROM fromline."+c.rows+" FOR UPDATE")
			done := make(chan error, 1)
			go func() { done <- c.do(t.Context()) }()
			db.awaitWaiter(t, done)
			release()
			require.NoError(t, <-done)
		})
	}
}

// AckAll does not wait for a delivery that another transaction has locked: it
// writes the others first, and tells which leases are lost in the end.
func TestManyAcknowledgementsPassOverWhatIsInHand(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	var leases []store.LeaseID
	for i := range 2 {
		p := newPlan(i)
		fit(p)
		p.Content = []byte("content")
		l, err := s.CommitLeased(t.Context(), p, time.Hour)
		require.NoError(t, err)
		require.NotZero(t, l)
		leases = append(leases, l)
	}
	held, other := leases[0], leases[1]
	lost := store.LeaseID{Tenant: held.Tenant, MessageID: uuid.New(), Token: uuid.New()}
	release := db.lock(t, `SELECT FROM fromline.queue AS q JOIN fromline.delivery AS d ON d.chat_id = q.chat_id
		WHERE d.message_id = '`+held.MessageID.String()+`' FOR UPDATE OF q`)
	done := make(chan error, 1)
	go func() {
		told, err := s.AckAll(t.Context(), append(leases, lost))
		assert.Equal(t, []store.LeaseID{lost}, told)
		done <- err
	}()
	db.awaitWaiter(t, done)
	_, err := s.Delivery(t.Context(), other.Tenant, other.MessageID)
	require.ErrorIs(t, err, store.ErrNoRecord)
	release()
	require.NoError(t, <-done)
	_, err = s.Delivery(t.Context(), held.Tenant, held.MessageID)
	require.ErrorIs(t, err, store.ErrNoRecord)
}

// lock runs a statement that locks rows, in a transaction of its own. release
// ends the transaction.
func (db database) lock(t *testing.T, statement string) (release func()) {
	conn := pgtest.Connect(t, db.dsn)
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	tag, err := tx.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NotZero(t, tag.RowsAffected(), "there is no such row")
	return func() { require.NoError(t, tx.Rollback(context.Background())) }
}

// awaitWaiter returns when a transaction of the database waits for another one.
// It fails if the call that should wait ends first.
func (db database) awaitWaiter(t *testing.T, done <-chan error) {
	conn := pgtest.Connect(t, db.dsn)
	for {
		var waits bool
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits))
		if waits {
			return
		}
		select {
		case err := <-done:
			require.FailNow(t, "it did not wait", "%v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
