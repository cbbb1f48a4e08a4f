package sharded_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
)

// inFiles keeps the engines in files, whose stores list changes.
func (all engines) inFiles(t *testing.T) engines {
	dir := t.TempDir()
	for name, e := range all {
		s, err := sqlite.Open(t.Context(), filepath.Join(dir, name), sqlite.Options{Synchronous: sqlite.Normal})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		e.Store = s
	}
	return all
}

// exported returns all items of a tenant without counts of messages, which may
// still wait.
func exported(t *testing.T, s store.Store, tenant string) (items []store.Item) {
	for item, err := range s.ExportTenant(t.Context(), tenant) {
		require.NoError(t, err)
		if item.Use != nil {
			item.Use = new(*item.Use)
			item.Use.MessagesHour, item.Use.Messages = 0, [line.WindowHours]uint32{}
		}
		if item.Delivery != nil { // exported items have microseconds, and a store in memory has finer times
			item.Delivery.Due = store.Micros(item.Delivery.Due)
		}
		items = append(items, item)
	}
	return items
}

// A tenant moves with all its items: deliveries that are parked, deferred,
// leased and waiting, opt-outs, groups with people who left, notes and flagged
// lines. So do changes of all these during the copy and right before the fence.
// Then it moves back.
func TestMoveOfEverything(t *testing.T) {
	t.Parallel()
	for name, all := range map[string]engines{"in memory": newEngines(), "in files": newEngines().inFiles(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moveOfEverything(t, all)
		})
	}
}

func moveOfEverything(t *testing.T, all engines) {
	ctx, tenant, now := t.Context(), "acme", time.Now()
	ours := recipients.MustParse("+12025550161")
	s := all.process(t)
	commit := func(i int, content string, notBefore time.Time) uuid.UUID {
		set := person(t, i)
		snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key()})
		require.NoError(t, err)
		p := &store.Plan{Tenant: tenant, Set: set, Revision: snap.Revision, Content: []byte(content), Record: store.Record{
			Key: content, MessageID: uuid.New(), ChatID: uuid.New(), Line: ours, At: now, KeepUntil: now.Add(time.Duration(i) * time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, now), NotBefore: notBefore,
		}}
		if len(snap.Chats) > 0 {
			p.Reason, p.ChatID, p.Roster = store.ReusedActiveChat, snap.Chats[0].ID, snap.Chats[0].Roster
		}
		require.NoError(t, s.Commit(ctx, p))
		return p.MessageID
	}
	says := func(i int, out bool, at time.Time) {
		_, _, err := s.ChangeConsent(ctx, tenant, person(t, i).At(0), store.ConsentChange{OptedOut: &out, At: at})
		require.NoError(t, err)
	}
	note := func(name, body string) {
		was, err := s.Note(ctx, tenant, name)
		require.NoError(t, err)
		kept, err := s.KeepNote(ctx, tenant, was, store.Note{Name: name, Of: uuid.New(), Body: []byte(body)})
		require.NoError(t, err)
		require.True(t, kept)
	}
	for i := range 40 {
		commit(100+i, "waits "+person(t, i).At(0).String(), time.Time{})
	}
	commit(101, "a second one", time.Time{})
	commit(200, "is deferred", now.Add(100*time.Hour))
	says(100, true, now)
	says(300, true, now)
	note("one", "before")
	group := uuid.New()
	two, err := recipients.NewSet(person(t, 400).At(0), person(t, 401).At(0))
	require.NoError(t, err)
	require.NoError(t, s.Apply(ctx, tenant, []store.Event{
		store.ChatSeen{ID: group, Line: ours, Participants: two, CreatedAt: now},
		store.ParticipantAdded{Chat: group, Handle: person(t, 402).At(0), At: now},
		store.ParticipantRemoved{Chat: group, Handle: person(t, 400).At(0)},
	}))
	_, err = s.ReportLine(ctx, line.State{Tenant: tenant, Number: ours, Status: line.Flagged, StatusAt: now})
	require.NoError(t, err)
	held, err := s.Claim(ctx, time.Hour, 20)
	require.NoError(t, err)
	require.Len(t, held, 20)
	require.NoError(t, s.Park(ctx, held[0].Lease, 5, store.ParkedAttempts))
	require.NoError(t, s.Park(ctx, held[1].Lease, 5, store.ParkedAttempts))

	next, expired := 2, now.Add(110*time.Hour)
	home := all.where(t, tenant)[0]
	changes := func() { // of all kinds of items
		require.NoError(t, s.Ack(ctx, held[next].Lease))
		require.NoError(t, s.Nack(ctx, held[next+1].Lease, 1, time.Hour))
		require.NoError(t, s.Park(ctx, held[next+2].Lease, 2, store.ParkedRefused))
		require.NoError(t, s.Try(ctx, held[next+3].Lease, 7))
		next += 4
		commit(500+next, "new "+uuid.NewString(), time.Time{})
		commit(130, "more "+uuid.NewString(), time.Time{})
		says(300+next, true, now)
		says(100, next%8 == 0, now.Add(time.Duration(next)*time.Second))
		note("one", "after")
		note(uuid.NewString(), "new")
		_, err := s.Forget(ctx, tenant, person(t, 130+next%9).At(0))
		require.NoError(t, err)
		_, err = all[home].Purge(ctx, now.Add(time.Duration(100+next)*time.Hour), 2)
		require.NoError(t, err)
		require.NoError(t, s.Apply(ctx, tenant, []store.Event{store.Renamed{Chat: group, Named: next%8 == 0}}))
	}
	to := map[string]string{"one": "two", "two": "three", "three": "one"}
	for range 3 { // with the way back
		var want []store.Item
		target := to[home]
		require.NoError(t, moved(t, all.process(t), tenant, target, func(at sharded.Step) error {
			switch {
			case next+4 > len(held)-4:
			case at == sharded.Copying, at == sharded.Closing, at == sharded.Fencing:
				changes()
			}
			switch at {
			case sharded.Fencing:
				want = exported(t, s, tenant)
			case sharded.Finishing: // purges reach all shards, also the one that is copied to
				_, err := s.Purge(ctx, expired, 1000)
				require.NoError(t, err)
			}
			return nil
		}))
		require.Equal(t, []string{target}, all.where(t, tenant))
		home = target
		got := exported(t, s, tenant)
		missing := slices.DeleteFunc(lacking(want, got), func(item store.Item) bool {
			return item.Record != nil && item.Record.KeepUntil.Before(expired)
		})
		require.Empty(t, missing, "what is missing or other")
		require.Empty(t, lacking(got, want), "what is there besides")
		order := func(items []store.Item) (of []uuid.UUID) {
			for _, item := range items {
				if d := item.Delivery; d != nil && string(d.Content[:1]) == "a" {
					of = append(of, d.MessageID)
				}
			}
			return of
		}
		require.Equal(t, order(want), order(got))
		parked, _, err := s.Parked(ctx, tenant, uuid.Nil, 0)
		require.NoError(t, err)
		require.NotEmpty(t, parked)
		next = len(held) // their leases stay behind
	}
}

// lacking returns the items of the first list that the second has not.
func lacking(of, in []store.Item) (missing []store.Item) {
	for _, item := range of {
		if !slices.ContainsFunc(in, func(other store.Item) bool { return assert.ObjectsAreEqual(item, other) }) {
			missing = append(missing, item)
		}
	}
	return missing
}

// A move fails while the shard that the tenant leaves, the one that it moves
// to, or the one of the directory is down, in any step. It continues when the
// shard is back.
func TestMoveWhileAShardIsDown(t *testing.T) {
	const patience = 400 * time.Millisecond
	t.Parallel()
	for step := sharded.Copying; step <= sharded.Sweeping; step++ {
		t.Run(step.String(), func(t *testing.T) {
			t.Parallel()
			for _, down := range []string{"from", "to", "directory"} {
				all, tenant := newEngines(), "acme"
				for _, e := range all {
					e.Store = &falls{Store: e.Store, engine: e}
				}
				s := all.patient(t, patience)
				for _, key := range []string{"1", "2", "3"} {
					acked, err := send(t.Context(), s, tenant, person(t, 1), key)
					require.NoError(t, err)
					require.True(t, acked)
				}
				home := all.where(t, tenant)[0]
				target := map[string]string{"one": "two", "two": "three", "three": "two"}[home]
				name := map[string]string{"from": home, "to": target, "directory": "one"}[down]
				failed := moved(t, all.patient(t, patience), tenant, target, func(at sharded.Step) error {
					if at == step {
						all.setDown(name, true)
					}
					return nil
				})
				all.setDown(name, false)
				if failed == nil { // for example if the move does not need the shard any more
					require.True(t, step >= sharded.Switching, "the %s shard was down at %v", down, step)
				}
				require.NoError(t, moved(t, all.patient(t, patience), tenant, target, nil))
				require.Equal(t, []string{target}, all.where(t, tenant))
				for _, key := range []string{"1", "2", "3", "4"} {
					acked, err := send(t.Context(), all.patient(t, patience), tenant, person(t, 1), key)
					require.NoError(t, err)
					require.True(t, acked)
				}
				chats, _, err := all[target].ChatsOfTenant(t.Context(), tenant, uuid.Nil, 0)
				require.NoError(t, err)
				require.Len(t, chats, 1)
			}
		})
	}
}

// falls is a store whose calls fail while its engine is down.
type falls struct {
	store.Store
	engine *engine
}

func (f *falls) down() error {
	f.engine.mu.Lock()
	defer f.engine.mu.Unlock()
	if f.engine.down {
		return errors.Join(store.ErrNotWritten, errDown)
	}
	return nil
}

func (f *falls) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := f.down(); err != nil {
		return store.Snapshot{}, err
	}
	return f.Store.Lookup(ctx, q)
}

func (f *falls) Commit(ctx context.Context, p *store.Plan) error {
	if err := f.down(); err != nil {
		return err
	}
	return f.Store.Commit(ctx, p)
}

func (f *falls) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if err := f.down(); err != nil {
		return store.Note{}, err
	}
	return f.Store.Note(ctx, tenant, name)
}

func (f *falls) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if err := f.down(); err != nil {
		return false, err
	}
	return f.Store.KeepNote(ctx, tenant, was, now)
}

func (f *falls) Import(ctx context.Context, items []store.Item) (int, error) {
	if err := f.down(); err != nil {
		return 0, err
	}
	return f.Store.Import(ctx, items)
}

func (f *falls) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	if err := f.down(); err != nil {
		return nil, err
	}
	return f.Store.Things(ctx, tenant, things)
}

func (f *falls) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	if err := f.down(); err != nil {
		return err
	}
	return f.Store.RemoveThings(ctx, tenant, things)
}

func (f *falls) RemoveTenant(ctx context.Context, tenant string) error {
	if err := f.down(); err != nil {
		return err
	}
	return f.Store.RemoveTenant(ctx, tenant)
}
