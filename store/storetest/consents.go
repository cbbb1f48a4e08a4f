package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Changes of the consent of a person.
func optOut(out bool, at time.Time) store.ConsentChange {
	return store.ConsentChange{OptedOut: &out, At: at}
}

func block(blocked bool, reason string, at time.Time) store.ConsentChange {
	return store.ConsentChange{Blocked: &blocked, Reason: reason, At: at}
}

func allow(allowed bool) store.ConsentChange {
	return store.ConsentChange{Allowed: &allowed, At: noon}
}

// say changes the consent of a person, and returns the kept one.
func (w *world) say(person recipients.Handle, word store.ConsentChange, applied bool) store.Consent {
	w.Helper()
	kept, did, err := w.Store.(store.Consents).ChangeConsent(background, w.tenant, person, word)
	require.NoError(w, err)
	require.Equal(w, applied, did)
	return kept
}

// consents returns all consents, in pages.
func (w *world) consents(limit int) (all []store.Consent) {
	w.Helper()
	var after recipients.Key
	for {
		page, next, err := w.Store.(store.Consents).Consents(background, w.tenant, after, limit)
		require.NoError(w, err)
		if limit > 0 {
			require.LessOrEqual(w, len(page), limit)
		}
		if after != (recipients.Key{}) {
			require.NotEmpty(w, page, "there was to be more")
		}
		all = append(all, page...)
		if next == (recipients.Key{}) {
			return all
		}
		require.Len(w, page, limit)
		after = next
	}
}

func nameOf(w *world, person recipients.Handle) recipients.Key {
	set, err := recipients.NewSet(person)
	require.NoError(w, err)
	return set.Key()
}

var consentClauses = []Clause{
	{
		Name:  "consent/a word changes what is kept",
		IDs:   []string{"consent.change"},
		Needs: []Power{Consents},
		check: func(w *world) {
			who := person(1)
			kept := w.say(who, optOut(true, noon), true)
			want := store.Consent{Name: nameOf(w, who), Person: who, OptedOut: true, OptedAt: noon}
			require.Equal(w, want, kept)
			want.Blocked, want.BlockedAt, want.Reason = true, noon.Add(time.Hour), "rude \x01 \"☃\""
			require.Equal(w, want, w.say(who, block(true, want.Reason, want.BlockedAt), true))
			require.Equal(w, want, w.say(who, block(true, "again", noon), false), "the first time and reason stay")
			want.Allowed = true
			require.Equal(w, want, w.say(who, allow(true), true))
			w.say(who, allow(true), false)
			want.Blocked, want.BlockedAt, want.Reason = false, time.Time{}, ""
			require.Equal(w, want, w.say(who, block(false, "", noon), true))
			w.say(who, block(false, "", noon), false)
			want.Allowed = false
			require.Equal(w, want, w.say(who, allow(false), true))
			require.Equal(w, []store.Consent{want}, w.consents(5))
			w.say(person(2), block(false, "", noon), false)
			require.Len(w, w.consents(5), 1, "a word that changes nothing keeps nothing")
			w.tenant = "another tenant"
			require.Empty(w, w.consents(5))
			for _, bad := range []store.ConsentChange{{At: noon}, {At: noon, OptedOut: new(bool), Allowed: new(bool)}, {Allowed: new(bool)},
				{At: noon, Blocked: new(bool), Reason: "why"}, block(true, strings.Repeat("x", store.MaxReason+1), noon)} {
				_, _, err := w.Store.(store.Consents).ChangeConsent(background, acme, who, bad)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			_, _, err := w.Store.(store.Consents).ChangeConsent(background, acme, recipients.Handle{}, allow(true))
			require.ErrorIs(w, err, store.ErrInvalid)
		},
	},
	{
		Name:  "consent/the latest word counts, whenever it is heard",
		IDs:   []string{"consent.order"},
		Needs: []Power{Consents},
		check: func(w *world) {
			words := []store.ConsentChange{
				optOut(true, noon), optOut(false, noon.Add(time.Minute)), optOut(true, noon.Add(2*time.Minute)), optOut(false, noon.Add(2*time.Minute)),
			}
			for i, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}} {
				for _, n := range order {
					_, _, err := w.Store.(store.Consents).ChangeConsent(background, acme, person(i), words[n])
					require.NoError(w, err)
				}
				kept := w.say(person(i), optOut(false, noon), false)
				require.True(w, kept.OptedOut, "at the same time the opt-out counts")
				require.Equal(w, noon.Add(2*time.Minute), kept.OptedAt)
			}
		},
	},
	{
		Name:  "consent/pages",
		IDs:   []string{"consent.pages"},
		Needs: []Power{Consents},
		check: func(w *world) {
			var names []string
			for i := range 7 {
				kept := w.say(person(i), optOut(true, noon), true)
				b := kept.Name.Bytes()
				names = append(names, string(b[:]))
			}
			slices.Sort(names)
			for _, limit := range []int{1, 3, 7, 8, 0} {
				var got []string
				for _, c := range w.consents(limit) {
					b := c.Name.Bytes()
					got = append(got, string(b[:]))
				}
				require.Equal(w, names, got)
			}
		},
	},
	{
		Name:  "consent/is seen by a look-up",
		IDs:   []string{"lookup.people", "lookup.standing"},
		Needs: []Power{Consents},
		check: func(w *world) {
			set := people(1, 2, 3)
			ask := func() []store.Standing { return w.lookup(store.Query{Set: set.Key(), Recipients: set}).Standing }
			require.Equal(w, make([]store.Standing, 3), ask())
			w.say(person(1), optOut(true, noon), true)
			w.say(person(2), block(true, "", noon), true)
			w.say(person(3), allow(true), true)
			want := make([]store.Standing, 3)
			for i, h := range set.All() {
				want[i] = store.Standing{OptedOut: h == person(1), Blocked: h == person(2), Allowed: h == person(3)}
			}
			require.Equal(w, want, ask())
			w.open(set, number(1), noon)
			require.Equal(w, want, ask())
			require.Nil(w, w.lookup(store.Query{Set: set.Key()}).Standing)
			_, err := w.Store.Lookup(background, store.Query{Tenant: acme, Set: people(1).Key(), Recipients: set})
			require.ErrorIs(w, err, store.ErrInvalid)
			w.tenant = "another tenant"
			require.Equal(w, make([]store.Standing, 3), ask())
		},
	},
	{
		Name:  "consent/what is left of a person who is forgotten",
		IDs:   []string{"consent.forgotten"},
		Needs: []Power{Consents, Forgetter},
		check: func(w *world) {
			for i := range 4 {
				w.say(person(i), allow(true), true)
			}
			w.say(person(1), optOut(true, noon), true)
			w.say(person(2), block(true, "why", noon), true)
			for i := range 3 {
				w.forget(person(i), 0)
			}
			left := map[recipients.Key]store.Consent{}
			for _, c := range w.consents(10) {
				left[c.Name] = c
			}
			require.Equal(w, map[recipients.Key]store.Consent{
				nameOf(w, person(1)): {Name: nameOf(w, person(1)), OptedOut: true},
				nameOf(w, person(2)): {Name: nameOf(w, person(2)), Blocked: true},
				nameOf(w, person(3)): {Name: nameOf(w, person(3)), Person: person(3), Allowed: true},
			}, left)
			set := people(1)
			require.Equal(w, []store.Standing{{OptedOut: true}}, w.lookup(store.Query{Set: set.Key(), Recipients: set}).Standing)
			kept := w.say(person(1), optOut(false, noon.Add(time.Hour)), true)
			w.say(person(1), optOut(false, noon.Add(time.Hour)), false) // it changes nothing a second time
			require.Equal(w, person(1), kept.Person, "who writes again is known again")
		},
	},
	{
		Name:  "consent/is copied",
		IDs:   []string{"copy.all", "copy.stays"},
		Needs: []Power{Consents, Copier, Forgetter},
		check: func(w *world) {
			w.say(person(1), optOut(true, noon), true)
			w.say(person(2), block(true, "why", noon), true)
			w.say(person(3), block(true, "", noon), true)
			w.forget(person(3), 0)
			want := w.consents(10)
			items := under("copy", w.exported(acme))
			require.Len(w, items, 3)
			w.imported(3, items...)
			w.imported(0, items...)
			w.tenant = "copy"
			require.Equal(w, want, w.consents(10))
		},
	},
}
