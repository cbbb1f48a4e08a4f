//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/open"
)

// TestRoleWithFewRights: an administrator runs the script of migrate, and gives
// the role of the servers the rights that the page about stores lists. Then a
// server serves, and everything else works that servers, operators and programs
// do. Before, every command says where the rights are listed.
func TestRoleWithFewRights(t *testing.T) {
	const page, name = "stores.md", "fromline"
	grants := blockOf(t, page, "GRANT USAGE").text
	database := pgtest.Database(t)
	role := fmt.Sprintf("fromline_few_%d", time.Now().UnixNano())
	administer := func(sql string) { pgtest.Exec(t, database, sql) }
	administer("CREATE ROLE " + role)
	defer administer("DROP OWNED BY " + role + "; DROP ROLE " + role)
	store := asRole(t, database, role).String()

	for _, args := range [][]string{
		{"migrate", "-store", store},
		{"serve", "-store", store, "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"},
	} {
		var out bytes.Buffer
		assert.NotZero(t, run(args, nil, &out, &out), args)
		assert.Contains(t, out.String(), "42501", args)
		assert.Contains(t, out.String(), page, args)
	}
	var script bytes.Buffer
	require.Zero(t, run([]string{"migrate", "-store", store, "-print"}, nil, &script, &script))
	administer(script.String())
	administer(strings.ReplaceAll(grants, "TO "+name, "TO "+role))

	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", store, "-deliveries", "/dev/null", "-addr", "127.0.0.1:0")
	for i := range 2 {
		status, answer := p.send(t, http.MethodPost, "/v3/messages", sendTo("+14155559876", "hi"), "Idempotency-Key", fmt.Sprint("key ", i))
		require.Equal(t, http.StatusAccepted, status, "%v", answer)
	}
	status, answer := p.send(t, http.MethodPost, "/v3/blocked_handles", `{"handle":"+14155559877"}`)
	assert.Equal(t, http.StatusCreated, status, "%v", answer)
	require.Equal(t, exitOK, p.stop(t))
	assert.Empty(t, examine(t, "-store", store).wrong)

	chats, err := open.Store(t.Context(), store, open.Options{})
	require.NoError(t, err)
	defer chats.Close()
	_, err = chats.Purge(t.Context(), time.Now().Add(30*24*time.Hour), 0)
	assert.NoError(t, err)
	n, err := chats.Forget(t.Context(), defaultTenant, recipients.MustParse("+14155559876"))
	assert.NoError(t, err)
	assert.Equal(t, 1, n)
	for _, sequence := range []string{"revision", "change_number_seq"} { // as pg_dump reads them
		administer("SET ROLE " + role + "; SELECT last_value FROM fromline." + sequence)
	}
}

// TestRoleThatOwnsItsDatabase: the role that the page about stores makes opens
// the store in the database that it owns.
func TestRoleThatOwnsItsDatabase(t *testing.T) {
	database := pgtest.Database(t)
	administer := func(sql string) { pgtest.Exec(t, database, sql) }
	name := fmt.Sprintf("fromline_own_%d", time.Now().UnixNano())
	for statement := range strings.Lines(blockOf(t, "stores.md", "CREATE ROLE fromline ").text) {
		administer(strings.ReplaceAll(statement, "fromline", name))
	}
	of := asRole(t, database, name)
	of.Path = "/" + name
	var out bytes.Buffer
	assert.Equal(t, exitOK, run([]string{"migrate", "-store", of.String()}, nil, &out, &out), out.String())
	administer("DROP DATABASE " + name)
	administer("DROP ROLE " + name)
}

// asRole is a database whose statements run as a role.
func asRole(t *testing.T, database, role string) *url.URL {
	of, err := url.Parse(database)
	require.NoError(t, err)
	query := of.Query()
	query.Set("role", role)
	of.RawQuery = query.Encode()
	return of
}
