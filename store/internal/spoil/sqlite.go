// Package spoil makes rows of a SQLite file unreadable, for tests of the
// contract (storetest.Harness.Spoil). Only tests import it; they link the
// driver.
package spoil

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/storetest"
)

// SQLite makes a row unreadable, in the one of the files that has it. Stores
// may have the files open.
func SQLite(tb testing.TB, kind, tenant, id string, how storetest.Spoiled, files ...string) {
	tb.Helper()
	found := 0
	for _, path := range files {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			continue // no store ever opened it
		}
		f := &file{tb: tb, tenant: []byte(tenant), how: how}
		var err error
		f.db, err = sql.Open("sqlite", path+"?_pragma=busy_timeout(60000)") // the store may write
		require.NoError(tb, err)
		f.spoil(kind, id)
		require.NoError(tb, f.db.Close())
		found += f.found
	}
	require.NotZero(tb, found, "there is no %s %s", kind, id)
}

// file is an open file in which a row is to be spoiled.
type file struct {
	tb     testing.TB
	db     *sql.DB
	tenant []byte
	how    storetest.Spoiled
	found  int // how many rows were spoiled
}

func (f *file) spoil(kind, id string) {
	f.tb.Helper()
	switch kind {
	case store.UnreadableChat:
		f.body("chat", "roster", "id", uuid.MustParse(id))
	case store.UnreadableRecord:
		f.body("record", "body", "message_id", uuid.MustParse(id))
	case store.UnreadableDelivery:
		f.body("delivery", "body", "message_id", uuid.MustParse(id))
	case store.UnreadableLine:
		var number recipients.Handle
		require.NoError(f.tb, number.UnmarshalText([]byte(id)))
		status := map[storetest.Spoiled]int{storetest.Garbled: 7777, storetest.Cut: -1, storetest.Newer: 77}[f.how]
		f.set("line_state", "status", "number", int64(number.Digits()), status)
		f.set("line", "opened", "number", int64(number.Digits()), []byte{1, 2, 3})
	case store.UnreadableConsent:
		name, err := hex.DecodeString(id)
		require.NoError(f.tb, err)
		f.set("consent", "handle", "person", name, map[storetest.Spoiled]string{storetest.Garbled: "no handle", storetest.Cut: "+", storetest.Newer: "name:1"}[f.how])
		f.set("consent", "allowed", "person", name, 7)
	default:
		require.FailNow(f.tb, "no such kind", kind)
	}
}

// where selects one row of the tenant.
const where = " WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND "

// body spoils the bytes of a column.
func (f *file) body(table, column, key string, id uuid.UUID) {
	f.tb.Helper()
	var was []byte
	err := f.db.QueryRowContext(f.tb.Context(), "SELECT "+column+" FROM "+table+where+key+" = ?2", f.tenant, id[:]).Scan(&was)
	if errors.Is(err, sql.ErrNoRows) {
		return
	}
	require.NoError(f.tb, err)
	f.set(table, column, key, id[:], f.how.Bytes(was))
}

// set writes a column.
func (f *file) set(table, column, key string, id, value any) {
	f.tb.Helper()
	result, err := f.db.ExecContext(f.tb.Context(), "UPDATE "+table+" SET "+column+" = ?3"+where+key+" = ?2", f.tenant, id, value)
	require.NoError(f.tb, err)
	n, err := result.RowsAffected()
	require.NoError(f.tb, err)
	f.found += int(n)
}
