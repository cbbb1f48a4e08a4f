package storetest

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

const lease = time.Minute

// claim claims deliveries.
func (w *world) claim(limit int) []store.Claimed {
	w.Helper()
	claimed, err := w.Store.(store.Outbox).Claim(background, lease, limit)
	require.NoError(w, err)
	if limit > 0 {
		require.LessOrEqual(w, len(claimed), limit)
	}
	return claimed
}

// claimed claims everything that can be claimed, and returns the leases by
// content.
func (w *world) claimed() map[string]store.LeaseID {
	w.Helper()
	leases := make(map[string]store.LeaseID)
	for _, c := range w.claim(0) {
		require.Equal(w, c.Delivery.MessageID, c.Lease.MessageID)
		leases[string(c.Delivery.Content)] = c.Lease
	}
	return leases
}

// deliver commits a delivery of that content to a person. It reuses the latest
// chat, or opens one.
func (w *world) deliver(n int, content string) {
	w.Helper()
	set := people(n)
	if chats := w.look(set).Chats; len(chats) > 0 {
		w.commit(withDelivery(w.reusing(set, chats[0].ID, noon), content))
	} else {
		w.commit(withDelivery(w.opening(set, number(1), noon), content))
	}
}

func keysOf(leases map[string]store.LeaseID) []string {
	keys := make([]string, 0, len(leases))
	for k := range leases {
		keys = append(keys, k)
	}
	return keys
}

var claimClauses = []Clause{
	{
		Name:  "outbox/but for some tenants",
		IDs:   []string{"claim.except"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			tenants := []string{"a", "a,41", "b", "zz"}
			for i, tenant := range tenants {
				w.tenant = tenant
				for n := range 3 {
					w.deliver(10*i+n, tenant)
				}
			}
			names := func(limit int, except ...string) (got []string) {
				claimed, err := s.Claim(background, lease, limit, except...)
				require.NoError(w, err)
				for _, c := range claimed {
					got = append(got, c.Lease.Tenant)
				}
				return got
			}
			require.Equal(w, []string{"b"}, names(1, "a", "a,41", "zz", "unknown"), "those left out take no place of the limit")
			require.ElementsMatch(w, []string{"a", "a", "a", "zz", "zz", "zz"}, names(0, "b", "a,41"))
			require.Empty(w, names(0, "b", "a,41"))
			require.ElementsMatch(w, []string{"b", "b", "a,41", "a,41", "a,41"}, names(0, "", "z"))
		},
	},
	{
		Name:  "outbox/the longest due come first",
		IDs:   []string{"claim.oldest"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			later := func() {
				if w.Advance != nil {
					w.Advance(time.Second)
				}
				time.Sleep(2 * time.Millisecond) // a clock of the system goes on
			}
			contents := func(claimed []store.Claimed) (got []string) {
				for _, c := range claimed {
					got = append(got, string(c.Delivery.Content))
				}
				return got
			}
			for i := range 7 {
				w.deliver(i, fmt.Sprint(i))
				later()
			}
			first := w.claim(2)
			require.ElementsMatch(w, []string{"0", "1"}, contents(first))
			for _, c := range first { // due now, later than all the others
				require.NoError(w, w.Store.(store.Outbox).Nack(background, c.Lease, 0, 0))
				later()
			}
			require.Equal(w, []string{"2"}, contents(w.claim(1)))
			require.ElementsMatch(w, []string{"3", "4", "5"}, contents(w.claim(3)))
			require.Equal(w, []string{"6"}, contents(w.claim(1)))
			require.ElementsMatch(w, []string{"0", "1"}, contents(w.claim(0)))
		},
	},
	{
		Name:  "outbox/what was committed comes out",
		IDs:   []string{"outbox.content", "claim.due"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			require.Empty(w, w.claim(10))
			set := people(1, 2)
			content := string([]byte{0, 1, 0xff, 0xfe, '"', '\n'}) + long(100_000)
			p := withDelivery(w.opening(set, number(1), noon), content)
			w.commit(p)
			got := w.claim(10)
			require.Len(w, got, 1)
			want, _ := p.Delivery()
			require.Equal(w, want, got[0].Delivery)
			require.Equal(w, 1, got[0].Attempts)
			require.Equal(w, noon, got[0].At)
			require.Equal(w, w.tenant, got[0].Lease.Tenant)
			require.Equal(w, p.MessageID, got[0].Lease.MessageID)
			require.NotEqual(w, uuid.Nil, got[0].Lease.Token)
			require.Empty(w, w.claim(10))
			require.NoError(w, s.Ack(background, got[0].Lease))
			require.Empty(w, w.claim(10))
			require.ErrorIs(w, s.Ack(background, got[0].Lease), store.ErrLeaseLost)
		},
	},
	{
		Name:  "outbox/a commit that wrote nothing enqueues nothing",
		IDs:   []string{"commit.atomic"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			set := people(1)
			p, q := w.loaded(w.opening(set, number(1), noon)), w.loaded(w.opening(set, number(2), noon))
			w.commit(p)
			w.conflict(q, store.RevisionMoved)
			got := w.claim(10)
			require.Len(w, got, 1)
			require.Equal(w, p.ChatID, got[0].Delivery.ChatID)
		},
	},
	{
		Name:  "outbox/one of a chat at a time, in the order of commits",
		IDs:   []string{"claim.order"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			for i := range 4 {
				for chat := range 3 {
					w.ids ^= 1 << 31 // message ids do not have the order of commits
					w.deliver(chat, fmt.Sprintf("%d.%d", chat, i))
				}
			}
			for i := range 4 {
				got := w.claimed()
				require.ElementsMatch(w, []string{fmt.Sprintf("0.%d", i), fmt.Sprintf("1.%d", i), fmt.Sprintf("2.%d", i)}, keysOf(got))
				require.Empty(w, w.claim(10))
				for _, l := range got {
					require.NoError(w, s.Ack(background, l))
				}
			}
			require.Empty(w, w.claim(10))
		},
	},
	{
		Name:  "outbox/many, up to the limit",
		IDs:   []string{"claim.due"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			for i := range 25 {
				w.deliver(i, fmt.Sprint(i))
			}
			seen := make(map[uuid.UUID]bool)
			for _, want := range []int{10, 10, 5, 0} {
				got := w.claim(10)
				require.Len(w, got, want)
				for _, c := range got {
					require.False(w, seen[c.Delivery.MessageID], "claimed twice")
					seen[c.Delivery.MessageID] = true
				}
			}

			// What waits for another chat of the same people fills no claim.
			for i := range 5 {
				first := withDelivery(w.opening(people(30+i), number(1), noon), "first")
				w.commit(first)
				w.commit(withDelivery(w.failing(people(30+i), first.ChatID, number(2), noon.Add(time.Minute)), "waits for it"))
			}
			require.Equal(w, []string{"first"}, keysOf(w.claimed()))
			w.deliver(40, "free")
			var got []store.Claimed
			for range 10 {
				got = append(got, w.claim(1)...)
			}
			require.Len(w, got, 1)
			require.Equal(w, "free", string(got[0].Delivery.Content))
		},
	},
	{
		Name:  "outbox/ids are those of a tenant",
		IDs:   []string{"tenant.apart"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			tenants := append(lookalikes()[:8], long(store.MaxTenant))
			chat, mail := w.id(), w.id()
			for _, tenant := range tenants {
				p := withDelivery(planOf(store.NewBestNumber, people(1), chat, number(1), noon, mail), tenant)
				p.Tenant = tenant
				w.commit(p)
			}
			leases := make(map[string]store.LeaseID)
			for _, c := range w.claim(100) {
				require.Equal(w, string(c.Delivery.Content), c.Lease.Tenant)
				leases[c.Lease.Tenant] = c.Lease
			}
			require.ElementsMatch(w, tenants, keysOf(leases))
			stolen := leases[tenants[0]]
			stolen.Tenant = tenants[1]
			require.ErrorIs(w, s.Ack(background, stolen), store.ErrLeaseLost)
			for i, tenant := range tenants {
				require.NoError(w, s.Park(background, leases[tenant], 1, store.ParkedAttempts))
				w.tenant = tenant
				require.Len(w, w.parked(10), 1)
				require.Equal(w, tenant, string(w.parked(10)[0].Delivery.Content))
				backlog, err := s.Backlog(background)
				require.NoError(w, err)
				require.Equal(w, i+1, backlog.Parked)
			}
			require.NoError(w, s.Release(background, tenants[0], mail, false))
			require.Len(w, w.claim(10), 1)
		},
	},
	{
		Name:  "outbox/the backlog",
		IDs:   []string{"outbox.backlog"},
		Needs: []Power{Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			want := func(waiting, parked int, oldest time.Time) {
				w.Helper()
				got, err := s.Backlog(background)
				require.NoError(w, err)
				require.Equal(w, store.Backlog{Waiting: waiting, Parked: parked, Oldest: oldest}, got)
			}
			want(0, 0, time.Time{})
			for i := range 3 {
				w.commit(withDelivery(w.opening(people(i), number(i), noon.Add(time.Duration(i)*time.Hour)), fmt.Sprint(i)))
			}
			w.tenant = "another tenant"
			w.commit(withDelivery(w.opening(people(1), number(1), noon.Add(-time.Hour)), "3"))
			w.tenant = acme
			want(4, 0, noon.Add(-time.Hour))
			got := w.claimed()
			want(4, 0, noon.Add(-time.Hour))
			require.NoError(w, s.Ack(background, got["3"]))
			want(3, 0, noon)
			require.NoError(w, s.Nack(background, got["0"], 1, time.Hour))
			want(3, 0, noon)
			require.NoError(w, s.Park(background, got["1"], 1, store.ParkedAttempts))
			want(2, 1, noon)
			require.NoError(w, s.Ack(background, got["2"]))
			want(1, 1, noon)
			require.NoError(w, s.Release(background, acme, got["1"].MessageID, false))
			want(2, 0, noon)
		},
	},
}

// parked reads all parked deliveries of the tenant, page by page.
func (w *world) parked(limit int) (all []store.ParkedDelivery) {
	w.Helper()
	after := uuid.Nil
	for first := true; ; first = false {
		page, next, err := w.Store.(store.Outbox).Parked(background, w.tenant, after, limit)
		require.NoError(w, err)
		require.True(w, first || len(page) > 0, "the page before said that there were more")
		if limit > 0 {
			require.LessOrEqual(w, len(page), limit)
		}
		all = append(all, page...)
		if next == uuid.Nil {
			return all
		}
		require.Len(w, page, limit, "a page that is not full says that there are more")
		require.Equal(w, page[limit-1].Delivery.MessageID, next)
		after = next
	}
}
