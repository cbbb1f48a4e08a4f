package main

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestReadersChangeNothing says that what only looks, looks at a store that a
// server is using and leaves each row of each table as it was: the commands,
// and the server's own pages.
func TestReadersChangeNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			dsn, dump := "sqlite:"+filepath.Join(dir, "chats.db"), func() []string { return sqliteRows(t, filepath.Join(dir, "chats.db")) }
			if kind == "postgres" {
				dsn = pgtest.Database(t)
				dump = func() []string { return postgresRows(t, dsn) }
			}
			refuses := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnprocessableEntity) })
			fleet := write(t, "fleet.json", twoLines)
			receiver := httptest.NewServer(refuses)
			defer receiver.Close()
			server := start(t, "-fleet", fleet, "-store", dsn, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
			var id string
			for _, last := range []string{"76", "77", "76"} {
				status, body := server.send(t, "POST", "/v3/messages", sendTo("+141555598"+last, "the content"), "Idempotency-Key", "k"+last+fmt.Sprint(id != ""))
				require.Equal(t, 202, status)
				id = body["message"].(map[string]any)["id"].(string)
			}
			eventually(t, func() bool { return strings.Count(get(t, server.ops+"/parked"), `"message_id"`) == 3 })
			settled := dump()
			eventually(t, func() bool { // until the server has written what it writes behind its sends
				before := settled
				time.Sleep(2 * time.Second)
				settled = dump()
				return slices.Equal(before, settled)
			})
			require.NotEmpty(t, settled)

			for name, args := range map[string][]string{
				"lines":   {"lines", "-fleet", fleet, "-store", dsn},
				"explain": {"explain", "-store", dsn, id},
				"doctor":  {"doctor", "-fleet", fleet, "-store", dsn},
				"parked":  {"parked", "list", "-store", dsn},
				"dry run": {"route", "-fleet", fleet, "-store", dsn, "-dry-run"},
			} {
				r := runWith(sendTo("+14155559870", "hi")+"\n"+sendTo("+14155559876", "hi")+"\n", args...)
				require.NotEqual(t, exitUsage, r.status, "%s: %s", name, r.stderr)
				require.Equal(t, settled, dump(), name)
			}
			status, _ := server.send(t, "GET", "/v3/messages/"+id, "")
			require.Equal(t, 200, status)
			for _, page := range []string{"", "/parked", "/decisions", "/decisions/" + id} {
				require.NotEmpty(t, get(t, server.ops+"/console"+page))
				require.Equal(t, settled, dump(), page)
			}
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			operator := http.Client{Jar: jar}
			for page, form := range map[string]url.Values{"/preview": {"to": {"+14155559870"}}, "/doctor": {}} {
				answer, err := operator.Get(server.ops + "/console" + page)
				require.NoError(t, err)
				text, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				secret := regexp.MustCompile(`name="?form"? value="?([^">]+)`).FindSubmatch(text)
				require.NotNil(t, secret, "%s", text)
				form.Set("form", string(secret[1]))
				answer, err = operator.PostForm(server.ops+"/console"+page, form)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				require.Equal(t, 200, answer.StatusCode, page)
				require.Equal(t, settled, dump(), page)
			}
			get(t, server.ops+"/metrics")
			get(t, server.ops+"/readyz")
			require.Equal(t, settled, dump())
			require.Equal(t, exitOK, server.stop(t))
		})
	}
}

// sqliteRows are all rows of all tables of a database.
func sqliteRows(t *testing.T, path string) []string {
	_, err := os.Stat(path)
	require.NoError(t, err)
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	return allRows(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`, `SELECT * FROM "%s"`)
}

func postgresRows(t *testing.T, dsn string) []string {
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	defer db.Close()
	return allRows(t, db, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE' ORDER BY 1`, `SELECT * FROM %s`)
}

func allRows(t *testing.T, db *sql.DB, tables, every string) []string {
	var all []string
	for _, table := range column(t, db, tables) {
		rows, err := db.Query(fmt.Sprintf(every, table))
		require.NoError(t, err)
		names, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			all = append(all, fmt.Sprintf("%s %v", table, values))
		}
		require.NoError(t, rows.Err())
	}
	slices.Sort(all)
	return all
}

func column(t *testing.T, db *sql.DB, query string) []string {
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}
