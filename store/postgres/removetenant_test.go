//go:build unix

package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// A removal that ends early leaves whole chats: with their sets, people,
// records and deliveries, and none of a chat that is gone. So the items that
// are left tell how much is left. The next removal goes on, and another tenant
// with the same people stays.
func TestARemovalThatEndsEarlyLeavesWholeChats(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	const chats, few, least = 1302, 28, 250 // of the two tenants; and those that the first removal cannot remove
	for tenant, n := range map[string]int{"acme": chats, "acme2": few} {
		var events []store.Event
		for i := range n { // two chats each have the same people
			set, err := recipients.NewSet(benchPhone(12_025_000_000+i%(n/2)), benchPhone(12_026_000_000+i%(n/2)))
			require.NoError(t, err)
			id := uuid.New()
			events = append(events, store.ChatSeen{ID: id, Line: benchLine(i), Participants: set, CreatedAt: benchStart})
			if i%7 == 0 { // and then both of them others
				events = append(events, store.ParticipantAdded{Chat: id, Handle: benchPhone(12_027_000_000 + i), At: benchStart.Add(time.Hour)})
			}
		}
		for page := range slices.Chunk(events, store.MaxPage) {
			require.NoError(t, s.Apply(t.Context(), tenant, page))
		}
		for i := range n / 14 {
			p := newPlan(i)
			p.Tenant, p.Content = tenant, []byte("content")
			require.NoError(t, s.Commit(t.Context(), p))
		}
	}
	other := exportOf(t, s, "acme2")
	conn := pgtest.Connect(t, db.dsn)
	number := func(query string) (n int) {
		require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
		return n
	}
	whole := func() {
		require.Zero(t, number("SELECT count(*) FROM fromline.chat_set WHERE id NOT IN (SELECT set_id FROM fromline.chat UNION SELECT unnest(past_sets) FROM fromline.chat)"))
		require.Zero(t, number("SELECT count(*) FROM fromline.chat WHERE set_id NOT IN (SELECT id FROM fromline.chat_set)"))
		for _, table := range []string{"participant", "record", "delivery", "queue"} {
			require.Zero(t, number("SELECT count(*) FROM fromline."+table+" WHERE chat_id NOT IN (SELECT id FROM fromline.chat)"), table)
		}
	}
	whole()
	db.exec(t, fmt.Sprintf(`CREATE FUNCTION fromline.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF (SELECT count(*) FROM fromline.chat WHERE tenant_id = OLD.tenant_id) <= %d THEN RAISE EXCEPTION 'no'; END IF;
			RETURN NULL;
		END $$;
		CREATE TRIGGER refuse AFTER DELETE ON fromline.chat FOR EACH ROW EXECUTE FUNCTION fromline.refuse()`, least))
	require.ErrorContains(t, s.RemoveTenant(t.Context(), "acme"), "no")
	require.Less(t, number("SELECT count(*) FROM fromline.chat"), chats, "a part was removed")
	require.Greater(t, number("SELECT count(*) FROM fromline.chat"), least)
	whole()

	db.exec(t, "DROP TRIGGER refuse ON fromline.chat")
	require.NoError(t, s.RemoveTenant(t.Context(), "acme"))
	whole()
	require.ElementsMatch(t, other, exportOf(t, s, "acme2"))
	require.Equal(t, few+few/14, number("SELECT count(*) FROM fromline.chat"))
	require.Equal(t, few/2+few/7+few/14, number("SELECT count(*) FROM fromline.chat_set"))
}

// exportOf names the chats, records and deliveries of a tenant. The use of a
// line may be counted later.
func exportOf(t *testing.T, s *postgres.Store, tenant string) (items []string) {
	t.Helper()
	for item, err := range s.ExportTenant(t.Context(), tenant) {
		require.NoError(t, err)
		if item.Use == nil {
			items = append(items, fmt.Sprint(item))
		}
	}
	return items
}
