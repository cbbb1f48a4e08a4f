package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sqlite"
)

// peeked finds parameters for which SQLite plans a statement again whenever
// they are bound: a bare limit, and the pattern of a comparison.
var peeked = regexp.MustCompile(`(?i)\b(limit|offset|like|glob)\s+\?`)

// Statements are planned when they are prepared, not in each call.
func TestStatementsArePlannedOnce(t *testing.T) {
	texts, err := sqlite.Queries()
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	for name, text := range texts {
		require.NotRegexp(t, peeked, text, "the statement %q", name)
	}
	require.Regexp(t, peeked, "SELECT 1 LIMIT ?1", "the pattern finds what it is for")
}

// The export of a tenant uses indexes that begin with the tenant: none of its
// statements reads or sorts all rows of a table.
func TestExportOfATenantReadsNoWholeTables(t *testing.T) {
	texts, err := sqlite.Queries()
	require.NoError(t, err)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	of := 0
	for name := range texts {
		if !strings.HasPrefix(name, "all ") || strings.HasSuffix(name, " of a tenant") || strings.HasSuffix(name, " of a thing") {
			continue
		}
		of++
		for _, what := range []string{" of a tenant", " of a thing"} {
			text := texts[name+what]
			require.NotEmpty(t, text, "%s cannot be exported%s", name, what)
			plan, err := s.Explain(t.Context(), text)
			require.NoError(t, err)
			require.Contains(t, plan, "SEARCH")
			require.NotContains(t, plan, "SCAN", "%s%s", name, what)
		}
	}
	require.NotZero(t, of)
}

// The removal of a tenant empties every table of its rows.
func TestEveryTableOfTenantsIsEmptied(t *testing.T) {
	texts, err := sqlite.Queries()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "fromline.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	all := ""
	for _, name := range sqlite.Removals() {
		all += texts[name] + "\n"
	}
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND c.name = 'tenant_id'")
	require.NoError(t, err)
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var table string
		require.NoError(t, rows.Scan(&table))
		if table == "note_person" {
			continue // a trigger removes it with its note
		}
		require.Contains(t, all, "DELETE FROM "+table+" ")
	}
	require.NoError(t, rows.Err())
	require.NotZero(t, n)
}
