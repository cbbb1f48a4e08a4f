//go:build unix

package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// A small tenant beside a large one is exported and removed by indexes, even if
// the server knows that there are only two tenants.
func TestATenantIsFoundByIndexes(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	loadChats(t, s, 0, 4000)
	set, at := benchSet(0), benchStart
	p := &store.Plan{Tenant: "small", Set: set, Record: store.Record{
		Key: "k", MessageID: uuid.New(), ChatID: uuid.New(), Line: benchLine(0), At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}}
	require.NoError(t, s.Commit(t.Context(), p))
	var items []store.Item
	for item, err := range s.ExportTenant(t.Context(), "acme") {
		require.NoError(t, err)
		if item.Chat == nil {
			continue
		}
		r := p.Record
		r.Key, r.MessageID, r.ChatID, r.Line, r.Roster = "", uuid.New(), item.Chat.ID, item.Chat.Line, item.Chat.Roster
		if items = append(items, store.Item{Tenant: "acme", Record: &r}); len(items) == 500 {
			_, err := s.Import(t.Context(), items)
			require.NoError(t, err)
			items = nil
		}
	}
	db.exec(t, "ANALYZE")
	conn := pgtest.Connect(t, db.dsn)
	var number string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT id::text FROM fromline.tenant WHERE name = 'small'").Scan(&number))
	read := s.StatementsOfTenant(number)[:2] // the other tables are empty
	for _, sql := range append(read, s.RemovalOfChats(number)) {
		rows, err := conn.Query(t.Context(), "EXPLAIN "+sql)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		text := strings.Join(plan, "\n")
		require.NotRegexp(t, "Seq Scan on (chat|chat_set|record)", text)
		require.Regexp(t, "(Index|Bitmap)", text)
	}
}

// The removal of a tenant empties every table of its rows.
func TestEveryTableOfTenantsIsEmptied(t *testing.T) {
	db := newDatabase(t)
	db.open(t, postgres.Options{})
	conn := pgtest.Connect(t, db.dsn)
	rows, err := conn.Query(t.Context(), `SELECT c.table_name::text FROM information_schema.columns AS c
		JOIN information_schema.tables AS t USING (table_schema, table_name)
		WHERE c.table_schema = 'fromline' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.ElementsMatch(t, postgres.TenantTables(), tables)
}
