package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// read returns a chat by its id.
func (w *world) read(id uuid.UUID) store.Chat {
	w.Helper()
	c, err := w.Store.(store.ChatReader).Chat(background, w.tenant, id)
	require.NoError(w, err)
	return c
}

// walk reads all chats of a line, page by page, and calls between after each
// page but the last.
func (w *world) walk(line recipients.Handle, limit int, between func()) (ids []uuid.UUID) {
	w.Helper()
	after := uuid.Nil
	for first := true; ; first = false {
		chats, next, err := w.Store.(store.ChatReader).ChatsOfLine(background, w.tenant, line, after, limit)
		require.NoError(w, err)
		require.True(w, first || len(chats) > 0, "the page before said that there were more")
		require.LessOrEqual(w, len(chats), limit)
		ids = append(ids, idsOf(chats)...)
		if next == uuid.Nil {
			return ids
		}
		require.Len(w, chats, limit, "a page that is not full says that there are more")
		require.Equal(w, chats[limit-1].ID, next)
		after = next
		between()
	}
}

var chatReaderClauses = []Clause{
	{
		Name:  "chats/by id",
		IDs:   []string{"chat.one"},
		Needs: []Power{ChatReader},
		check: func(w *world) {
			set := people(1, 2)
			opened := w.open(set, number(1), noon)
			seen := w.seen(set, number(2), noon)
			for _, id := range []uuid.UUID{opened, seen} {
				w.requireChat(w.chat(set, id), w.read(id))
			}
			want := w.read(seen)
			w.apply(store.LineLeft{Chat: seen}, store.Renamed{Chat: seen, Named: true}, store.Activity{Chat: seen, At: noon.Add(time.Hour)})
			want.LineLeft, want.Named, want.ActiveAt = true, true, noon.Add(time.Hour)
			w.requireChat(want, w.read(seen))

			next := w.commit(w.failing(set, opened, number(3), noon))
			want = w.read(opened)
			require.Equal(w, next, want.Successor)
			w.apply(store.ParticipantRemoved{Chat: opened, Handle: person(1)}, store.ParticipantRemoved{Chat: opened, Handle: person(2)})
			want.Roster = store.NewRoster(setless, noon)
			w.requireChat(want, w.read(opened))

			s := w.Store.(store.ChatReader)
			_, err := s.Chat(background, w.tenant, w.id())
			require.ErrorIs(w, err, store.ErrUnknownChat)
			_, err = s.Chat(background, "another tenant", opened)
			require.ErrorIs(w, err, store.ErrUnknownChat)
		},
	},
	{
		Name:  "chats/of a line, page by page",
		IDs:   []string{"chat.pages", "page.size"},
		Needs: []Power{ChatReader},
		check: func(w *world) {
			var mine []uuid.UUID
			for i := range 12 {
				id := w.seen(people(i, i+1), number(i%2), noon)
				if i%2 == 0 {
					mine = append(mine, id)
				}
			}
			w.apply(store.LineLeft{Chat: mine[1]}, store.ParticipantAdded{Chat: mine[2], Handle: person(90), At: noon})
			w.tenant = "another tenant"
			w.seen(people(1), number(0), noon)
			w.tenant = acme
			for _, limit := range []int{1, 2, 3, 4, 6, 7, 1000} {
				require.Equal(w, mine, w.walk(number(0), limit, func() {}))
			}
			require.Empty(w, w.walk(number(5), 3, func() {}))
			chats, next, err := w.Store.(store.ChatReader).ChatsOfLine(background, acme, number(0), uuid.Nil, 0)
			require.NoError(w, err)
			require.Zero(w, next)
			require.Len(w, chats, len(mine))
			for _, c := range chats {
				w.requireChat(w.read(c.ID), c)
			}
			_, next, err = w.Store.(store.ChatReader).ChatsOfLine(background, acme, number(0), mine[len(mine)-1], 5)
			require.NoError(w, err)
			require.Zero(w, next)
		},
	},
	{
		Name:  "chats/at most a page",
		IDs:   []string{"page.size"},
		Needs: []Power{ChatReader},
		check: func(w *world) {
			var events []store.Event
			for i := range store.MaxPage + 1 {
				events = append(events, store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(i), CreatedAt: noon})
			}
			w.apply(events...)
			for _, limit := range []int{0, store.MaxPage, store.MaxPage + 1, 1 << 40} {
				chats, next, err := w.Store.(store.ChatReader).ChatsOfLine(background, acme, number(1), uuid.Nil, limit)
				require.NoError(w, err)
				require.Len(w, chats, store.MaxPage)
				require.Equal(w, chats[store.MaxPage-1].ID, next)
			}
		},
	},
	{
		Name:  "chats/a walk while chats come and go",
		IDs:   []string{"chat.walk"},
		Needs: []Power{ChatReader},
		check: func(w *world) {
			want := make(map[uuid.UUID]bool)
			for i := range 20 {
				w.ids += 10 // leaves room for chats in between
				want[w.seen(people(i), number(1), noon)] = true
			}
			n := 30
			got := w.walk(number(1), 3, func() {
				for range 3 {
					n++
					late := w.id()
					late[15] = byte(n * 7) // anywhere in the order of ids
					w.apply(store.ChatSeen{ID: late, Line: number(1), Participants: people(n), CreatedAt: noon})
				}
			})
			seen := make(map[uuid.UUID]int)
			for _, id := range got {
				seen[id]++
				require.Equal(w, 1, seen[id])
			}
			for id := range want {
				require.Equal(w, 1, seen[id])
			}
		},
	},
}

var decisionClauses = []Clause{
	{
		Name:  "decisions/by message id",
		IDs:   []string{"decision.one"},
		Needs: []Power{DecisionReader},
		check: func(w *world) {
			s := w.Store.(store.DecisionReader)
			keyed := w.withKey(w.opening(people(1), number(1), noon), "key")
			w.decorate(&keyed.Record)
			w.commit(keyed)
			plainly := w.opening(people(2), number(1), noon)
			w.commit(plainly)
			for _, p := range []*store.Plan{keyed, plainly} {
				r, err := s.Decision(background, acme, p.MessageID)
				require.NoError(w, err)
				require.Equal(w, kept(p.Record), plainRecord(&r))
				_, err = s.Decision(background, "another tenant", p.MessageID)
				require.ErrorIs(w, err, store.ErrNoRecord)
			}
			_, err := s.Decision(background, acme, w.id())
			require.ErrorIs(w, err, store.ErrNoRecord)
		},
	},
}
