package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var seenClauses = []Clause{
	{
		Name: "seen/makes a chat known",
		Says: []string{
			"ChatSeen makes a chat known that existed before, or that people opened by writing first; its participants joined at CreatedAt.",
			"zero means CreatedAt",
			"except ChatSeen, which makes it known",
		},
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
		Says: []string{
			"Of a chat that is already known it only advances the activity and fills in an unknown service: what later events said about it stays.",
			"Every event is idempotent",
		},
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
		Says: []string{"Of a chat that is already known it only advances the activity"},
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
		Says: []string{"A known chat of another line is refused with ErrInvalid."},
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
		Says: []string{
			"The activity of the chat becomes the later of what it was and At.",
			"the last decided send or reported message, the later",
			"Activity never goes backwards",
		},
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
		Name: "activity/messages are counted",
		Says: []string{
			"Messages are counted against the line's message limit; 0 counts as 1.",
			"counts the new chat and the message against the line",
			"(which counts the messages of an Activity again)",
			"messages may be a second late",
		},
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
				uses := w.lookup(store.Query{Lines: []recipients.Handle{number(n)}}).Uses
				require.Len(w, uses, 1)
				return !uses[0].MessagesFullUntil(fleet.HourOf(noon.Add(hour)), limit).IsZero()
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

var participantClauses = []Clause{
	{
		Name: "participants/the chat moves to another set",
		Says: []string{
			"ParticipantAdded reports that a handle joined at a time.",
			"The chat then matches the larger set.",
			"The chat then matches the smaller set",
		},
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
		Says: []string{
			"Adding somebody who is there changes nothing",
			"Removing somebody who is not there changes nothing.",
			"Every event is idempotent",
		},
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
		Name: "participants/until nobody is left",
		Says: []string{"or nothing while nobody is left"},
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
		Says: []string{
			"A chat may grow beyond recipients.MaxRecipients",
			"so it matches nothing until it is smaller again",
		},
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
		Says: []string{"the chat's own line cannot join and is refused with ErrInvalid"},
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
		Says: []string{
			"LineLeft reports that our line is no longer in the chat, which then matches nothing for good.",
			"and whose line has not left",
		},
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
		Says: []string{
			"Renamed reports that the name of a group was set, or cleared.",
			"SkipNamed leaves out groups whose name was set explicitly",
		},
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
		},
	},
}

// strange is an event that the contract does not know.
type strange struct{ store.LineLeft }

var applyClauses = []Clause{
	{
		Name: "apply/in order, up to the first that cannot be",
		Says: []string{
			"in order. Each event is applied whole or not at all. The first event that cannot be applied ends the call with an *EventError that holds its index; those before it stay applied.",
			"Events about a chat that the tenant does not have are refused with ErrUnknownChat",
			"ErrUnknownChat means that the tenant has no chat of that id.",
		},
		check: func(w *world) {
			set := people(1)
			a, b := w.seen(set, number(1), noon), w.seen(set, number(2), noon.Add(time.Minute))
			for _, unknown := range []store.Event{
				store.Activity{Chat: w.id(), At: noon},
				store.ParticipantAdded{Chat: w.id(), Handle: person(3), At: noon},
				store.ParticipantRemoved{Chat: w.id(), Handle: person(3)},
				store.Renamed{Chat: w.id()},
				store.LineLeft{Chat: w.id()},
			} {
				w.ids += 10
				at := noon.Add(time.Duration(w.ids) * time.Hour)
				w.notApplied(2, store.ErrUnknownChat,
					store.Activity{Chat: b, At: at},
					store.Activity{Chat: a, At: at.Add(time.Second)},
					unknown,
					store.LineLeft{Chat: a},
				)
				w.requireOrder(set, a, b)
				require.Equal(w, at, w.chat(set, b).ActiveAt)
			}
			w.tenant = "another tenant"
			w.notApplied(0, store.ErrUnknownChat, store.LineLeft{Chat: a})
		},
	},
	{
		Name: "apply/events that contradict themselves",
		Says: []string{
			"Check returns an error wrapping ErrInvalid when the event contradicts itself; every store calls it before it applies the event.",
			"by value; anything else is refused with ErrInvalid",
			"EventError says which event of an Apply could not be applied, and why.",
		},
		check: func(w *world) {
			set := people(1)
			id := w.seen(set, number(1), noon)
			seen := store.ChatSeen{ID: w.id(), Line: number(1), Participants: set, CreatedAt: noon}
			with := func(change func(*store.ChatSeen)) store.Event {
				e := seen
				change(&e)
				return e
			}
			before := plain(w.look(set))
			for _, e := range []store.Event{
				nil,
				strange{store.LineLeft{Chat: id}},
				&store.LineLeft{Chat: id},
				with(func(e *store.ChatSeen) { e.ID = uuid.Nil }),
				with(func(e *store.ChatSeen) { e.Line = nobody }),
				with(func(e *store.ChatSeen) { e.Participants = setless }),
				with(func(e *store.ChatSeen) { e.Participants = setOf(number(1), person(1)) }),
				with(func(e *store.ChatSeen) { e.CreatedAt = time.Time{} }),
				with(func(e *store.ChatSeen) { e.ActiveAt = noon.Add(-time.Second) }),
				store.Activity{At: noon},
				store.Activity{Chat: id},
				store.Activity{Chat: id, At: noon, Messages: -1},
				store.ParticipantAdded{Handle: person(2), At: noon},
				store.ParticipantAdded{Chat: id, At: noon},
				store.ParticipantAdded{Chat: id, Handle: person(2)},
				store.ParticipantRemoved{Handle: person(1)},
				store.ParticipantRemoved{Chat: id},
				store.Renamed{},
				store.LineLeft{},
			} {
				w.notApplied(0, store.ErrInvalid, e)
			}
			require.Equal(w, before, plain(w.look(set)))
		},
	},
	{
		Name: "apply/many at once, twice",
		Says: []string{
			"Bulk loads pass many events at once",
			"so the same slice may be applied again",
			"Apply tells the store what happened to chats outside of commits",
		},
		check: func(w *world) {
			const chats = 700
			var events []store.Event
			var ids []uuid.UUID
			for i := range chats {
				id := w.id()
				ids = append(ids, id)
				at := noon.Add(time.Duration(i) * time.Second)
				events = append(events,
					store.ChatSeen{ID: id, Line: number(i % 7), Participants: people(i, i+1), CreatedAt: at},
					store.ParticipantAdded{Chat: id, Handle: person(i + 2), At: at.Add(time.Minute)},
					store.Activity{Chat: id, At: at.Add(time.Hour)},
					store.ParticipantRemoved{Chat: id, Handle: person(i)},
				)
			}
			w.apply()
			w.apply(events...)
			revisions := make([]store.Revision, chats)
			for round := range 2 {
				for i, id := range ids {
					at := noon.Add(time.Duration(i) * time.Second)
					set := people(i+1, i+2)
					w.requireChat(store.Chat{
						ID: id, Line: number(i % 7),
						Roster:    store.NewRosterJoined(set, at, []time.Time{at, at.Add(time.Minute)}),
						CreatedAt: at, ActiveAt: at.Add(time.Hour),
					}, w.chat(set, id))
					if r := w.revision(set); round == 0 {
						revisions[i] = r
					} else {
						require.Equal(w, revisions[i], r, "applying the same events again changed chat %d", i)
					}
				}
				w.apply(events...)
			}
		},
	},
}
