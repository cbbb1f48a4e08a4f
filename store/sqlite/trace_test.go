package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// traces counts how often the words are in the file, or in those beside it.
func traces(t *testing.T, path string, words ...string) (n int) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, word := range words {
			n += bytes.Count(content, []byte(word))
		}
	}
	return n
}

// Everything about a forgotten person is overwritten in the file, and gone from
// the files beside it, while the store is in use. Data about others stays.
// SQLite may leave a copy of an entry that it moved within a page; a VACUUM
// removes it.
func TestForgetLeavesNoTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s := open(t, path, sqlite.Options{})
	ann, bob := recipients.MustParse("ann.trace@example.com"), recipients.MustParse("bob.stays@example.com")
	send := func(i int, word string, people ...recipients.Handle) {
		p := newPlan(i)
		set, err := recipients.NewSet(people...)
		require.NoError(t, err)
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: set.Key()})
		require.NoError(t, err)
		p.Set, p.Revision, p.Roster = set, snap.Revision, store.NewRoster(set, p.At)
		p.Key = fmt.Sprintf("key of %s %d", word, i)
		p.Attachments = []message.Media{{Filename: word + ".jpg"}}
		p.Content = []byte(strings.Repeat("text of "+word+" ", 1+i*97%700)) // some on pages of their own
		require.NoError(t, s.Commit(t.Context(), p))
	}
	for i := range 200 {
		send(2*i, "anns", ann)
		send(2*i+1, "bobs", bob)
	}
	send(1000, "anns", ann, bob)
	for range 100 { // some deliveries are handed over
		claimed, err := s.Claim(t.Context(), time.Minute, 1)
		require.NoError(t, err)
		for _, c := range claimed {
			require.NoError(t, s.Ack(t.Context(), c.Lease))
		}
	}
	words := []string{"ann.trace@example.com", "key of anns", "text of anns", "anns.jpg"}
	require.Greater(t, traces(t, path, words...), 10_000)
	n, err := s.Forget(t.Context(), "acme", ann)
	require.NoError(t, err)
	require.Equal(t, 201, n)
	log, err := os.Stat(path + "-wal")
	require.NoError(t, err)
	require.Zero(t, log.Size(), "the log is cut off")
	require.Less(t, traces(t, path, words...), 50)
	require.Greater(t, traces(t, path, "key of bobs"), 200)

	require.NoError(t, s.Close())
	_, err = s.Forget(t.Context(), "acme", bob)
	require.ErrorIs(t, err, store.ErrClosed)
	beside(t, path, "VACUUM")
	require.Zero(t, traces(t, path, words...))
	require.Greater(t, traces(t, path, "key of bobs"), 200)
}
