package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/sqlite"
)

const oursNow = "+12025550101"

// stored is a chat as any host may have stored it, unchecked.
func stored(line string, at time.Time, people ...string) store.ChatSeen {
	syntax := recipients.Options{Strength: recipients.Syntax}
	var handles []recipients.Handle
	for _, p := range people {
		h, err := syntax.Parse(p)
		if err != nil {
			panic(err)
		}
		handles = append(handles, h)
	}
	set, err := recipients.NewLargeSet(handles...)
	if err != nil {
		panic(err)
	}
	number, err := syntax.Parse(line)
	if err != nil {
		panic(err)
	}
	return store.ChatSeen{ID: uuid.New(), Line: number, Participants: set, CreatedAt: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), ActiveAt: at}
}

// TestDoctorFindsChats says for each kind of chat that is wrong that it is
// found, by its id and without its people, and that one that is right is not.
func TestDoctorFindsChats(t *testing.T) {
	past := time.Now().Add(-time.Hour)
	var crowd []string
	for i := range recipients.MaxRecipients + 1 {
		crowd = append(crowd, fmt.Sprintf("+1415555%04d", i))
	}
	fine := stored(oursNow, past, "+14155550031")
	gone := stored("+13335550199", past, "+14155550023")
	for name, c := range map[string]struct {
		events      []store.Event
		note, wrong []string
	}{
		"one that is right":   {[]store.Event{fine}, nil, nil},
		"a little ahead":      {[]store.Event{stored(oursNow, time.Now().Add(time.Minute), "+14155550031")}, nil, nil},
		"on no line of ours":  {[]store.Event{gone}, nil, []string{"+13335550199: 1 chat, but no fleet file has the line"}},
		"on a line that left": {[]store.Event{gone, store.LineLeft{Chat: gone.ID}}, nil, nil},
		"on another's line":   {[]store.Event{stored("+14155550102", past, "+14155550023")}, nil, []string{"of tenant other"}},
		"a trunk zero":        {[]store.Event{stored(oursNow, past, "+14155550031", "+4402079460123")}, nil, []string{"no send can name", "+44•••23 (phone.trunk)"}},
		"too short":           {[]store.Event{stored(oursNow, past, "+22507123456")}, nil, []string{"phone.short"}},
		"years ahead":         {[]store.Event{stored(oursNow, time.Date(2157, 1, 1, 0, 0, 0, 0, time.UTC), "+14155550031")}, nil, []string{"ahead of the clock", "2157-01-01"}},
		"too many for a send": {[]store.Event{stored(oursNow, past, crowd...)}, []string{"32 people"}, nil},
		"several at once":     {[]store.Event{stored(oursNow, past, "+22507123456"), stored(oursNow, past, "+22507123457")}, nil, []string{"2 chats, the first"}},
		"an address":          {[]store.Event{stored(oursNow, past, "ann@example.com")}, nil, nil},
		"of nobody any more":  {[]store.Event{fine, store.ParticipantRemoved{Chat: fine.ID, Handle: fine.Participants.At(0)}}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "chats.db")
			db := "sqlite:" + path
			// A store whose clock was wrong takes what is years ahead.
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{Clock: func() time.Time {
				return latest(c.events)
			}})
			require.NoError(t, err)
			require.NoError(t, s.Apply(t.Context(), defaultTenant, c.events))
			require.NoError(t, s.Close())
			f := examine(t, "-store", db, "-fleet", fleetOf(t, lineOf(oursNow, "")), "-fleet", "other="+fleetOf(t, lineOf("+14155550102", "")))
			said := strings.Join(append(f.note, f.wrong...), "\n")
			assert.Len(t, f.wrong, min(1, len(c.wrong)), said)
			assert.Len(t, f.note, min(1, len(c.note)), said)
			for _, says := range append(c.note, c.wrong...) {
				assert.Contains(t, said, says)
			}
			for _, full := range []string{"5550031", "5550023", "2079460123", "7123456"} {
				assert.NotContains(t, said, full)
			}
		})
	}
}

// latest returns the last time that a chat of some events was active.
func latest(events []store.Event) (at time.Time) {
	for _, e := range events {
		if seen, is := e.(store.ChatSeen); is && seen.ActiveAt.After(at) {
			at = seen.ActiveAt
		}
	}
	return at
}

// TestDoctorCountsChats says how many chats each tenant has on each line, and
// which tenants have no fleet.
func TestDoctorCountsChats(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	s, err := openStore(t.Context(), db, nil)
	require.NoError(t, err)
	past := time.Now().Add(-time.Hour)
	for i := range 2*pageSize + 1 {
		line := []string{oursNow, "+14155550102"}[min(1, i/pageSize)]
		person := fmt.Sprintf("+1415%07d", 5550000+i)
		require.NoError(t, s.Apply(t.Context(), defaultTenant, []store.Event{stored(line, past, person)}))
	}
	require.NoError(t, s.Apply(t.Context(), "beta", []store.Event{stored("+13125550103", past, "+14155550031")}))
	require.NoError(t, s.Close())

	alone := examine(t, "-store", db)
	assert.Contains(t, alone.ok, "    2001 chats on 2 lines")
	assert.Contains(t, alone.ok, "    "+oursNow+": 1000 chats")
	assert.Contains(t, alone.ok, "    +14155550102: 1001 chats")
	assert.Contains(t, alone.ok, "    +13125550103: 1 chat")
	assert.Empty(t, alone.note)
	assert.Empty(t, alone.wrong)

	with := examine(t, "-store", db, "-fleet", fleetOf(t, lineOf(oursNow, ""), lineOf("+14155550102", "")))
	require.Len(t, with.note, 2)
	assert.Contains(t, with.note[0], "-fleet beta=FILE")
	assert.Contains(t, with.note[1], "+14155550102 has 1001 chats", "the heaviest line, and no guard")
	assert.Empty(t, with.wrong)
}

// TestCensusIsBounded says that what is kept of a walk does not grow with the
// lines for ever.
func TestCensusIsBounded(t *testing.T) {
	chats := memory.New(memory.Options{})
	defer chats.Close()
	var events []store.Event
	const more = 3
	for i := range maxLines + more {
		events = append(events, stored(fmt.Sprintf("+1312%07d", i), time.Time{}, "+14155550031"))
	}
	require.NoError(t, chats.Apply(t.Context(), defaultTenant, events))
	found, err := takeCensus(t.Context(), chats, defaultTenant, time.Now(), nil)
	require.NoError(t, err)
	assert.Equal(t, maxLines+more, found.chats)
	assert.Len(t, found.lines, maxLines)
	assert.Equal(t, lineChats{all: more, waiting: more}, found.rest)
}

// TestLookingChangesNothing says of each command that only looks that a store
// stays as it is to the byte, or to the row, while a server uses it and when
// none does.
func TestLookingChangesNothing(t *testing.T) {
	fleetFile := write(t, "fleet.json", twoLines)
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			dsn, state := "sqlite:"+filepath.Join(t.TempDir(), "chats.db"), fileState
			if kind == "postgres" {
				dsn, state = pgtest.Database(t), databaseState
			}
			require.Zero(t, runWith(sendTo("+14155559876", "hi")+"\n"+sendTo("+14155559877", "hi")+"\n", "route", "-fleet", fleetFile, "-store", dsn).status)
			look := func() {
				before := state(t, dsn)
				for _, args := range lookingCommands(t, fleetFile, dsn) {
					r := runWith("", args...)
					assert.Equal(t, exitOK, r.status, "%v: %s%s", args, r.stdout, r.stderr)
				}
				assert.Equal(t, before, state(t, dsn))
			}
			look()
			server := start(t, "-fleet", fleetFile, "-store", dsn, "-deliveries", os.DevNull, "-addr", "127.0.0.1:0")
			status, _ := server.send(t, "POST", "/v3/messages", sendTo("+14155559878", "hi"))
			require.Equal(t, 202, status)
			for _, args := range lookingCommands(t, fleetFile, dsn) {
				assert.Equal(t, exitOK, runWith("", args...).status)
			}
			status, _ = server.send(t, "POST", "/v3/messages", sendTo("+14155559879", "hi"))
			assert.Equal(t, 202, status)
			assert.Equal(t, exitOK, server.stop(t))
		})
	}
}

// lookingCommands are the command lines that only look at a store.
func lookingCommands(t *testing.T, fleetFile, dsn string) [][]string {
	return [][]string{
		{"explain", "-store", dsn, anyMessage(t, dsn)},
		{"explain", "-store", dsn, "-tenant", defaultTenant, anyMessage(t, dsn)},
		{"doctor", "-fleet", fleetFile, "-store", dsn},
		{"import", "-dry-run", "-store", dsn},
		{"lines", "-fleet", fleetFile, "-store", dsn},
		{"lines", "-json", "-store", dsn},
	}
}

// anyMessage returns the id of a message that a store has a record of.
func anyMessage(t *testing.T, dsn string) string {
	t.Helper()
	s, err := lookAtStore(t.Context(), dsn, nil)
	require.NoError(t, err)
	defer s.Close()
	for item, err := range s.Export(t.Context()) {
		require.NoError(t, err)
		if item.Record != nil {
			return item.Record.MessageID.String()
		}
	}
	require.Fail(t, "there is no record")
	return ""
}

// fileState is the file of a store and what lies beside it, and hashes of them.
func fileState(t *testing.T, dsn string) map[string]string {
	t.Helper()
	all := map[string]string{}
	path := strings.TrimPrefix(dsn, "sqlite:")
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all[name] = fmt.Sprintf("%x", sha256.Sum256(text))
	}
	require.Contains(t, all, path)
	return all
}
