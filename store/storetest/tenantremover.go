package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var tenantRemoverClauses = []Clause{
	{
		Name:  "tenant/removed, and met anew",
		IDs:   []string{"tenant.removed", "tenant.others", "tenant.anew"},
		Needs: []Power{TenantRemover, Copier, Outbox, Purger, LineStates, UseReader},
		check: func(w *world) {
			s := w.Store.(store.TenantRemover)
			require.NoError(w, s.RemoveTenant(background, acme))
			tenants := []string{acme, "acm", "acme2"}
			for _, tenant := range tenants {
				w.tenant = tenant
				w.full()
				if _, is := w.Store.(store.Consents); is {
					w.say(person(1), block(true, "why", noon), true)
					w.say(person(50), block(true, "of no chat", noon), true)
				}
				if _, is := w.Store.(store.Inbox); is {
					w.keepNote(store.Note{}, store.Note{Name: "a note", Of: w.id(), Body: []byte(tenant)}, true)
				}
			}
			looks := func() (all []store.Snapshot) {
				for _, tenant := range tenants[1:] {
					w.tenant = tenant
					all = append(all, w.look(people(1, 2)), w.look(people(1)))
				}
				w.tenant = acme
				return all
			}
			looked := looks()
			of := func(tenant string) (items []store.Item) {
				for _, item := range w.exported(tenant) {
					if item.Tenant == tenant {
						items = append(items, item)
					}
				}
				return items
			}
			before := map[string][]store.Item{acme: of(acme), "acm": of("acm"), "acme2": of("acme2")}
			leased := w.claim(0) // leases do not keep what is removed
			require.NotEmpty(w, leased)

			require.NoError(w, s.RemoveTenant(background, acme))
			require.NoError(w, s.RemoveTenant(background, acme))
			require.Empty(w, of(acme))
			for _, tenant := range tenants[1:] {
				require.ElementsMatch(w, before[tenant], of(tenant))
			}
			require.Equal(w, looked, looks())
			snap := w.look(people(1, 2))
			require.Empty(w, snap.Chats)
			for _, c := range w.claim(0) {
				require.NotEqual(w, acme, c.Lease.Tenant)
			}
			backlog, err := w.Store.(store.Outbox).Backlog(background)
			require.NoError(w, err)
			require.Equal(w, 6, backlog.Waiting)

			w.imported(len(before[acme]), before[acme]...)
			require.ElementsMatch(w, before[acme], of(acme))
			purged, err := w.Store.(store.Purger).Purge(background, noon.Add(1000*24*time.Hour), 0)
			require.NoError(w, err)
			require.Equal(w, 9, purged)
			require.ErrorIs(w, s.RemoveTenant(background, ""), store.ErrInvalid)
		},
	},
}
