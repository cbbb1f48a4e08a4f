//go:build unix

package main

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// A store with a row of each kind that cannot be read is served, and every
// command goes on with all the others and tells of these.
func TestUnreadableRows(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "chats.db")
			s := &spoiledStore{dsn: "sqlite:" + path, driver: path}
			if kind == "postgres" {
				s.dsn, s.driver = pgtest.Database(t), ""
			}
			s.test(t)
		})
	}
}

// spoiledStore is a store of which rows are spoiled by hand.
type spoiledStore struct {
	dsn    string
	driver string // the SQLite file, empty for PostgreSQL
}

// exec runs a statement in which %[1]s stands before the names of tables. One
// row is to be changed.
func (s *spoiledStore) exec(t *testing.T, statement string) {
	t.Helper()
	var n int64
	if s.driver != "" {
		db, err := sql.Open("sqlite", s.driver)
		require.NoError(t, err)
		defer db.Close()
		result, err := db.ExecContext(t.Context(), fmt.Sprintf(statement, ""))
		require.NoError(t, err, statement)
		n, err = result.RowsAffected()
		require.NoError(t, err)
	} else {
		conn := pgtest.Connect(t, s.dsn)
		tag, err := conn.Exec(t.Context(), fmt.Sprintf(statement, "fromline."))
		require.NoError(t, err, statement)
		n = tag.RowsAffected()
	}
	require.EqualValues(t, 1, n, statement)
}

// bytes is a literal.
func (s *spoiledStore) bytes(b []byte) string {
	if s.driver != "" {
		return "x'" + hex.EncodeToString(b) + "'"
	}
	return `'\x` + hex.EncodeToString(b) + "'"
}

// id is a literal.
func (s *spoiledStore) id(text string) string {
	id := uuid.MustParse(text)
	if s.driver != "" {
		return s.bytes(id[:])
	}
	return "'" + text + "'"
}

func (s *spoiledStore) test(t *testing.T) {
	receiver := newRefusing(t)
	args := []string{"-fleet", write(t, "fleet.json", twoLines), "-store", s.dsn, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0"}
	p := start(t, args...)
	const messages = 5
	var ids, chats [messages]string
	to := func(i int) string { return fmt.Sprintf("+1415555%04d", 7000+i) }
	for i := range ids {
		status, sent := p.send(t, "POST", "/v3/messages", sendTo(to(i), "hi"), "Idempotency-Key", fmt.Sprint("key ", i))
		require.Equal(t, http.StatusAccepted, status)
		ids[i], chats[i] = sent["message"].(map[string]any)["id"].(string), sent["chat_id"].(string)
	}
	eventually(t, func() bool {
		return strings.Contains(get(t, p.ops+"/metrics"), fmt.Sprintf("\nfromline_outbox_parked %d\n", messages))
	})
	require.Equal(t, exitOK, p.stop(t), p.logged())

	db, err := open.Store(t.Context(), s.dsn, open.Options{})
	require.NoError(t, err)
	_, _, err = db.ChangeConsent(t.Context(), defaultTenant, recipients.MustParse(to(9)), store.ConsentChange{OptedOut: new(true), At: time.Now()})
	require.NoError(t, err)
	_, err = db.ReportLine(t.Context(), line.State{Tenant: defaultTenant, Number: recipients.MustParse("+12052535598"), Status: line.Active, StatusAt: time.Now()})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for _, statement := range []string{
		"UPDATE %[1]sdelivery SET body = " + s.bytes([]byte{1, 0xff}) + " WHERE message_id = " + s.id(ids[1]),
		"UPDATE %[1]sdelivery SET why = 300 WHERE message_id = " + s.id(ids[4]),
		"UPDATE %[1]srecord SET body = " + s.bytes([]byte{99, 1, 2}) + " WHERE message_id = " + s.id(ids[2]),
		"UPDATE %[1]schat SET roster = " + s.bytes(nil) + " WHERE id = " + s.id(chats[3]),
		"UPDATE %[1]sline_state SET status = 300 WHERE number = 12052535598",
		"UPDATE %[1]sconsent SET handle = 'nobody'",
	} {
		s.exec(t, statement)
	}
	if s.driver != "" {
		s.exec(t, "UPDATE %[1]sline SET messages = x'010203' WHERE number = 12052535598")
	} else {
		s.exec(t, "UPDATE %[1]sline SET opened = '{1,NULL,-3}' WHERE number = 12052535598")
	}

	// Commands that read.
	found := examine(t, "-store", s.dsn, "-fleet", args[1])
	told := strings.Join(found.wrong, "\n")
	for _, row := range []string{"chat " + chats[3], "line 12052535598"} {
		assert.Contains(t, told, row)
	}
	explained := runWith("", "explain", "-store", s.dsn, ids[0])
	assert.Equal(t, exitOK, explained.status, explained.stderr)
	explained = runWith("", "explain", "-store", s.dsn, ids[1])
	assert.Equal(t, exitOK, explained.status, explained.stderr)
	assert.Contains(t, explained.stdout, "cannot be read")
	explained = runWith("", "explain", "-store", s.dsn, ids[2])
	assert.Equal(t, exitRefused, explained.status)
	assert.Contains(t, explained.stderr, "cannot be read")
	lines := runWith("", "lines", "-store", s.dsn, "-fleet", args[1])
	assert.Equal(t, exitOK, lines.status, lines.stderr)
	parked := runWith("", "parked", "list", "-json", "-store", s.dsn)
	assert.Equal(t, exitOK, parked.status, parked.stderr)
	assert.Equal(t, messages, strings.Count(parked.stdout, "\n"), parked.stdout)
	copied := runWith("", "copy", "-from", s.dsn, "-to", "sqlite:"+filepath.Join(t.TempDir(), "copy.db"))
	assert.Equal(t, exitRefused, copied.status)
	for _, row := range []string{"delivery " + ids[1], "record " + ids[2], "chat " + chats[3], "line 12052535598", "consent "} {
		assert.Contains(t, copied.stderr, row)
	}
	assert.Equal(t, exitOK, runWith("", "migrate", "-store", s.dsn).status)

	// A server on it.
	receiver.refuses.Store(false)
	p = start(t, args...)
	status, _ := p.send(t, "POST", "/v3/messages", sendTo(to(0), "again"))
	assert.Equal(t, http.StatusAccepted, status)
	status, sent := p.send(t, "POST", "/v3/messages", sendTo(to(3), "to those of the damaged chat"))
	assert.Equal(t, http.StatusAccepted, status)
	assert.NotEqual(t, chats[3], sent["chat_id"])
	status, _ = p.send(t, "POST", "/v3/messages", sendTo(to(8), "to others"))
	assert.Equal(t, http.StatusAccepted, status)
	status, _ = p.send(t, "POST", "/v3/messages", sendTo(to(2), "hi"), "Idempotency-Key", "key 2")
	assert.Equal(t, http.StatusServiceUnavailable, status, "it is not decided again")
	status, _ = p.send(t, "GET", "/v3/messages/"+ids[1], "")
	assert.Equal(t, http.StatusOK, status)
	eventually(t, func() bool { return len(receiver.all()) == 3 })
	ready := get(t, p.ops+"/readyz")
	assert.Contains(t, ready, `"degraded"`)
	assert.NotContains(t, get(t, p.ops+"/metrics"), "\nfromline_store_unreadable_rows 0\n")
	eventually(t, func() bool { return strings.Contains(p.logged(), "a row of the store cannot be read and is set aside") })
	status, answer := post(t, p.ops+"/parked/release?reason=refused")
	assert.Equal(t, 200, status, answer)
	eventually(t, func() bool { return len(receiver.all()) == 3+3 }) // all but that of an unknown reason, and the damaged one
	assert.NotContains(t, receiver.all(), ids[1])
	eventually(t, func() bool {
		list := runWith("", "parked", "list", "-json", "-store", s.dsn, "-reason", "unreadable")
		return strings.Contains(list.stdout, ids[1])
	})
	assert.Equal(t, exitOK, runWith("", "parked", "drop", "-store", s.dsn, ids[1]).status)
	assert.Equal(t, exitOK, p.stop(t), p.logged())
}
