package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var participantClauses = []Clause{
	{
		Name: "participants/the chat moves to another set",
		IDs:  []string{"participant.moves"},
		check: func(w *world) {
			id := w.seen(people(1, 2), number(1), noon)
			w.apply(store.ParticipantAdded{Chat: id, Handle: person(3), At: noon.Add(time.Hour)})
			require.Empty(w, w.look(people(1, 2)).Chats)
			joined := []time.Time{noon, noon, noon.Add(time.Hour)}
			want := store.Chat{
				ID: id, Line: number(1), Roster: store.NewRosterJoined(people(1, 2, 3), noon, joined),
				CreatedAt: noon, ActiveAt: noon,
			}
			w.requireChat(want, w.chat(people(1, 2, 3), id))
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(1)})
			require.Empty(w, w.look(people(1, 2, 3)).Chats)
			want.Roster = store.NewRosterJoined(people(2, 3), noon, joined[1:])
			w.requireChat(want, w.chat(people(2, 3), id))
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(3)})
			want.Roster = store.NewRoster(people(2), noon)
			w.requireChat(want, w.chat(people(2), id))
			w.reuse(people(2), id, noon.Add(time.Hour))
		},
	},
	{
		Name: "participants/added who is there, removed who is not",
		IDs:  []string{"participant.idle", "event.idempotent"},
		check: func(w *world) {
			set := people(1, 2)
			id := w.seen(set, number(1), noon)
			before := w.look(set)
			w.apply(
				store.ParticipantAdded{Chat: id, Handle: person(2), At: noon.Add(time.Hour)},
				store.ParticipantRemoved{Chat: id, Handle: person(3)},
				store.ParticipantRemoved{Chat: id, Handle: number(1)},
			)
			require.Equal(w, plain(before), plain(w.look(set)))
		},
	},
	{
		Name: "participants/until no person is left",
		IDs:  []string{"participant.none"},
		check: func(w *world) {
			id := w.seen(people(1, 2), number(1), noon)
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(2)}, store.ParticipantRemoved{Chat: id, Handle: person(1)})
			require.Empty(w, w.look(people(1)).Chats)
			require.Empty(w, w.look(people(1, 2)).Chats)
			w.apply(store.Activity{Chat: id, At: noon.Add(time.Minute)})
			w.apply(store.ParticipantAdded{Chat: id, Handle: person(2), At: noon.Add(time.Hour)})
			w.requireChat(store.Chat{
				ID: id, Line: number(1), Roster: store.NewRosterJoined(people(2), noon, []time.Time{noon.Add(time.Hour)}),
				CreatedAt: noon, ActiveAt: noon.Add(time.Minute),
			}, w.chat(people(2), id))
		},
	},
	{
		Name: "participants/more than a send can have",
		IDs:  []string{"participant.large"},
		check: func(w *world) {
			var handles []recipients.Handle
			for i := range recipients.MaxRecipients {
				handles = append(handles, person(i))
			}
			set := setOf(handles...)
			id := w.open(set, number(1), noon)
			for i := range 3 {
				w.apply(store.ParticipantAdded{Chat: id, Handle: person(100 + i), At: noon.Add(time.Hour)})
				require.Empty(w, w.look(set).Chats)
				handles = append(handles, person(100+i))
			}
			large, err := recipients.NewLargeSet(handles...)
			require.NoError(w, err)
			joined := make([]time.Time, large.Len())
			for i := range joined {
				joined[i] = noon
				if i >= recipients.MaxRecipients {
					joined[i] = noon.Add(time.Hour)
				}
			}
			want := store.Chat{
				ID: id, Line: number(1), Roster: store.NewRosterJoined(large, noon, joined), CreatedAt: noon, ActiveAt: noon,
			}
			if s, ok := w.Store.(store.ChatReader); ok {
				got, err := s.Chat(background, w.tenant, id)
				require.NoError(w, err)
				w.requireChat(want, got)
			}
			seen := w.seen(large, number(2), noon)
			for i := range 3 {
				require.Empty(w, w.look(set).Chats)
				for _, chat := range []uuid.UUID{id, seen} {
					w.apply(store.ParticipantRemoved{Chat: chat, Handle: person(100 + i)})
				}
			}
			w.requireOrder(set, id, seen)
			want.Roster = store.NewRoster(set, noon)
			w.requireChat(want, w.chat(set, id))
		},
	},
	{
		Name: "participants/our line cannot join",
		IDs:  []string{"participant.line"},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			w.notApplied(0, store.ErrInvalid, store.ParticipantAdded{Chat: id, Handle: number(1), At: noon})
			w.requireOrder(set, id)
			w.apply(store.ParticipantAdded{Chat: id, Handle: number(2), At: noon})
			w.requireOrder(setOf(person(1), number(2)), id)
		},
	},
	{
		Name: "participants/our line left",
		IDs:  []string{"chat.left"},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			w.apply(store.LineLeft{Chat: id}, store.LineLeft{Chat: id})
			require.Empty(w, w.look(set).Chats)
			w.apply(
				store.Activity{Chat: id, At: noon.Add(time.Hour)},
				store.ParticipantAdded{Chat: id, Handle: person(2), At: noon},
				store.Renamed{Chat: id, Named: true},
			)
			require.Empty(w, w.look(set).Chats)
			require.Empty(w, w.look(people(1, 2)).Chats)
			require.Zero(w, w.revision(people(1, 2)))
		},
	},
}

var nameClauses = []Clause{
	{
		Name: "names/set and cleared",
		IDs:  []string{"name.set", "lookup.named"},
		check: func(w *world) {
			set := people(1, 2)
			id := w.seen(set, number(1), noon)
			for _, named := range []bool{true, true, false, false, true} {
				w.apply(store.Renamed{Chat: id, Named: named})
				require.Equal(w, named, w.chat(set, id).Named)
				found := w.lookup(store.Query{Set: set.Key(), SkipNamed: true}).Chats
				require.Equal(w, named, len(found) == 0)
			}
			direct := people(1)
			id = w.seen(direct, number(1), noon)
			w.apply(store.Renamed{Chat: id, Named: true})
			found := w.lookup(store.Query{Set: direct.Key(), SkipNamed: true}).Chats
			require.Len(w, found, 1, "a chat with one person is no group")

			// A chat that only one person is left in is no group either. A
			// direct chat that a second person joins is one.
			id = w.seen(people(2), number(2), noon)
			w.apply(store.Renamed{Chat: id, Named: true}, store.ParticipantAdded{Chat: id, Handle: person(3), At: noon})
			found = w.lookup(store.Query{Set: people(2, 3).Key(), SkipNamed: true}).Chats
			require.Empty(w, found)
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(2)})
			found = w.lookup(store.Query{Set: people(3).Key(), SkipNamed: true}).Chats
			require.Len(w, found, 1)
		},
	},
}
