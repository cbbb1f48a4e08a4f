package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// shown are the lines that fromline lines shows, by number.
func shown(t *testing.T, args ...string) map[string]lineJSON {
	t.Helper()
	r := runWith("", append([]string{"lines", "-json"}, args...)...)
	require.Equal(t, exitOK, r.status, r.stderr)
	all := map[string]lineJSON{}
	for text := range strings.Lines(r.stdout) {
		var l lineJSON
		require.NoError(t, json.Unmarshal([]byte(text), &l, json.RejectUnknownMembers(true)))
		all[l.PhoneNumber] = l
	}
	return all
}

// TestLines says what is shown of lines in every state, on each store.
func TestLines(t *testing.T) {
	const full, flagged, spare, gone, released = "+12055550101", "+14155550102", "+13125550103", "+16175550104", "+12125550105"
	for kind, dsn := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "chats.db"), "postgres": ""} {
		t.Run(kind, func(t *testing.T) {
			if dsn == "" {
				dsn = pgtest.Database(t)
			}
			only := func(number string) string { return fleetOf(t, lineOf(number, "")) }
			for number, people := range map[string][]string{full: {"71", "72"}, flagged: {"73"}, gone: {"74"}, released: {"75"}} {
				var sends strings.Builder
				for _, last := range people {
					sends.WriteString(sendTo("+120555598"+last, "hi") + "\n")
				}
				require.Zero(t, runWith(sends.String(), "route", "-fleet", only(number), "-store", dsn).status)
			}
			at := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
			s, err := openStore(t.Context(), dsn, nil)
			require.NoError(t, err)
			for _, state := range []line.State{
				{Number: recipients.MustParse(flagged), Status: line.Flagged, StatusAt: at},
				{Number: recipients.MustParse(spare), Reputation: line.AtRisk, ReputationAt: at},
				{Number: recipients.MustParse(released), Ownership: line.Released, OwnershipAt: at},
			} {
				state.Tenant = defaultTenant
				_, err := s.ReportLine(t.Context(), state)
				require.NoError(t, err)
			}
			require.NoError(t, s.Apply(t.Context(), "other", []store.Event{stored("+17025550106", at, "+14155550031")}))
			require.NoError(t, s.Close())

			file := fleetOf(t, lineOf(full, `,"limits":{"new_chats_per_day":2,"messages_per_day":9}`), lineOf(flagged, ""), lineOf(spare, ""), lineOf(released, ""))
			lines := shown(t, "-fleet", file, "-store", dsn)
			require.Len(t, lines, 6)

			l := lines[full]
			assert.Equal(t, []any{"ACTIVE, HEALTHY", 2, 2, 2, 9, 2, 0}, []any{l.State, l.NewChats, *l.NewChatLimit, l.Messages, *l.MessageLimit, l.Chats, l.Waiting})
			require.NotNil(t, l.NextFree)
			assert.True(t, l.NextFree.After(time.Now().Add(time.Hour)), "it is full for a day")
			l = lines[flagged]
			assert.Equal(t, []any{"FLAGGED", "FLAGGED", 1, 1}, []any{l.State, l.Status, l.Chats, l.Waiting})
			assert.Equal(t, at, *l.Since)
			assert.Nil(t, l.NextFree)
			assert.Nil(t, l.NewChatLimit)
			l = lines[spare]
			assert.Equal(t, []any{"ACTIVE, AT_RISK", "AT_RISK", 0, 0}, []any{l.State, l.Reputation, l.Chats, l.Waiting})
			assert.Equal(t, at, *l.Since)
			assert.False(t, l.NextFree.After(time.Now()))
			l = lines[gone]
			assert.Equal(t, []any{"in no fleet file", 1, 1}, []any{l.State, l.Chats, l.Waiting})
			assert.Nil(t, l.NextFree)
			l = lines[released]
			assert.Equal(t, []any{"RELEASED", 1, 1}, []any{l.State, l.Chats, l.Waiting})
			assert.Equal(t, []any{"other", 1, 0}, []any{lines["+17025550106"].Tenant, lines["+17025550106"].Chats, lines["+17025550106"].Waiting})

			assert.Len(t, shown(t, "-store", dsn, "-tenant", "other"), 1)
			assert.Zero(t, shown(t, "-store", dsn)[gone].Waiting, "without a fleet file it is not known whose it is")

			table := runWith("", "lines", "-fleet", file, "-store", dsn)
			assert.Equal(t, exitOK, table.status)
			rows := strings.Split(strings.TrimSpace(table.stdout), "\n")
			require.Len(t, rows, 7)
			assert.Regexp(t, `^TENANT +LINE +STATE +SINCE +NEW CHATS +MESSAGES +CHATS +WAITING +NEXT CHAT$`, rows[0])
			assert.Regexp(t, `\n`+defaultTenant+` +\+12055550101 +ACTIVE, HEALTHY +- +2 of 2 +2 of 9 +2 +0 +\d{4}-\S+Z\n`, table.stdout)
			assert.Regexp(t, `\n`+defaultTenant+` +\+14155550102 +FLAGGED +\S+Z +1 +1 +1 +1 +none\n`, table.stdout)
			assert.NotContains(t, table.stdout, "55559871", "people are not shown")
		})
	}
}

// TestLinesStatus says which command lines cannot be used.
func TestLinesStatus(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	for name, args := range map[string][]string{
		"no store":           {},
		"memory":             {"-store", "memory:"},
		"nothing there":      {"-store", db},
		"an argument":        {"-store", db, "more"},
		"two files a tenant": {"-store", db, "-fleet", "a=x", "-fleet", "a=y"},
		"no such fleet":      {"-store", db, "-fleet", "nowhere"},
	} {
		r := runWith("", append([]string{"lines"}, args...)...)
		assert.Equal(t, exitUsage, r.status, name)
		assert.NotEmpty(t, r.stderr, name)
	}
}
