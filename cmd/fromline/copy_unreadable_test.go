package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// What a copy cannot read is named with what to do about it, everything else is
// copied, and the exit status says that something is missing.
func TestCopyTellsWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "from.db")
	s, err := open.Store(t.Context(), "sqlite:"+path, open.Options{})
	require.NoError(t, err)
	var all []*store.Plan
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, person := range []string{"+14155550101", "+14155550102", "+14155550103"} {
		set, err := recipients.NewSet(recipients.MustParse(person))
		require.NoError(t, err)
		p := &store.Plan{Tenant: "acme", Set: set, Content: []byte("hello"), Record: store.Record{
			Key: person, MessageID: uuid.New(), Reason: store.NewBestNumber, ChatID: uuid.New(), Line: recipients.MustParse("+12052535597"), At: at,
			Roster: store.NewRoster(set, at), KeepUntil: at.Add(time.Hour),
		}}
		require.NoError(t, s.Commit(t.Context(), p))
		all = append(all, p)
	}
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	for statement, id := range map[string]uuid.UUID{
		`UPDATE chat SET roster = x'01ff' WHERE id = ?`:                      all[0].ChatID,
		`UPDATE delivery SET body = x'0102' WHERE message_id = ?`:            all[0].MessageID,
		`UPDATE record SET body = x'630000' WHERE message_id = ?`:            all[1].MessageID,
		`UPDATE chat SET named = 7, service = 77, roster = x'' WHERE id = ?`: all[1].ChatID,
	} {
		_, err := db.ExecContext(t.Context(), statement, id[:])
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())

	to := "sqlite:" + filepath.Join(t.TempDir(), "to.db")
	for range 2 { // a second copy says the same
		var out, told bytes.Buffer
		require.Equal(t, exitRefused, copyStore([]string{"-from", "sqlite:" + path, "-to", to}, nil, &out, &told), "%s%s", &out, &told)
		for _, named := range []string{
			"chat " + all[0].ChatID.String(), "delivery " + all[0].MessageID.String(), "record " + all[1].MessageID.String(), "chat " + all[1].ChatID.String(),
			"damaged: 3;", "later release: 1;",
		} {
			require.Contains(t, told.String(), named)
		}
		require.NotContains(t, told.String(), "1415555", "people are not named")
		require.Contains(t, out.String(), "1 chat, 2 records, 2 deliveries")
	}
}
