package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// A removal that ends early leaves whole chats: with their sets and people, and
// no set or person of a chat that is gone. So the chats that are left tell how
// much is left. The next removal goes on, and another tenant with the same
// people stays.
func TestARemovalThatEndsEarlyLeavesWholeChats(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s := open(t, path, sqlite.Options{})
	const chats, few, least = 1302, 28, 250 // of the two tenants; and those that the first removal cannot remove
	for tenant, n := range map[string]int{"acme": chats, "acme2": few} {
		var events []store.Event
		for i := range n { // two chats each have the same people
			set, err := recipients.NewSet(benchPhone(12_025_000_000+uint64(i%(n/2))), benchPhone(12_026_000_000+uint64(i%(n/2))))
			require.NoError(t, err)
			id := uuid.New()
			events = append(events, store.ChatSeen{ID: id, Line: benchLine(i), Participants: set, CreatedAt: benchStart})
			if i%7 == 0 { // and then both of them others
				events = append(events, store.ParticipantAdded{Chat: id, Handle: benchPhone(12_027_000_000 + uint64(i)), At: benchStart.Add(time.Hour)})
			}
		}
		for page := range slices.Chunk(events, store.MaxPage) {
			require.NoError(t, s.Apply(t.Context(), tenant, page))
		}
	}
	other := exportOf(t, s, "acme2")
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	defer db.Close()
	number := func(query string) (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	whole := func() {
		require.Zero(t, number("SELECT count(*) FROM chat_set WHERE id NOT IN (SELECT set_id FROM chat UNION SELECT set_id FROM past_set)"))
		require.Zero(t, number("SELECT count(*) FROM chat WHERE set_id NOT IN (SELECT id FROM chat_set)"))
		require.Zero(t, number("SELECT count(*) FROM participant WHERE chat_id NOT IN (SELECT id FROM chat)"))
		require.Zero(t, number("SELECT count(*) FROM past_set WHERE chat_id NOT IN (SELECT id FROM chat)"))
	}
	whole()
	beside(t, path, fmt.Sprintf(`CREATE TRIGGER refuse BEFORE DELETE ON chat
		WHEN (SELECT count(*) FROM chat WHERE tenant_id = OLD.tenant_id) <= %d BEGIN SELECT RAISE(ABORT, 'no'); END`, least))
	require.ErrorContains(t, s.RemoveTenant(t.Context(), "acme"), "no")
	n, err := s.Count(t.Context(), "acme")
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, least)
	require.Less(t, n, chats, "a part was removed")
	whole()
	require.NotZero(t, number("SELECT count(*) FROM chat_set"))

	beside(t, path, "DROP TRIGGER refuse")
	require.NoError(t, s.RemoveTenant(t.Context(), "acme"))
	whole()
	require.Equal(t, few, number("SELECT count(*) FROM chat"))
	require.Equal(t, few/2+few/7, number("SELECT count(*) FROM chat_set"))
	require.ElementsMatch(t, other, exportOf(t, s, "acme2"))
}

// exportOf names the chats, records and deliveries of a tenant. The use of a
// line may be counted later.
func exportOf(t *testing.T, s *sqlite.Store, tenant string) (items []string) {
	t.Helper()
	for item, err := range s.ExportTenant(t.Context(), tenant) {
		require.NoError(t, err)
		if item.Use == nil {
			items = append(items, fmt.Sprint(item))
		}
	}
	return items
}

// A person who is forgotten leaves no set behind: neither of a chat, nor of one
// in which the chat was before. Sets of chats of others stay.
func TestForgetLeavesNoSets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s := open(t, path, sqlite.Options{})
	ann, bob := benchPhone(12_025_000_001), benchPhone(12_025_000_002)
	for i, people := range [][]recipients.Handle{{ann}, {ann, bob}, {bob}} {
		set, err := recipients.NewSet(people...)
		require.NoError(t, err)
		seen := store.ChatSeen{ID: uuid.New(), Line: benchLine(i), Participants: set, CreatedAt: benchStart}
		events := []store.Event{seen}
		for n := range 3 { // who come later: the chat moves three times
			events = append(events, store.ParticipantAdded{Chat: seen.ID, Handle: benchPhone(12_027_000_000 + uint64(n)), At: benchStart.Add(time.Hour)})
		}
		require.NoError(t, s.Apply(t.Context(), "acme", events))
	}
	sets := func() (n int) {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM chat_set").Scan(&n))
		return n
	}
	require.Equal(t, 12, sets())
	chats, err := s.Forget(t.Context(), "acme", ann)
	require.NoError(t, err)
	require.Equal(t, 2, chats)
	require.Equal(t, 4, sets())
}

// A purge removes all changes of lists that ended, in as many transactions as
// that takes.
func TestAPurgeRemovesOldChanges(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "fromline.db"), benchStart.Add(time.Hour)
	s := open(t, path, sqlite.Options{Clock: func() time.Time { return now }})
	changes := func() (n int) {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM change").Scan(&n))
		return n
	}
	require.NoError(t, s.ListChanges(t.Context(), "acme", uuid.New()))
	const chats = 1203 // more than two transactions
	var events []store.Event
	for i := range chats {
		set, err := recipients.NewSet(benchPhone(12_025_000_000 + uint64(i)))
		require.NoError(t, err)
		events = append(events, store.ChatSeen{ID: uuid.New(), Line: benchLine(i), Participants: set, CreatedAt: benchStart})
	}
	for page := range slices.Chunk(events, store.MaxPage) {
		require.NoError(t, s.Apply(t.Context(), "acme", page))
	}
	require.Equal(t, chats, changes())
	_, err := s.Purge(t.Context(), now, 0)
	require.NoError(t, err)
	require.Equal(t, chats, changes(), "the list is young")
	now = now.Add(store.ListLife + time.Minute)
	_, err = s.Purge(t.Context(), now, 0)
	require.NoError(t, err)
	require.Zero(t, changes())
}
