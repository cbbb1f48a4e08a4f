package storetest

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var lookupClauses = []Clause{
	{
		Name: "lookup/an unknown set",
		IDs:  []string{"lookup.unknown"},
		check: func(w *world) {
			set := people(1)
			snap := w.look(set)
			require.Empty(w, snap.Chats)
			require.False(w, snap.More)
			require.Zero(w, snap.Revision)
			require.Nil(w, snap.Record)
			w.commit(planOf(store.NewBestNumber, set, w.id(), number(1), noon, w.id()))
			require.Len(w, w.look(set).Chats, 1)
		},
	},
	{
		Name: "lookup/changes nothing",
		IDs:  []string{"lookup.reads"},
		check: func(w *world) {
			set := people(1)
			w.open(set, number(1), noon)
			first := plain(w.look(set))
			for range 3 {
				w.lookup(store.Query{
					Set: set.Key(), IdempotencyKey: "k", MessageID: w.id(),
				})
				require.Zero(w, w.revision(people(7)))
				require.Equal(w, first, plain(w.look(set)))
			}
			require.Empty(w, w.uses(number(2)))
		},
	},
	{
		Name: "lookup/exactly the set",
		IDs:  []string{"lookup.exact"},
		check: func(w *world) {
			var ids []uuid.UUID
			sets := []recipients.Set{people(1), people(2), people(1, 2), people(1, 2, 3), people(2, 3)}
			for i, set := range sets {
				ids = append(ids, w.open(set, number(1), noon.Add(time.Duration(i)*time.Second)))
			}
			for i, set := range sets {
				w.requireOrder(set, ids[i])
			}
			w.requireOrder(setOf(person(3), person(1), person(2), person(1)), ids[3])
			require.Empty(w, w.look(people(3)).Chats)
			require.Empty(w, w.look(people(1, 3)).Chats)
		},
	},
	{
		Name: "lookup/the zero key is of no chat",
		IDs:  []string{"lookup.unknown", "participant.none"},
		check: func(w *world) {
			id := w.seen(people(1), number(1), noon)
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(1)})
			snap := w.lookup(store.Query{})
			require.Empty(w, snap.Chats)
			require.Zero(w, snap.Revision)
		},
	},
	{
		Name: "lookup/the whole chat",
		IDs:  []string{"lookup.whole"},
		check: func(w *world) {
			set, id := people(4, 2), w.id()
			w.apply(store.ChatSeen{
				ID: id, Line: number(1), Participants: set, Named: true, Service: 2,
				CreatedAt: noon, ActiveAt: noon.Add(time.Hour),
			})
			w.requireChat(store.Chat{
				ID: id, Line: number(1), Roster: store.NewRoster(set, noon), Service: 2, Named: true,
				CreatedAt: noon, ActiveAt: noon.Add(time.Hour),
			}, w.chat(set, id))
		},
	},
}

var recencyClauses = []Clause{
	{
		Name: "lookup/the most recently active first",
		IDs:  []string{"lookup.order"},
		check: func(w *world) {
			set := people(1, 2)
			at := func(created, active int) uuid.UUID {
				id := w.id()
				w.apply(store.ChatSeen{
					ID: id, Line: number(len(w.look(set).Chats)), Participants: set,
					CreatedAt: noon.Add(time.Duration(created) * time.Microsecond),
					ActiveAt:  noon.Add(time.Duration(active) * time.Microsecond),
				})
				return id
			}
			c, b, d, a, e, f := at(2, 8), at(3, 8), at(2, 8), at(1, 9), at(2, 7), at(2, 7)
			w.requireOrder(set, a, b, c, d, e, f)
			w.apply(store.Activity{Chat: f, At: noon.Add(8 * time.Microsecond)})
			w.requireOrder(set, a, b, c, d, f, e)
		},
	},
	{
		Name: "lookup/32 chats and more",
		IDs:  []string{"lookup.limit"},
		check: func(w *world) {
			set := people(1)
			var ids []uuid.UUID
			for i := range store.MaxChats {
				ids = append(ids, w.seen(set, number(i), noon.Add(time.Duration(i)*time.Second)))
			}
			slices.Reverse(ids)
			w.requireOrder(set, ids...)
			require.False(w, w.look(set).More)

			latest := w.seen(set, number(98), noon.Add(time.Hour))
			w.requireOrder(set, append([]uuid.UUID{latest}, ids[:store.MaxChats-1]...)...)
			require.True(w, w.look(set).More)

			w.seen(set, number(99), noon.Add(-time.Hour))
			w.requireOrder(set, append([]uuid.UUID{latest}, ids[:store.MaxChats-1]...)...)

			oldest := ids[len(ids)-1]
			w.apply(store.Activity{Chat: oldest, At: noon.Add(2 * time.Hour)})
			require.Equal(w, oldest, w.look(set).Chats[0].ID)
		},
	},
	{
		Name: "lookup/named groups are left out before the limit",
		IDs:  []string{"lookup.named"},
		check: func(w *world) {
			set := people(1, 2)
			unnamed := w.seen(set, number(0), noon)
			for i := range store.MaxChats + 2 {
				w.apply(store.ChatSeen{
					ID: w.id(), Line: number(i + 1), Participants: set, Named: true,
					CreatedAt: noon.Add(time.Duration(i+1) * time.Second),
				})
			}
			all, some := w.look(set), w.lookup(store.Query{Set: set.Key(), SkipNamed: true})
			require.Len(w, all.Chats, store.MaxChats)
			require.True(w, all.More)
			require.Equal(w, []uuid.UUID{unnamed}, idsOf(some.Chats))
			require.False(w, some.More)
			require.Equal(w, all.Revision, some.Revision)
		},
	},
}

var recordClauses = []Clause{
	{
		Name: "records/by key, by message id, or neither",
		IDs:  []string{"record.selected"},
		check: func(w *world) {
			keyed := w.withKey(w.opening(people(1), number(1), noon), "key")
			w.commit(keyed)
			plainly := w.opening(people(2), number(1), noon)
			w.commit(plainly)
			find := func(key string, mail uuid.UUID) *store.Record {
				return plainRecord(w.lookup(store.Query{Set: people(3).Key(), IdempotencyKey: key, MessageID: mail}).Record)
			}
			require.Equal(w, kept(keyed.Record), find("key", uuid.Nil))
			require.Equal(w, kept(keyed.Record), find("", keyed.MessageID))
			require.Equal(w, kept(plainly.Record), find("", plainly.MessageID))
			require.Equal(w, kept(keyed.Record), find("key", plainly.MessageID))
			require.Nil(w, find("other", plainly.MessageID))
			require.Nil(w, find("", w.id()))
			require.Nil(w, find("", uuid.Nil))
		},
	},
	{
		Name: "records/come back whole",
		IDs:  []string{"record.whole"},
		check: func(w *world) {
			set := people(1, 2)
			old := w.open(set, number(1), noon)
			p := w.withKey(w.failing(set, old, number(2), noon.Add(time.Hour)), "key")
			w.decorate(&p.Record)
			p.NotBefore = p.At.Add(time.Minute)
			w.commit(p)
			got := w.lookup(store.Query{Set: set.Key(), IdempotencyKey: "key"}).Record
			require.Equal(w, kept(p.Record), plainRecord(got))
		},
	},
	{
		Name: "records/an expired one is returned until it is purged",
		IDs:  []string{"record.kept"},
		check: func(w *world) {
			p := w.withKey(w.opening(people(1), number(1), noon), "key")
			p.KeepUntil = noon
			w.commit(p)
			for i := range 50 {
				w.open(people(2), number(2), noon.Add(time.Duration(i+1)*1000*time.Hour))
			}
			require.Equal(w, kept(p.Record), plainRecord(w.lookup(store.Query{IdempotencyKey: "key"}).Record))
			again := w.withKey(w.opening(people(3), number(3), noon.Add(100_000*time.Hour)), "key")
			w.conflict(again, store.KeyTaken)
		},
	},
	{
		Name:  "records/a full store refuses",
		IDs:   []string{"record.full"},
		Needs: []Power{Bound},
		check: func(w *world) {
			small := &world{TB: w.TB, Harness: Harness{Store: w.Bounded(3)}, tenant: acme}
			defer small.close()
			first := small.withKey(small.opening(people(1), number(1), noon), "key")
			small.commit(first)
			small.open(people(2), number(1), noon)
			small.tenant = "another tenant"
			small.open(people(1), number(1), noon)
			for _, tenant := range []string{acme, "another tenant"} {
				small.tenant = tenant
				small.refused(small.opening(people(3), number(1), noon.Add(1000*time.Hour)), store.ErrFull)
				small.refused(small.reusing(people(1), small.look(people(1)).Chats[0].ID, noon), store.ErrFull)
			}
			small.tenant = acme
			require.Equal(w, kept(first.Record), plainRecord(small.lookup(store.Query{IdempotencyKey: "key"}).Record))
			small.conflict(small.withKey(small.opening(people(4), number(1), noon), "key"), store.KeyTaken)

			purger, ok := small.Store.(store.Purger)
			if !ok {
				return
			}
			n, err := purger.Purge(background, first.KeepUntil.Add(time.Second), 1)
			require.NoError(w, err)
			require.Equal(w, 1, n)
			small.open(people(3), number(1), noon)
			small.refused(small.opening(people(5), number(1), noon), store.ErrFull)
		},
	},
}
