package storetest

import (
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// chatsOf returns the ids of all chats of a person, in pages.
func (w *world) chatsOf(who recipients.Handle, limit int) (ids []uuid.UUID) {
	w.Helper()
	for after := uuid.Nil; ; {
		chats, next, err := w.Store.(store.ChatFinder).ChatsOfPerson(background, w.tenant, who, after, limit)
		require.NoError(w, err)
		for _, c := range chats {
			same, err := w.Store.(store.ChatReader).Chat(background, w.tenant, c.ID)
			require.NoError(w, err)
			w.requireChat(same, c)
		}
		ids = append(ids, idsOf(chats)...)
		if next == uuid.Nil {
			return ids
		}
		require.Len(w, chats, limit)
		require.Equal(w, chats[limit-1].ID, next)
		after = next
	}
}

var chatFinderClauses = []Clause{{
	Name:  "chats/of a person",
	IDs:   []string{"chat.person"},
	Needs: []Power{ChatReader, ChatFinder},
	check: func(w *world) {
		require.Empty(w, w.chatsOf(person(1), 0))
		direct := w.seen(people(1), number(1), noon)
		w.seen(people(2), number(1), noon)
		group := w.open(people(1, 2, 3), number(2), noon)
		w.seen(people(2, 3), number(1), noon)
		joined := w.seen(people(4, 5), number(3), noon)
		gone := w.seen(people(1, 6), number(1), noon)
		left := w.seen(people(1, 7), number(2), noon)
		again := w.seen(people(1), number(3), noon)
		w.apply(store.ParticipantAdded{Chat: joined, Handle: person(1), At: noon}, store.ParticipantRemoved{Chat: gone, Handle: person(1)}, store.LineLeft{Chat: left})
		w.tenant = "another tenant"
		foreign := w.seen(people(1), number(1), noon)
		require.Equal(w, []uuid.UUID{foreign}, w.chatsOf(person(1), 0))
		w.tenant = acme
		want := []uuid.UUID{direct, group, joined, gone, left, again}
		for _, limit := range []int{1, 2, 4, 5, 6, 7, 0} {
			require.Equal(w, want, w.chatsOf(person(1), limit), "%d a page", limit)
		}
		require.Equal(w, []uuid.UUID{gone}, w.chatsOf(person(6), 0), "of a chat that the person left")
		require.Empty(w, w.chatsOf(person(9), 0))
		if _, can := w.Store.(store.Forgetter); can {
			w.forget(person(1), len(want))
			require.Empty(w, w.chatsOf(person(1), 0))
		}
	},
}}
