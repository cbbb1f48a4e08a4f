package storetest

import (
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var chatWalkerClauses = []Clause{
	{
		Name:  "walks/tenants",
		IDs:   []string{"walk.tenants"},
		Needs: []Power{ChatWalker},
		check: func(w *world) {
			s := w.Store.(store.ChatWalker)
			none, err := s.Tenants(background, "", 0)
			require.NoError(w, err)
			require.Empty(w, none)
			want := []string{"A", "B", "a", "a ", "aa", "ä", "\uffff"}
			for _, i := range []int{3, 1, 6, 0, 5, 2, 4} {
				w.tenant = want[i]
				w.seen(people(1), number(1), noon)
			}
			if _, can := w.Store.(store.Forgetter); can {
				w.tenant = "left"
				w.seen(people(1), number(1), noon)
				w.forget(person(1), 1)
			}
			w.tenant = acme
			for _, limit := range []int{1, 2, 3, 6, 7, 8, 0} {
				var got []string
				for after := ""; ; {
					page, err := s.Tenants(background, after, limit)
					require.NoError(w, err)
					got = append(got, page...)
					if limit == 0 || len(page) < limit {
						break
					}
					require.Len(w, page, limit)
					after = page[limit-1]
				}
				require.Equal(w, want, got)
			}
		},
	},
	{
		Name:  "walks/chats of a tenant",
		IDs:   []string{"walk.chats"},
		Needs: []Power{ChatWalker},
		check: func(w *world) {
			s := w.Store.(store.ChatWalker)
			var mine []uuid.UUID
			for i := range 12 {
				mine = append(mine, w.seen(people(i, i+1), number(i%3), noon))
			}
			w.apply(store.LineLeft{Chat: mine[1]}, store.ParticipantRemoved{Chat: mine[2], Handle: person(2)})
			w.tenant = "another tenant"
			w.seen(people(1), number(0), noon)
			w.tenant = acme
			for _, limit := range []int{1, 5, 6, 11, 12, 13, 1000} {
				var got []uuid.UUID
				for after := uuid.Nil; ; {
					chats, next, err := s.ChatsOfTenant(background, acme, after, limit)
					require.NoError(w, err)
					require.LessOrEqual(w, len(chats), limit)
					got = append(got, idsOf(chats)...)
					if next == uuid.Nil {
						break
					}
					require.Len(w, chats, limit)
					require.Equal(w, chats[limit-1].ID, next)
					after = next
				}
				require.Equal(w, mine, got)
			}
			chats, _, err := s.ChatsOfTenant(background, acme, uuid.Nil, 0)
			require.NoError(w, err)
			for _, c := range chats {
				require.Equal(w, mine[1] == c.ID, c.LineLeft)
				require.Equal(w, noon, c.CreatedAt)
			}
			chats, next, err := s.ChatsOfTenant(background, "an unknown tenant", uuid.Nil, 0)
			require.NoError(w, err)
			require.Empty(w, chats)
			require.Zero(w, next)
		},
	},
	{
		Name:  "walks/chats by id",
		IDs:   []string{"walk.ids"},
		Needs: []Power{ChatWalker},
		check: func(w *world) {
			s := w.Store.(store.ChatWalker)
			a, b, c := w.seen(people(1), number(1), noon), w.seen(people(2, 3), number(2), noon), w.open(people(4), number(1), noon)
			w.apply(store.LineLeft{Chat: b})
			w.tenant = "another tenant"
			foreign := w.seen(people(1), number(1), noon)
			w.tenant = acme
			for _, ids := range [][]uuid.UUID{{a, b, c}, {c, b, a}, {b, a, b, foreign, c, w.id(), a}} {
				chats, err := s.ChatsByID(background, acme, ids)
				require.NoError(w, err)
				require.Equal(w, []uuid.UUID{a, b, c}, idsOf(chats))
				for _, chat := range chats {
					same, err := s.ChatsByID(background, acme, []uuid.UUID{chat.ID})
					require.NoError(w, err)
					require.Len(w, same, 1)
					w.requireChat(chat, same[0])
				}
				require.True(w, chats[1].LineLeft)
				require.Equal(w, people(2, 3), chats[1].Roster.Set())
			}
			none, err := s.ChatsByID(background, acme, nil)
			require.NoError(w, err)
			require.Empty(w, none)
			many := make([]uuid.UUID, store.MaxPage+1)
			_, err = s.ChatsByID(background, acme, many)
			require.ErrorIs(w, err, store.ErrInvalid)
			many[store.MaxPage-1] = a
			chats, err := s.ChatsByID(background, acme, many[:store.MaxPage])
			require.NoError(w, err)
			require.Equal(w, []uuid.UUID{a}, idsOf(chats))
		},
	},
}
