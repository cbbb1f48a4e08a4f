package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Unreadable checks that rows which cannot be read harm only themselves, as
// store.Damaged says. The functions write something else into the row of a chat,
// message or line.
func Unreadable(t *testing.T, open Open, spoil func(kind string, id uuid.UUID, body []byte), spoilLine func(tenant string, status int)) {
	w := newWorld(t, open(t))
	defer w.close()
	damaged, newer := []byte{1, 0xff}, []byte{99, 1, 2, 3}

	// Deliveries.
	out := w.Store.(store.Outbox)
	for _, d := range []struct {
		chat int
		says string
	}{{1, "damaged"}, {1, "behind it"}, {2, "other"}, {3, "newer"}, {3, "behind the newer"}} {
		w.deliver(d.chat, d.says)
	}
	bodies := map[string]uuid.UUID{}
	for item, err := range w.Store.(store.Copier).Export(background) {
		require.NoError(t, err)
		if item.Delivery != nil {
			bodies[string(item.Delivery.Content)] = item.Delivery.MessageID
		}
	}
	spoil(store.UnreadableDelivery, bodies["damaged"], damaged)
	spoil(store.UnreadableDelivery, bodies["newer"], newer)
	require.ElementsMatch(t, []string{"behind it", "other"}, keysOf(w.claimed()))
	require.Empty(t, w.claim(10))
	parked, _, err := out.Parked(background, w.tenant, uuid.Nil, 0)
	require.NoError(t, err)
	require.Len(t, parked, 1)
	require.Equal(t, bodies["damaged"], parked[0].Delivery.MessageID)
	require.Equal(t, store.ParkedUnreadable, parked[0].Why)
	require.Empty(t, parked[0].Delivery.Content)
	w.Advance(store.UnreadableWait + 2*time.Second)
	require.ElementsMatch(t, []string{"behind it", "other"}, keysOf(w.claimed()), "what is newer waits again, at its place")
	w.told(2)

	// Chats.
	for n := 10; n < 13; n++ {
		w.deliver(n, "x")
	}
	first, second, third := w.look(people(10)), w.look(people(11)), w.look(people(12))
	spoil(store.UnreadableChat, first.Chats[0].ID, damaged)
	spoil(store.UnreadableChat, second.Chats[0].ID, newer)
	require.Empty(t, w.look(people(10)).Chats)
	_, err = w.Store.Lookup(background, store.Query{Tenant: w.tenant, Set: people(11).Key()})
	require.ErrorIs(t, err, store.ErrUnreadable, "those people are to get no second chat")
	require.Equal(t, third.Chats, w.look(people(12)).Chats)
	seen := 0
	for after := uuid.Nil; ; { // pages of which some have nothing
		chats, next, err := w.Store.(store.ChatWalker).ChatsOfTenant(background, w.tenant, after, 1)
		require.NoError(t, err)
		seen += len(chats)
		if after = next; next == uuid.Nil {
			break
		}
	}
	require.Equal(t, 4, seen, "six chats, two of them set aside")
	w.told(4)

	// Records.
	kept := w.withKey(w.opening(people(20), number(1), noon), "kept")
	lost := w.withKey(w.opening(people(21), number(1), noon), "lost")
	w.commit(kept)
	w.commit(lost)
	spoil(store.UnreadableRecord, lost.MessageID, damaged)
	_, err = w.Store.Lookup(background, store.Query{Tenant: w.tenant, Set: people(21).Key(), IdempotencyKey: "lost"})
	require.ErrorIs(t, err, store.ErrUnreadable, "it is not to be decided again")
	require.NotNil(t, w.lookup(store.Query{Set: people(20).Key(), IdempotencyKey: "kept"}).Record)
	require.Len(t, w.look(people(21)).Chats, 1)
	w.told(5)

	// Lines: pages that are full go on, past what cannot be read.
	states := w.Store.(store.LineStates)
	for i, tenant := range []string{"acme", "spoiled", "other"} {
		_, err := states.ReportLine(background, line.State{Tenant: tenant, Number: number(i), Status: line.Flagged, StatusAt: noon})
		require.NoError(t, err)
	}
	spoilLine("spoiled", 77)
	var tenants []string
	for after := line.Change(0); ; {
		page, last, err := states.LineStates(background, after, 1)
		require.NoError(t, err)
		for _, s := range page {
			tenants = append(tenants, s.Tenant)
		}
		if after = last; len(page) < 1 {
			break
		}
	}
	require.Equal(t, []string{"acme", "other"}, tenants)
	w.told(6)
}

// told checks how many rows the store says it set aside.
func (w *world) told(n int) {
	w.Helper()
	rows, total := w.Store.(store.Damaged).Unreadable()
	require.Len(w, rows, n)
	require.Equal(w, n, total)
	for _, r := range rows {
		require.NotEmpty(w, r.ID)
		require.Error(w, r.Err)
	}
}
