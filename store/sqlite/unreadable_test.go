package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/storetest"
)

func TestUnreadableRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	exec := func(statement string, args ...any) {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		result, err := db.ExecContext(t.Context(), statement, args...)
		require.NoError(t, err)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
	storetest.Unreadable(t, func(tb testing.TB) storetest.Harness { return subject(tb, path) },
		func(kind string, id uuid.UUID, body []byte) {
			exec(map[string]string{
				store.UnreadableChat:     "UPDATE chat SET roster = ?2 WHERE id = ?1",
				store.UnreadableRecord:   "UPDATE record SET body = ?2 WHERE message_id = ?1",
				store.UnreadableDelivery: "UPDATE delivery SET body = ?2 WHERE message_id = ?1",
			}[kind], id[:], body)
		},
		func(tenant string, status int) {
			exec("UPDATE line_state SET status = ?2 WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1)", []byte(tenant), status)
		})
}
