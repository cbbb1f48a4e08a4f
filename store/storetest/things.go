package storetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// things returns the things of some items, each once.
func things(items []store.Item) (all []store.Thing) {
	for i := range items {
		if t := store.ThingOf(&items[i]); !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// ofTenant returns the items of a tenant.
func (w *world) ofTenant(tenant string) (items []store.Item) {
	w.Helper()
	for _, item := range w.exported(tenant) {
		if item.Tenant == tenant {
			items = append(items, item)
		}
	}
	return items
}

// kinds fills two tenants with items of all kinds that the store can keep, and
// returns the items of acme.
func (w *world) kinds() []store.Item {
	w.Helper()
	for _, tenant := range []string{"another tenant", acme} {
		w.tenant = tenant
		w.full()
		if _, is := w.Store.(store.Consents); is {
			w.say(person(1), block(true, "why", noon), true)
		}
		if _, is := w.Store.(store.Inbox); is {
			w.keepNote(store.Note{}, store.Note{Name: "a note", Of: w.id(), Body: []byte(tenant)}, true)
			w.keepNote(store.Note{}, store.Note{Name: "of a message", Of: w.mails[len(w.mails)-1], OfMessage: true, Body: []byte("said")}, true)
		}
	}
	return w.ofTenant(acme)
}

// without returns the items that do not belong to a thing.
func without(items []store.Item, gone store.Thing) []store.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i store.Item) bool { return store.ThingOf(&i) == gone })
}

// thingsOf reads things.
func (w *world) thingsOf(names ...store.Thing) []store.Item {
	w.Helper()
	items, err := w.Store.(store.Things).Things(background, acme, names)
	require.NoError(w, err)
	return items
}

var thingsClauses = []Clause{
	{
		Name:  "things/each is read by its name",
		IDs:   []string{"things.read"},
		Needs: []Power{Things, Copier, Outbox, LineStates, UseReader},
		check: func(w *world) {
			all := w.kinds()
			for _, one := range things(all) {
				var want []store.Item
				for i := range all {
					if store.ThingOf(&all[i]) == one {
						want = append(want, all[i])
					}
				}
				require.Equal(w, want, w.thingsOf(one), "%v", one)
				require.Equal(w, want, w.thingsOf(one, one), "%v, named twice", one)
			}
			require.ElementsMatch(w, all, w.thingsOf(things(all)...))
			id := w.id()
			require.Empty(w, w.thingsOf(
				store.Thing{Kind: store.ThingChat, ID: string(id[:])}, store.Thing{Kind: store.ThingRecord, ID: string(id[:])},
				store.Thing{Kind: store.ThingDeliveries, ID: string(id[:])}, store.Thing{Kind: store.ThingNote, ID: "no note"},
				store.Thing{Kind: store.ThingLine, ID: number(40).String()}))
			require.Empty(w, w.thingsOf())

			s := w.Store.(store.Things)
			for _, bad := range [][]store.Thing{{{}}, {{Kind: 99}}, {{Kind: store.ThingChat, ID: "short"}}, {{Kind: store.ThingLine, ID: "x"}}, {{Kind: store.ThingNote}}} {
				_, err := s.Things(background, acme, bad)
				require.ErrorIs(w, err, store.ErrInvalid, "%v", bad)
				require.ErrorIs(w, s.RemoveThings(background, acme, bad), store.ErrInvalid, "%v", bad)
			}
			_, err := s.Things(background, "", nil)
			require.ErrorIs(w, err, store.ErrInvalid)
			items, err := s.Things(background, "nobody", things(all))
			require.NoError(w, err)
			require.Empty(w, items)
			require.NoError(w, s.RemoveThings(background, "nobody", things(all)))
		},
	},
	{
		Name:  "things/each is removed by its name, and imported again",
		IDs:   []string{"things.removed", "things.replaced"},
		Needs: []Power{Things, Copier, Outbox, LineStates, UseReader, Purger},
		check: func(w *world) {
			all := w.kinds()
			others := w.ofTenant("another tenant")
			s := w.Store.(store.Things)
			for _, one := range things(all) {
				was := w.thingsOf(one)
				require.NoError(w, s.RemoveThings(background, acme, []store.Thing{one}))
				require.NoError(w, s.RemoveThings(background, acme, []store.Thing{one}))
				require.ElementsMatch(w, without(all, one), w.ofTenant(acme), "%v", one)
				w.imported(len(was), was...)
				require.Equal(w, was, w.thingsOf(one), "%v", one)
				require.ElementsMatch(w, all, w.ofTenant(acme), "%v", one)
			}
			for i := range all { // another use of each line, which the store keeps as it is
				if all[i].Use == nil {
					continue
				}
				use := *all[i].Use
				use.NewChats[0] += 5
				require.NoError(w, s.RemoveThings(background, acme, []store.Thing{store.ThingOf(&all[i])}))
				w.imported(1, store.Item{Tenant: acme, Use: &use})
				read := w.thingsOf(store.ThingOf(&all[i]))
				require.Equal(w, use, *read[len(read)-1].Use)
			}
			require.NoError(w, s.RemoveThings(background, acme, things(all)))
			require.Empty(w, w.ofTenant(acme))
			require.ElementsMatch(w, others, w.ofTenant("another tenant"))
			require.Empty(w, w.look(people(1, 2)).Chats)
			w.imported(len(all), all...)
			require.ElementsMatch(w, all, w.ofTenant(acme))

			backlog, err := w.Store.(store.Outbox).Backlog(background)
			require.NoError(w, err)
			require.Equal(w, 6, backlog.Waiting)
			purged, err := w.Store.(store.Purger).Purge(background, noon.Add(1000*24*60*60*1e9), 0)
			require.NoError(w, err)
			require.Equal(w, 6, purged)
		},
	},
}
