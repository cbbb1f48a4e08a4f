package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestExplainMessage says how decisions are told, by id and by key, on each
// store.
func TestExplainMessage(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			if kind == "postgres" {
				dsn = pgtest.Database(t)
			}
			server := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", dsn, "-deliveries", filepath.Join(t.TempDir(), "out"), "-addr", "127.0.0.1:0")
			status, body := server.send(t, "POST", "/v3/messages", sendTo("+14155559876", "the content"), "Idempotency-Key", "k 1")
			require.Equal(t, 202, status)
			id := body["message"].(map[string]any)["id"].(string)
			byID := runWith("", "explain", "-store", dsn, id)
			require.Equal(t, exitOK, byID.status, byID.stderr)
			for _, word := range []string{id, body["from"].(string), body["chat_id"].(string), "branch: new", "picked: ", "runner-up: ", "delivery: ", "as they were"} {
				require.Contains(t, byID.stdout, word)
			}
			require.NotContains(t, byID.stdout, "4155559876")
			require.NotContains(t, byID.stdout, "the content")
			byKey := runWith("", "explain", "-store", dsn, "-tenant", defaultTenant, "-key", "k 1")
			require.Equal(t, exitOK, byKey.status, byKey.stderr)
			require.Contains(t, byKey.stdout, id)

			for name, args := range map[string][]string{
				"another id": {uuid.Must(uuid.NewV7()).String()}, "another key": {"-key", "k 2"}, "another tenant": {"-tenant", "acme", id},
			} {
				r := runWith("", append([]string{"explain", "-store", dsn}, args...)...)
				require.Equal(t, exitRefused, r.status, name)
				require.Contains(t, r.stderr, "record", name)
				require.Empty(t, r.stdout)
			}
			require.Equal(t, exitOK, server.stop(t))
		})
	}
}

// A record without a trace says so, and the rest all the same.
func TestExplainWithoutTrace(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	server := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", dsn, "-traces=false", "-deliveries", filepath.Join(t.TempDir(), "out"), "-addr", "127.0.0.1:0")
	status, _ := server.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"), "Idempotency-Key", "k")
	require.Equal(t, 202, status)
	r := runWith("", "explain", "-store", dsn, "-key", "k")
	require.Equal(t, exitOK, r.status, r.stderr)
	require.Contains(t, r.stdout, "kept no trace")
	require.Equal(t, exitOK, server.stop(t))
}

// What cannot be used is told, and looks at nothing.
func TestExplainUsage(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	for _, c := range []struct{ args, word string }{
		{"", "-store"}, {"-store " + dsn, "-key"}, {"-store " + dsn + " x", "not a message id"}, {"-store " + dsn + " -key k x", "not both"},
		{"-store memory: -key k", "memory"}, {"-store " + dsn + " -key k", "-store"},
	} {
		r := runWith("", append([]string{"explain"}, strings.Fields(c.args)...)...)
		require.Equal(t, exitUsage, r.status, c.args)
		require.Contains(t, r.stderr, c.word, c.args)
	}
}

// A store of several tenants has to be told whose message it is.
func TestExplainNeedsTheTenant(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	for tenant, number := range map[string]string{"acme": "+12055550101", "globex": "+13125550103"} {
		r := runWith(sendTo("+14155559876", "hi"), "route", "-fleet", fleetOf(t, lineOf(number, "")), "-tenant", tenant, "-store", dsn)
		require.Zero(t, r.status, r.stderr)
	}
	r := runWith("", "explain", "-store", dsn, "-key", "k")
	require.Equal(t, exitUsage, r.status)
	require.Contains(t, r.stderr, "-tenant")
	require.Equal(t, exitRefused, runWith("", "explain", "-store", dsn, "-tenant", "acme", "-key", "k").status)
}

// A tenant that is misspelt has no messages and nothing parked: the commands
// say that the store does not know it, and say nothing of a tenant that it
// knows.
func TestStrangeTenant(t *testing.T) {
	const known = "globex"
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	require.Zero(t, runWith(sendTo("+14155559876", "hi"), "route", "-fleet", fleetOf(t, lineOf("+12055550101", "")), "-tenant", known, "-store", dsn).status)
	for _, command := range [][]string{
		{"explain", "-key", "k"}, {"parked", "list"}, {"parked", "list", "-json"}, {"parked", "drop", "-reason", "refused"},
		{"parked", "release", "550e8400-e29b-41d4-a716-446655440000"},
	} {
		about := func(tenant string) string {
			return runWith("", append(command, "-store", dsn, "-tenant", tenant)...).stderr
		}
		if command[0] == "parked" && len(command) == 3 && command[1] == "release" { // flags stand before ids
			about = func(tenant string) string {
				return runWith("", "parked", "release", "-store", dsn, "-tenant", tenant, command[2]).stderr
			}
		}
		require.Contains(t, about("globx"), `did you mean "globex"?`, command)
		require.Contains(t, about("initech"), `"globex"`, command)
		require.NotContains(t, about(known), "no chats", command)
	}
	require.Zero(t, runWith("", "parked", "list", "-store", dsn, "-tenant", "globx").status, "a tenant may be new")
}
