package storetest

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// listed returns the things in a list of changes of acme. It drops them from
// the list if drop is set.
func (w *world) listed(list uuid.UUID, drop bool) map[store.Thing]bool {
	w.Helper()
	changes, err := w.Store.(store.ChangeLister).Changes(background, acme, list, 0)
	require.NoError(w, err)
	names := make(map[store.Thing]bool)
	for _, c := range changes {
		names[c.Thing] = true
	}
	if drop {
		require.NoError(w, w.Store.(store.ChangeLister).DropChanges(background, acme, list, changes))
	}
	return names
}

// different returns the things of which two lists of items have different
// items, without lines.
func different(was, is []store.Item) map[store.Thing]bool {
	sides := make(map[store.Thing]*[2][]store.Item)
	for side, items := range [][]store.Item{was, is} {
		for _, item := range items {
			name := store.ThingOf(&item)
			if sides[name] == nil {
				sides[name] = new([2][]store.Item)
			}
			sides[name][side] = append(sides[name][side], item)
		}
	}
	names := make(map[store.Thing]bool)
	for name, both := range sides {
		if name.Kind != store.ThingLine && !equalItems(both[0], both[1]) {
			names[name] = true
		}
	}
	return names
}

func equalItems(a, b []store.Item) bool {
	return len(a) == len(b) && assert.ObjectsAreEqual(a, b)
}

var changesClauses = []Clause{
	{
		Name:  "changes/all that differs is listed",
		IDs:   []string{"changes.all", "changes.list", "changes.dropped"},
		Needs: []Power{ChangeLister, Copier, Outbox, Forgetter, Purger, Consents, Inbox, LineStates},
		check: func(w *world) {
			w.kinds()
			s, list := w.Store.(store.ChangeLister), w.id()
			require.NoError(w, s.ListChanges(background, acme, list))
			outbox := w.Store.(store.Outbox)
			ours := func(claimed []store.Claimed) []store.Claimed {
				return slices.DeleteFunc(claimed, func(c store.Claimed) bool { return c.Lease.Tenant != acme })
			}
			var chat, fresh uuid.UUID
			var leased []store.Claimed
			steps := []struct {
				name string
				do   func()
			}{
				{"a new chat", func() { chat = w.commit(withDelivery(w.opening(people(20), number(1), noon), "one")) }},
				{"a group", func() { fresh = w.seen(people(21, 22), number(1), noon) }},
				{"a reuse", func() { w.commit(withDelivery(w.reusing(people(20), chat, noon.Add(time.Minute)), "two")) }},
				{"a person who joins", func() { w.apply(store.ParticipantAdded{Chat: fresh, Handle: person(23), At: noon.Add(time.Hour)}) }},
				{"a person who leaves", func() { w.apply(store.ParticipantRemoved{Chat: fresh, Handle: person(22)}) }},
				{"an activity", func() { w.apply(store.Activity{Chat: fresh, At: noon.Add(5 * time.Hour), Messages: 1}) }},
				{"a claim", func() { leased = ours(w.claim(0)) }},
				{"attempts", func() {
					require.NoError(w, outbox.Try(background, leased[0].Lease, 3))
				}},
				{"an ack", func() { require.NoError(w, outbox.Ack(background, leased[0].Lease)) }},
				{"a parked delivery", func() {
					leased = append(leased, ours(w.claim(0))...)
					require.NoError(w, outbox.Park(background, leased[len(leased)-1].Lease, 2, store.ParkedAttempts))
				}},
				{"a release", func() {
					require.NoError(w, outbox.Release(background, acme, leased[len(leased)-1].Lease.MessageID, true))
				}},
				{"a consent", func() { w.say(person(30), block(true, "why", noon), true) }},
				{"another consent", func() { w.say(person(1), block(false, "", noon.Add(time.Hour)), true) }},
				{"a note", func() { w.keepNote(store.Note{}, store.Note{Name: "new", Of: w.id(), Body: []byte("1")}, true) }},
				{"a line that is left", func() { w.apply(store.LineLeft{Chat: fresh}) }},
				{"a person who is forgotten", func() { w.forget(person(1), 3) }},
				{"a purge", func() {
					_, err := w.Store.(store.Purger).Purge(background, noon.Add(1000*24*time.Hour), 0)
					require.NoError(w, err)
				}},
			}
			before := w.ofTenant(acme)
			for _, step := range steps {
				step.do()
				now := w.ofTenant(acme)
				names := w.listed(list, true)
				for name := range different(before, now) {
					require.True(w, names[name], "%s: %v is not listed", step.name, name)
				}
				require.Empty(w, w.listed(list, false), "%s: what was dropped is listed", step.name)
				before = now
			}

			w.commit(w.opening(people(40), number(1), noon))
			kept := w.listed(list, false)
			require.NotEmpty(w, kept)
			w.tenant = "another tenant"
			w.commit(w.opening(people(40), number(1), noon))
			w.tenant = acme
			require.Equal(w, kept, w.listed(list, false), "what is another tenant's is not listed")
			one, err := s.Changes(background, acme, list, 1)
			require.NoError(w, err)
			require.Len(w, one, 1)
			singly := make(map[store.Thing]bool)
			for range 50 { // a thing may be listed twice
				if len(one) == 0 {
					break
				}
				singly[one[0].Thing] = true
				require.NoError(w, s.DropChanges(background, acme, list, one))
				one, err = s.Changes(background, acme, list, 1)
				require.NoError(w, err)
				require.LessOrEqual(w, len(one), 1)
			}
			require.Empty(w, one)
			require.Equal(w, kept, singly, "one after the other they are the same")

			next := w.id()
			require.NoError(w, s.ListChanges(background, acme, next))
			require.Empty(w, w.listed(next, false), "a list begins empty")
			_, err = s.Changes(background, acme, list, 0)
			require.ErrorIs(w, err, store.ErrNoList)
			require.ErrorIs(w, s.DropChanges(background, acme, list, nil), store.ErrNoList)
			require.NoError(w, s.ListChanges(background, acme, uuid.Nil))
			require.NoError(w, s.ListChanges(background, acme, uuid.Nil))
			for _, list := range []uuid.UUID{next, uuid.Nil} {
				_, err = s.Changes(background, acme, list, 0)
				require.ErrorIs(w, err, store.ErrNoList, "the zero id begins no list")
			}
			_, err = s.Changes(background, "nobody", next, 0)
			require.ErrorIs(w, err, store.ErrNoList)
			require.ErrorIs(w, s.ListChanges(background, "", next), store.ErrInvalid)
		},
	},
	{
		Name:  "changes/a list that no call names ends",
		IDs:   []string{"changes.ends"},
		Needs: []Power{ChangeLister, Purger, Clock},
		check: func(w *world) {
			s, list := w.Store.(store.ChangeLister), w.id()
			tenants := []string{"a", "b", "c", "d"}
			left := func(pass time.Duration) (left []string) {
				w.Advance(pass)
				w.purge(noon, 0)
				for _, tenant := range tenants {
					if err := s.DropChanges(background, tenant, list, nil); err == nil {
						left = append(left, tenant)
					} else {
						require.ErrorIs(w, err, store.ErrNoList)
					}
				}
				return left
			}
			for i, tenant := range tenants {
				w.tenant = tenant
				w.open(people(1), number(1), noon)
				require.NoError(w, s.ListChanges(background, tenant, list))
				w.open(people(2), number(1), noon.Add(time.Duration(i)))
			}
			w.Advance(store.ListLife / 2)
			_, err := s.Changes(background, "c", list, 0)
			require.NoError(w, err)
			require.Equal(w, []string{"c"}, left(store.ListLife/2+time.Minute))
			require.Equal(w, []string{"c"}, left(store.ListLife-time.Minute))
			require.Empty(w, left(store.ListLife+time.Minute))
		},
	},
}
