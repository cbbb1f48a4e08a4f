package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// strange is an event of a type that the contract does not have.
type strange struct{ store.LineLeft }

var applyClauses = []Clause{
	{
		Name: "apply/in order, up to the first that cannot be",
		IDs:  []string{"apply.order", "apply.unknown"},
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
			alone := w.seen(people(2), number(1), noon)
			w.notApplied(1, store.ErrUnknownChat,
				store.ParticipantRemoved{Chat: alone, Handle: person(2)}, // no participant is left
				store.LineLeft{Chat: w.id()},
				store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(3), CreatedAt: noon},
			)
			require.Empty(w, w.look(people(2)).Chats)
			require.Zero(w, w.look(people(3)), "the set of an event that was not applied has a revision")
			w.tenant = "another tenant"
			w.notApplied(0, store.ErrUnknownChat, store.LineLeft{Chat: a})
		},
	},
	{
		Name: "apply/events that contradict themselves",
		IDs:  []string{"event.check"},
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
				with(func(e *store.ChatSeen) { e.Line = handleless }),
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
			later := noon.Add(time.Hour)
			w.notApplied(1, store.ErrInvalid, store.Activity{Chat: id, At: later}, nil, store.Renamed{Chat: id, Named: true})
			chat := w.chat(set, id)
			require.Equal(w, later, chat.ActiveAt, "what came before is applied")
			require.False(w, chat.Named, "what came after is not")
		},
	},
	{
		Name: "apply/many at once, twice",
		IDs:  []string{"apply.bulk", "event.idempotent"},
		check: func(w *world) {
			chats := max(size(700), 300) // more than a thousand events
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
