package main

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// databaseState is every row of every table of a store in PostgreSQL, as text,
// and where its sequences are.
func databaseState(t *testing.T, dsn string) map[string]string {
	t.Helper()
	conn := pgtest.Connect(t, dsn)
	rows, err := conn.Query(t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'fromline'::regnamespace AND relkind = 'r'`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, tables)
	all := map[string]string{}
	for _, table := range tables {
		var text *string
		name := pgx.Identifier{"fromline", table}.Sanitize()
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT string_agg(r::text, E'\n' ORDER BY r::text) FROM `+name+` AS r`).Scan(&text))
		if text != nil {
			all[table] = *text
		}
	}
	var sequences *string
	require.NoError(t, conn.QueryRow(t.Context(),
		`SELECT string_agg(sequencename || ' ' || coalesce(last_value, 0), E'\n' ORDER BY sequencename) FROM pg_sequences WHERE schemaname = 'fromline'`).Scan(&sequences))
	if sequences != nil {
		all["sequences"] = *sequences
	}
	return all
}
