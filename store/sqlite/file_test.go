package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

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

func look(t *testing.T, s *sqlite.Store, p *store.Plan) store.Snapshot {
	t.Helper()
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key(), MessageID: p.MessageID})
	require.NoError(t, err)
	return snap
}

// made returns the path of a closed file that holds the number of chats.
func made(tb testing.TB, chats int) string {
	path := filepath.Join(tb.TempDir(), "fromline.db")
	s, err := sqlite.Open(tb.Context(), path, sqlite.Options{})
	require.NoError(tb, err)
	for i := range chats {
		require.NoError(tb, s.Commit(tb.Context(), newPlan(i)))
	}
	require.NoError(tb, s.Close())
	return path
}

// A closed store has released its file: the file has all the data, and the
// files that SQLite keeps beside it are gone.
func TestClosedFile(t *testing.T) {
	path := made(t, 100)
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1)
	s := open(t, path, sqlite.Options{})
	for i := range 100 {
		require.NotEmpty(t, look(t, s, newPlan(i)).Chats)
	}
}

// A process that only starts and stops leaves the file as it is.
func TestOpeningChangesNothing(t *testing.T) {
	path := made(t, 1)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, open(t, path, sqlite.Options{}).Close())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))
}

// A commit is synced to the disk before it returns, unless an option says
// otherwise: in WAL mode that is synchronous=FULL, which is 2.
func TestCommitsAreSynced(t *testing.T) {
	for synchronous, want := range map[sqlite.Synchronous]string{0: "2", sqlite.Full: "2", sqlite.Normal: "1"} {
		s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{Synchronous: synchronous})
		for name, want := range map[string]string{"synchronous": want, "journal_mode": "wal"} {
			got, err := s.Pragma(t.Context(), name)
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
	}
}

// beside runs a statement on a file without the store.
func beside(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	fails := func(t *testing.T, path string, want error) {
		t.Helper()
		before, _ := os.ReadFile(path)
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		require.ErrorIs(t, err, want)
		require.NotContains(t, err.Error(), "this user may not")
		after, _ := os.ReadFile(path)
		require.True(t, bytes.Equal(before, after), "the file was changed")
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
	t.Run("of a later release", func(t *testing.T) {
		path := made(t, 100)
		beside(t, path, "PRAGMA user_version = 1000")
		fails(t, path, sqlite.ErrNewerSchema)
	})
	t.Run("of another application", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "theirs.db")
		beside(t, path, "CREATE TABLE theirs (n INTEGER)")
		fails(t, path, sqlite.ErrNotOurs)
		beside(t, path, "PRAGMA application_id = 7")
		fails(t, path, sqlite.ErrNotOurs)
		for _, mark := range []string{"PRAGMA application_id = 7", "PRAGMA user_version = 1"} { // alone, in a file without tables
			path := filepath.Join(t.TempDir(), "theirs.db")
			beside(t, path, mark)
			fails(t, path, sqlite.ErrNotOurs)
		}
	})
	t.Run("no database", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "text")
		require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("text "), 1000), 0o600))
		fails(t, path, sqlite.ErrCorrupt)
	})
	t.Run("cut short", func(t *testing.T) {
		path := made(t, 100)
		require.NoError(t, os.Truncate(path, 3*4096+100))
		fails(t, path, sqlite.ErrCorrupt)
	})
	t.Run("no file", func(t *testing.T) {
		for _, path := range []string{"", ":memory:"} {
			_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			require.ErrorIs(t, err, store.ErrInvalid)
		}
		_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "fromline.db"), sqlite.Options{})
		require.Error(t, err)
		_, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x"), sqlite.Options{Synchronous: 9})
		require.ErrorIs(t, err, store.ErrInvalid)
	})
}

// A call that reads a damaged page returns an error that says so.
func TestDamagedPages(t *testing.T) {
	path := made(t, 100)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 4096 + 2000; i < len(content); i++ { // the schema is on the first page
		content[i] ^= 0x5a
	}
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
		_, err = s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: newPlan(1).Set.Key()})
		if err == nil {
			err = s.Commit(t.Context(), newPlan(1))
		}
	}
	require.ErrorIs(t, err, sqlite.ErrCorrupt)
}

// A full disk refuses commits with an error that says so. Refused data is
// absent, acknowledged data is present, and commits work again when there is
// room.
func TestFullDisk(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	require.NoError(t, s.LimitPages(t.Context(), 60))
	var done []*store.Plan
	var refused *store.Plan
	for i := 0; refused == nil; i++ {
		p := newPlan(i)
		switch err := s.Commit(t.Context(), p); {
		case err == nil:
			done = append(done, p)
		default:
			require.ErrorIs(t, err, sqlite.ErrDiskFull)
			require.ErrorIs(t, err, store.ErrFull)
			require.ErrorIs(t, err, store.ErrNotWritten)
			refused = p
		}
	}
	require.NotEmpty(t, done)
	require.Zero(t, look(t, s, refused))
	for _, p := range done {
		require.NotNil(t, look(t, s, p).Record)
	}
	require.NoError(t, s.LimitPages(t.Context(), 1<<20))
	require.NoError(t, s.Commit(t.Context(), refused))
}

// A call that waits for another process in vain returns an error that says so,
// and wrote nothing.
func TestBusyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s := open(t, path, sqlite.Options{BusyTimeout: 30 * time.Millisecond})
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	other, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	p := newPlan(1)
	err = s.Commit(t.Context(), p)
	require.ErrorIs(t, err, sqlite.ErrBusy)
	require.ErrorIs(t, err, store.ErrNotWritten)
	require.Zero(t, look(t, s, p)) // readers do not wait

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err = s.Commit(ctx, p)
	require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sqlite.ErrBusy), "%v", err)

	_, err = other.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, s.Commit(t.Context(), p))
}

// Any path is only a path.
func TestStrangePaths(t *testing.T) {
	for _, name := range []string{"a b", "a?mode=memory", "100%", "a#b", "a&_txlock=x", "ä'\"", "file:x", strings.Repeat("n", 200)} {
		path := filepath.Join(t.TempDir(), name)
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{Synchronous: sqlite.Normal})
		require.NoError(t, err, name)
		require.NoError(t, s.Commit(t.Context(), newPlan(1)))
		require.NoError(t, s.Close())
		info, err := os.Stat(path)
		require.NoError(t, err, name)
		require.NotZero(t, info.Size())
	}
}
