package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

var seenClauses = []Clause{
	{
		Name: "seen/makes a chat known",
		IDs:  []string{"seen.known"},
		check: func(w *world) {
			set, id := people(1, 2, 3), w.id()
			w.apply(store.ChatSeen{ID: id, Line: number(1), Participants: set, CreatedAt: noon})
			want := store.Chat{
				ID: id, Line: number(1), Roster: store.NewRoster(set, noon), CreatedAt: noon, ActiveAt: noon,
			}
			w.requireChat(want, w.chat(set, id))
			w.reuse(set, id, noon.Add(time.Hour))
			want.ActiveAt = noon.Add(time.Hour)
			w.requireChat(want, w.chat(set, id))
		},
	},
	{
		Name: "seen/a known chat only learns its service and activity",
		IDs:  []string{"seen.again", "event.idempotent"},
		check: func(w *world) {
			set, id := people(1, 2), w.id()
			seen := store.ChatSeen{ID: id, Line: number(1), Participants: set, CreatedAt: noon}
			w.apply(seen, store.Renamed{Chat: id, Named: true}, store.ParticipantAdded{Chat: id, Handle: person(3), At: noon.Add(time.Hour)})
			want := w.chat(people(1, 2, 3), id)

			seen.ActiveAt, seen.Service = noon.Add(time.Minute), 2
			want.ActiveAt, want.Service = seen.ActiveAt, 2
			w.apply(seen)
			w.requireChat(want, w.chat(people(1, 2, 3), id))

			seen.ActiveAt, seen.Service, seen.CreatedAt = time.Time{}, 1, noon.Add(-time.Hour)
			w.apply(seen)
			seen.Service = 0
			w.apply(seen)
			w.requireChat(want, w.chat(people(1, 2, 3), id))
			require.Empty(w, w.look(set).Chats)

			w.apply(store.LineLeft{Chat: id}, seen)
			require.Empty(w, w.look(people(1, 2, 3)).Chats)
		},
	},
	{
		Name: "seen/an opened chat is known already",
		IDs:  []string{"seen.again"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			before := w.uses(number(1))
			w.apply(store.ChatSeen{ID: id, Line: number(1), Participants: set, Service: 1, CreatedAt: noon.Add(time.Second)})
			want := store.Chat{
				ID: id, Line: number(1), Roster: store.NewRoster(set, noon), Service: 1,
				CreatedAt: noon, ActiveAt: noon.Add(time.Second),
			}
			w.requireChat(want, w.chat(set, id))
			require.Equal(w, before, w.uses(number(1)))
		},
	},
	{
		Name: "seen/a known chat of another line",
		IDs:  []string{"seen.line"},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			w.notApplied(0, store.ErrInvalid, store.ChatSeen{
				ID: id, Line: number(2), Participants: set, Service: 1, CreatedAt: noon, ActiveAt: noon.Add(time.Hour),
			})
			require.Equal(w, noon, w.chat(set, id).ActiveAt)
			require.Zero(w, w.chat(set, id).Service)
		},
	},
}

var activityClauses = []Clause{
	{
		Name: "activity/the later of what it was and what is reported",
		IDs:  []string{"activity.later", "activity.forward"},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			for _, c := range []struct{ at, want time.Duration }{
				{time.Hour, time.Hour}, {time.Minute, time.Hour}, {time.Hour, time.Hour}, {-time.Hour, time.Hour},
				{time.Hour + time.Microsecond, time.Hour + time.Microsecond},
			} {
				w.apply(store.Activity{Chat: id, At: noon.Add(c.at)})
				require.Equal(w, noon.Add(c.want), w.chat(set, id).ActiveAt)
			}
		},
	},
	{
		Name:  "activity/messages are counted",
		IDs:   []string{"activity.messages"},
		Needs: []Power{UseReader},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)                                      // 1
			w.reuse(set, id, noon)                                                  // 2
			w.commit(w.failing(set, id, number(2), noon))                           // 1 of number(2)
			w.apply(store.Activity{Chat: id, At: noon})                             // 3
			w.apply(store.Activity{Chat: id, At: noon, Messages: 5})                // 8
			w.apply(store.Activity{Chat: id, At: noon, Messages: 5})                // 13
			w.apply(store.Activity{Chat: id, At: noon.Add(time.Hour), Messages: 2}) // 15
			w.apply(store.ChatSeen{ID: id, Line: number(1), Participants: set, CreatedAt: noon})
			w.seen(people(2), number(1), noon)
			w.settle()
			full := func(n int, hour time.Duration, limit int) bool {
				uses := w.allUses(number(n))
				require.Len(w, uses, 1)
				return !uses[0].MessagesFullUntil(line.HourOf(noon.Add(hour)), limit).IsZero()
			}
			require.True(w, full(1, time.Hour, 15))
			require.False(w, full(1, time.Hour, 16))
			require.True(w, full(1, 25*time.Hour, 2))
			require.False(w, full(1, 25*time.Hour, 3))
			require.True(w, full(2, 0, 1))
			require.False(w, full(2, 0, 2))
		},
	},
}
