package sharded_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/spoil"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/store/storetest"
)

// An unreadable entry of the directory harms only its own tenant: the others
// are looked up, followed, claimed, listed and copied.
func TestUnreadableEntry(t *testing.T) {
	for _, how := range []storetest.Spoiled{storetest.Garbled, storetest.Cut, storetest.Newer} {
		t.Run(how.String(), func(t *testing.T) { unreadableEntry(t, how) })
	}
}

func unreadableEntry(t *testing.T, how storetest.Spoiled) {
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "one.db"), filepath.Join(dir, "two.db")}
	open := func(name string) (store.Store, error) {
		return sqlite.Open(t.Context(), filepath.Join(dir, name+".db"), sqlite.Options{})
	}
	tenants := []string{"a", "b", "c", "d", "e", "f"}
	const bad = "c"
	at := time.Now()
	set, err := recipients.NewSet(recipients.MustParse("+14155550101"))
	require.NoError(t, err)
	number := recipients.MustParse("+12052535597")

	s := over(t, "one", open, "one", "two")
	for _, tenant := range tenants {
		require.NoError(t, s.Commit(t.Context(), &store.Plan{Tenant: tenant, Set: set, Content: []byte("hello"), Record: store.Record{
			MessageID: uuid.New(), ChatID: uuid.New(), Line: number, At: at, Reason: store.NewBestNumber,
			Roster: store.NewRoster(set, at), KeepUntil: at.Add(time.Hour),
		}}))
		_, err := s.ReportLine(t.Context(), line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	directory, err := open("one")
	require.NoError(t, err)
	entry := uuid.Nil
	for item, err := range directory.ExportTenant(t.Context(), sharded.Tenant) {
		require.NoError(t, err)
		if r := item.Record; r != nil && r.Notes[2] == bad {
			entry = r.MessageID
		}
	}
	require.NoError(t, directory.Close())
	spoil.SQLite(t, store.UnreadableRecord, sharded.Tenant, entry.String(), how, files...)

	s = over(t, "one", open, "one", "two") // a new process has no memory of tenants
	defer s.Close()
	for _, tenant := range tenants {
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: tenant, Set: set.Key()})
		if tenant == bad {
			require.ErrorIs(t, err, store.ErrUnreadable)
			continue
		}
		require.NoError(t, err)
		require.Len(t, snap.Chats, 1)
	}
	states, _, err := s.LineStates(t.Context(), 0, 0)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(states), len(tenants)-1)
	uses, _, err := s.LineUse(t.Context(), 0, 0)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(uses), len(tenants)-1)
	claimed, err := s.Claim(t.Context(), time.Minute, 100)
	require.NoError(t, err)
	require.Len(t, claimed, len(tenants)-1)
	names, err := s.Tenants(t.Context(), "", 0)
	require.NoError(t, err)
	require.Equal(t, tenants, names)
	chats, told := 0, 0
	for item, err := range s.Export(t.Context()) {
		if row, is := errors.AsType[*store.UnreadableError](err); is {
			require.Equal(t, bad, item.Tenant)
			require.Equal(t, entry.String(), row.Row.ID)
			told++
			continue
		}
		require.NoError(t, err)
		if item.Chat != nil {
			chats++
		}
	}
	require.Equal(t, len(tenants)-1, chats)
	require.Equal(t, 1, told)
	rows, _ := s.Unreadable()
	require.NotEmpty(t, rows)
}

// A tenant with an unreadable row does not move: the move ends before the fence
// with an error that names the row, and the tenant stays where it lives.
func TestUnreadableRowStays(t *testing.T) {
	dir := t.TempDir()
	open := func(name string) (store.Store, error) {
		return sqlite.Open(t.Context(), filepath.Join(dir, name+".db"), sqlite.Options{})
	}
	s := over(t, "one", open, "one", "two")
	defer s.Close()
	at := time.Now()
	number := recipients.MustParse("+12052535597")
	var chats []uuid.UUID
	for _, person := range []string{"+14155550101", "+14155550102"} {
		set, err := recipients.NewSet(recipients.MustParse(person))
		require.NoError(t, err)
		chats = append(chats, uuid.New())
		require.NoError(t, s.Apply(t.Context(), "acme", []store.Event{store.ChatSeen{ID: chats[len(chats)-1], Line: number, Participants: set, CreatedAt: at}}))
	}
	spoil.SQLite(t, store.UnreadableChat, "acme", chats[0].String(), storetest.Garbled, filepath.Join(dir, "one.db"), filepath.Join(dir, "two.db"))
	for _, to := range []string{"one", "two"} { // a move to the shard where it lives moves nothing
		_, err := s.Move(t.Context(), "acme", to, sharded.MoveOptions{})
		if err != nil {
			require.ErrorIs(t, err, store.ErrUnreadable)
			require.ErrorContains(t, err, chats[0].String())
		}
	}
	c, err := s.Chat(t.Context(), "acme", chats[1])
	require.NoError(t, err)
	require.Equal(t, chats[1], c.ID)
	require.NoError(t, s.Apply(t.Context(), "acme", []store.Event{store.Activity{Chat: chats[1], At: at.Add(time.Second)}}), "it is not fenced")
	_, err = s.Chat(t.Context(), "acme", chats[0])
	require.ErrorIs(t, err, store.ErrUnreadable, "nothing was lost on the way")
}
