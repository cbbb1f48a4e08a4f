package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// The writes of a refused call are undone, and its caller gets the error, also
// if it shares its transaction with others.
func TestRefusedAmongOthers(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	at := time.Now()
	plan := func(i int) *store.Plan {
		person, err := recipients.FromDigits(12025550000 + uint64(i))
		require.NoError(t, err)
		set, err := recipients.NewSet(person)
		require.NoError(t, err)
		return &store.Plan{Tenant: "acme", Set: set, Record: store.Record{
			MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
		}, Content: []byte("content")}
	}
	const callers = 64
	leases, stale := make([]store.LeaseID, callers), make([]*store.Plan, callers)
	for i := range callers {
		p := plan(i)
		var err error
		leases[i], err = s.CommitLeased(t.Context(), p, time.Hour)
		require.NoError(t, err)
		other := *p // on the revision before the chat
		other.ChatID = uuid.New()
		stale[i] = &other
	}
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			var conflict *store.Conflict
			assert.ErrorAs(t, s.Reroute(t.Context(), leases[i], stale[i]), &conflict)
		})
		all.Go(func() { assert.NoError(t, s.Commit(t.Context(), plan(callers+i))) })
	}
	all.Wait()
	for _, l := range leases {
		_, err := s.Decision(t.Context(), l.Tenant, l.MessageID)
		require.NoError(t, err, "the record that was to be replaced is there")
		require.NoError(t, s.Ack(t.Context(), l))
	}
}

// Calls that share a transaction are answered each for itself: one that is
// refused is undone, one that was withdrawn does not run, and the others are
// committed. An error of SQLite undoes all of them.
func TestCallsOfOneTransaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s, no := open(t, path, sqlite.Options{}), errors.New("no")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	tenants := func() (all string) {
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT coalesce(group_concat(name, ' ' ORDER BY name), '') FROM tenant").Scan(&all))
		return all
	}
	answers := s.Together(sqlite.Call{Adds: []string{"gone"}, Refused: no})
	require.Equal(t, []error{no}, answers)
	require.Empty(t, tenants())
	answers = s.Together(
		sqlite.Call{Adds: []string{"a", "b"}}, sqlite.Call{Refused: no}, sqlite.Call{Adds: []string{"refused"}, Refused: no},
		sqlite.Call{Adds: []string{"withdrawn"}, Withdrawn: true}, sqlite.Call{Adds: []string{"c"}},
	)
	require.Equal(t, []error{nil, no, no, nil, nil}, answers)
	require.Equal(t, "a b c", tenants())
	for _, lost := range [][]sqlite.Call{
		{{Adds: []string{"d"}}, {Adds: []string{"e", "e"}}, {Refused: no}},
		{{Adds: []string{"d", "d"}}},
	} {
		for _, err := range s.Together(lost...) {
			require.ErrorContains(t, err, "UNIQUE")
			require.ErrorIs(t, err, store.ErrNotWritten)
		}
		require.Equal(t, "a b c", tenants())
	}
	require.Equal(t, []error{nil}, s.Together(sqlite.Call{Adds: []string{"d"}}))
	require.Equal(t, "a b c d", tenants())
}

// A call commits in its own goroutine, unless calls came together last time or
// another process was writing lately.
func TestACallThatIsAlone(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	alone := func(want bool) {
		t.Helper()
		got, err := s.Alone(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	alone(true)
	alone(true)
	s.Crowd()
	alone(false)
	again := false
	for i := 0; i < 1000 && !again; i++ { // no other came; the writer may still hold the connection
		var err error
		again, err = s.Alone(t.Context())
		require.NoError(t, err)
	}
	require.True(t, again)
	s.Share()
	alone(false)
	alone(false)
}
