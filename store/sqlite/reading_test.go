package sqlite_test

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// A store opened read-only answers look-ups like the one that writes. Each
// method that writes returns ErrReadOnly.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	ann, number := recipients.MustParse("+12025550123"), recipients.MustParse("+12025550161")
	set, err := recipients.NewSet(ann)
	require.NoError(t, err)
	at, id := time.Now(), uuid.New()
	plan := &store.Plan{Tenant: "acme", Set: set, Record: store.Record{
		MessageID: id, ChatID: uuid.New(), Line: number, At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}, Content: []byte("content")}
	lease, yes := store.LeaseID{Tenant: "acme", MessageID: id}, true
	writer := open(t, path, sqlite.Options{})
	require.NoError(t, writer.Commit(t.Context(), plan))
	r := open(t, path, sqlite.Options{ReadOnly: true})
	q := store.Query{Tenant: "acme", Set: set.Key()}
	want, err := writer.Lookup(t.Context(), q)
	require.NoError(t, err)
	got, err := r.Lookup(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, want, got)

	ctx := t.Context()
	writes := map[string]func() error{
		"Commit":       func() error { return r.Commit(ctx, plan) },
		"CommitLeased": func() error { return second(r.CommitLeased(ctx, plan, time.Minute)) },
		"Apply":        func() error { return r.Apply(ctx, "acme", []store.Event{store.LineLeft{Chat: plan.ChatID}}) },
		"Hear": func() error {
			return third(r.Hear(ctx, "acme", store.DirectMessage{Line: number, Sender: ann, Chat: id, At: at}))
		},
		"KeepNote": func() error { return second(r.KeepNote(ctx, "acme", store.Note{}, store.Note{Name: "a note", Of: id})) },
		"ChangeConsent": func() error {
			return third(r.ChangeConsent(ctx, "acme", ann, store.ConsentChange{Blocked: &yes, At: at}))
		},
		"ReportLine": func() error {
			return second(r.ReportLine(ctx, line.State{Tenant: "acme", Number: number, Status: line.Flagged, StatusAt: at}))
		},
		"FlagLine": func() error { return third(r.FlagLine(ctx, "acme", number, at)) },
		"Import": func() error {
			return second(r.Import(ctx, []store.Item{{Tenant: "acme", Note: &store.Note{Name: "a note", Of: id}}}))
		},
		"Purge":        func() error { return second(r.Purge(ctx, at, 0)) },
		"Forget":       func() error { return second(r.Forget(ctx, "acme", ann)) },
		"RemoveTenant": func() error { return r.RemoveTenant(ctx, "acme") },
		"RemoveThings": func() error { return r.RemoveThings(ctx, "acme", []store.Thing{{Kind: store.ThingNote, ID: "a note"}}) },
		"Claim":        func() error { return second(r.Claim(ctx, time.Minute, 1)) },
		"Renew":        func() error { return r.Renew(ctx, lease, time.Minute) },
		"Try":          func() error { return r.Try(ctx, lease, 1) },
		"Ack":          func() error { return r.Ack(ctx, lease) },
		"AckAll":       func() error { return second(r.AckAll(ctx, []store.LeaseID{lease})) },
		"Nack":         func() error { return r.Nack(ctx, lease, 1, time.Minute) },
		"Park":         func() error { return r.Park(ctx, lease, 1, store.ParkedRefused) },
		"Release":      func() error { return r.Release(ctx, "acme", id, false) },
		"Drop":         func() error { return r.Drop(ctx, "acme", id) },
		"Reroute":      func() error { return r.Reroute(ctx, lease, plan) },
		"ListChanges":  func() error { return r.ListChanges(ctx, "acme", id) },
		"DropChanges":  func() error { return r.DropChanges(ctx, "acme", id, []store.Change{{}}) },
	}
	reads := []string{
		"Backlog", "Changes", "Chat", "ChatsByID", "ChatsOfLine", "ChatsOfPerson", "ChatsOfTenant", "Close", "Consents", "Count", "Decision",
		"Delivery", "Export", "ExportTenant", "KnownLines", "LineStates", "LineUse", "Lookup", "Note", "Now", "Parked", "Tenants", "Things",
	}
	all := reflect.TypeFor[store.Store]()
	for i := range all.NumMethod() {
		name := all.Method(i).Name
		if slices.Contains(reads, name) {
			continue
		}
		require.Contains(t, writes, name, "a new method: does it write?")
		require.ErrorIs(t, writes[name](), sqlite.ErrReadOnly, name)
	}
}

func second[A any](_ A, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }

// No more calls read at once than the option says: the next one waits.
func TestReaders(t *testing.T) {
	s := open(t, made(t, 3), sqlite.Options{Readers: 2})
	within := func(d time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		_, err := s.Count(ctx, "")
		return err
	}
	chats := func(do func()) { // while an export has a connection
		for item, err := range s.Export(t.Context()) {
			require.NoError(t, err)
			if item.Chat != nil {
				do()
				return
			}
		}
		require.Fail(t, "no chat")
	}
	chats(func() {
		require.NoError(t, within(time.Minute))
		chats(func() { require.ErrorIs(t, within(20*time.Millisecond), context.DeadlineExceeded) })
		require.NoError(t, within(time.Minute))
	})
}

// The schema after the last migration is empty.
func TestSchemaToItsEnd(t *testing.T) {
	version := 0
	for ; ; version++ {
		if _, err := sqlite.Schema(version); err != nil {
			require.ErrorIs(t, err, sqlite.ErrNewerSchema)
			break
		}
	}
	made, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	require.Equal(t, len(made)+1, version)
	_, err = sqlite.Schema(-1)
	require.ErrorIs(t, err, sqlite.ErrNewerSchema)

	// After the script a file is up to date.
	script, err := sqlite.Schema(0)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "fromline.db")
	beside(t, path, script)
	open(t, path, sqlite.Options{ReadOnly: true})
}
