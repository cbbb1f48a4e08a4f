package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// revisionWorld is a set with two chats: old, whose successor is top, and top,
// which is the most recently active.
type revisionWorld struct {
	*world
	set      recipients.Set
	old, top uuid.UUID
}

// step is an action, and whether it moves the revision of the set.
type step struct {
	name  string
	moves bool
	do    func(r revisionWorld)
}

// steps run one after the other in one world.
var steps = []step{
	{"a touch of the most recent chat", false, func(r revisionWorld) { r.reuse(r.set, r.top, noon.Add(2*time.Hour)) }},
	{"a touch of it in the past", false, func(r revisionWorld) { r.reuse(r.set, r.top, noon.Add(-time.Hour)) }},
	{"activity in it", false, func(r revisionWorld) { r.apply(store.Activity{Chat: r.top, At: noon.Add(3 * time.Hour)}) }},
	{"activity in another that stays behind", false, func(r revisionWorld) {
		r.apply(store.Activity{Chat: r.old, At: noon.Add(2 * time.Hour)})
	}},
	{"activity in another that goes ahead", true, func(r revisionWorld) {
		r.apply(store.Activity{Chat: r.old, At: noon.Add(4 * time.Hour)})
	}},
	{"the same again", false, func(r revisionWorld) { r.apply(store.Activity{Chat: r.old, At: noon.Add(4 * time.Hour)}) }},
	{"a reuse that clears a note", true, func(r revisionWorld) { r.reuse(r.set, r.old, noon) }},
	{"a reuse without a note to clear", false, func(r revisionWorld) { r.reuse(r.set, r.old, noon) }},
	{"a reuse of another that stays behind", false, func(r revisionWorld) { r.reuse(r.set, r.top, noon.Add(time.Hour)) }},
	{"a reuse of another that goes ahead", true, func(r revisionWorld) { r.reuse(r.set, r.top, noon.Add(5*time.Hour)) }},
	{"a name set", true, func(r revisionWorld) { r.apply(store.Renamed{Chat: r.old, Named: true}) }},
	{"the same name state again", false, func(r revisionWorld) { r.apply(store.Renamed{Chat: r.old, Named: true}) }},
	{"the name cleared", true, func(r revisionWorld) { r.apply(store.Renamed{Chat: r.old}) }},
	{"a known chat seen again", false, func(r revisionWorld) {
		r.apply(store.ChatSeen{ID: r.old, Line: number(1), Participants: r.set, Service: 1, Named: true, CreatedAt: noon})
	}},
	{"a known chat seen ahead", true, func(r revisionWorld) {
		r.apply(store.ChatSeen{ID: r.old, Line: number(1), Participants: people(7), CreatedAt: noon, ActiveAt: noon.Add(6 * time.Hour)})
	}},
	{"a chat seen that stays behind", true, func(r revisionWorld) { r.seen(r.set, number(3), noon) }},
	{"a failover", true, func(r revisionWorld) { r.commit(r.failing(r.set, r.old, number(4), noon)) }},
	{"a chat opened", true, func(r revisionWorld) { r.open(r.set, number(5), noon) }},
	{"a person added who is there", false, func(r revisionWorld) {
		r.apply(store.ParticipantAdded{Chat: r.old, Handle: person(1), At: noon})
	}},
	{"a person removed who is not there", false, func(r revisionWorld) {
		r.apply(store.ParticipantRemoved{Chat: r.old, Handle: person(9)})
	}},
	{"a chat of another set, opened and seen", false, func(r revisionWorld) {
		r.open(people(1), number(1), noon)
		r.seen(people(1, 2, 3), number(1), noon)
	}},
	{"a person added", true, func(r revisionWorld) {
		r.apply(store.ParticipantAdded{Chat: r.old, Handle: person(3), At: noon})
	}},
	{"activity in the chat that went", false, func(r revisionWorld) {
		r.apply(store.Activity{Chat: r.old, At: noon.Add(9 * time.Hour)})
	}},
	{"and removed again", true, func(r revisionWorld) { r.apply(store.ParticipantRemoved{Chat: r.old, Handle: person(3)}) }},
	{"a person removed", true, func(r revisionWorld) { r.apply(store.ParticipantRemoved{Chat: r.old, Handle: person(1)}) }},
	{"and added again", true, func(r revisionWorld) {
		r.apply(store.ParticipantAdded{Chat: r.old, Handle: person(1), At: noon})
	}},
	{"the line left", true, func(r revisionWorld) { r.apply(store.LineLeft{Chat: r.old}) }},
	{"and left again", false, func(r revisionWorld) { r.apply(store.LineLeft{Chat: r.old}) }},
	{"a chat named that has left", false, func(r revisionWorld) { r.apply(store.Renamed{Chat: r.old, Named: true}) }},
	{"activity in a chat that has left", false, func(r revisionWorld) {
		r.apply(store.Activity{Chat: r.old, At: noon.Add(20 * time.Hour)})
	}},
	{"the same chats in another tenant", false, func(r revisionWorld) {
		r.tenant = "another tenant"
		r.open(r.set, number(1), noon)
		r.tenant = acme
	}},
	{"a look-up", false, func(r revisionWorld) { r.look(r.set) }},
}

var revisionClauses = []Clause{
	{
		Name: "revision/moves when it should, and only then",
		IDs:  []string{"revision.moves", "revision.stays", "event.idle"},
		check: func(w *world) {
			r := revisionWorld{world: w, set: people(1, 2)}
			r.old = w.open(r.set, number(1), noon)
			r.top = w.commit(w.failing(r.set, r.old, number(2), noon.Add(time.Hour)))
			given := map[store.Revision]string{0: "nothing"}
			last := w.revision(r.set)
			given[last] = "the beginning"
			for _, s := range steps {
				s.do(r)
				now := w.revision(r.set)
				if !s.moves {
					require.Equal(w, last, now, "%s moved the revision", s.name)
					continue
				}
				require.NotContains(w, given, now, "%s did not move the revision on", s.name)
				given[now], last = s.name, now
			}
		},
	},
	{
		Name: "revision/moves where chats were active at one time",
		IDs:  []string{"revision.moves"},
		check: func(w *world) {
			set := people(1)
			first, middle, last := w.seen(set, number(1), noon), w.seen(set, number(2), noon.Add(time.Minute)), w.seen(set, number(3), noon.Add(time.Hour))
			for _, chat := range []uuid.UUID{first, middle} {
				w.apply(store.Activity{Chat: chat, At: noon.Add(time.Hour)})
			}
			require.Equal(w, []uuid.UUID{last, middle, first}, idsOf(w.look(set).Chats))
			before := w.revision(set)
			w.apply(store.Activity{Chat: middle, At: noon.Add(2 * time.Hour)})
			require.NotEqual(w, before, w.revision(set), "another chat is the most recent one")

			set = people(2) // created at one time as well: the least id comes first
			a, b, c := w.seen(set, number(1), noon), w.seen(set, number(2), noon), w.seen(set, number(3), noon)
			for i, step := range []struct {
				chat uuid.UUID
				at   time.Duration
				top  uuid.UUID
			}{{c, 0, a}, {b, 1, b}, {c, 1, b}, {a, 1, a}, {c, 2, c}, {a, 2, a}, {b, 2, a}, {b, 3, b}} {
				before, top := w.revision(set), w.look(set).Chats[0].ID
				w.apply(store.Activity{Chat: step.chat, At: noon.Add(step.at * time.Hour)})
				require.Equal(w, step.top, w.look(set).Chats[0].ID, "step %d", i)
				require.Equal(w, top == step.top, before == w.revision(set), "step %d", i)
			}
		},
	},
	{
		Name: "revision/moves for the set that a chat joins",
		IDs:  []string{"revision.moves", "participant.moves"},
		check: func(w *world) {
			small, large := people(1), people(1, 2)
			id := w.seen(small, number(1), noon)
			require.Zero(w, w.revision(large))
			first := w.revision(small)
			w.apply(store.ParticipantAdded{Chat: id, Handle: person(2), At: noon})
			require.NotZero(w, w.revision(large))
			require.NotEqual(w, first, w.revision(small))
			require.NotZero(w, w.revision(small))
			first = w.revision(large)
			w.apply(store.ParticipantRemoved{Chat: id, Handle: person(2)})
			require.NotEqual(w, first, w.revision(large))
			require.NotZero(w, w.revision(large))
		},
	},
	{
		Name: "revision/concurrent reuses do not conflict",
		IDs:  []string{"revision.stays"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			var plans []*store.Plan
			for i := range 5 {
				plans = append(plans, w.reusing(set, id, noon.Add(time.Duration(5-i)*time.Minute)))
			}
			for _, p := range plans {
				w.commit(p)
			}
			require.Equal(w, noon.Add(5*time.Minute), w.chat(set, id).ActiveAt)
		},
	},
	{
		Name:  "revision/stays when a chat goes that did not match",
		IDs:   []string{"revision.moves"},
		Needs: []Power{Forgetter},
		check: func(w *world) {
			set := people(1)
			w.open(set, number(1), noon)
			gone, over := w.seen(set, number(2), noon), w.seen(people(1, 2), number(3), noon)
			w.apply(
				store.ParticipantAdded{Chat: gone, Handle: person(2), At: noon},
				store.ParticipantRemoved{Chat: over, Handle: person(2)}, store.LineLeft{Chat: over},
			)
			before := w.revision(set)
			w.forget(person(2), 2)
			require.Equal(w, before, w.revision(set))
			require.Len(w, w.look(set).Chats, 1)
		},
	},
	{
		Name:  "revision/never comes back",
		IDs:   []string{"revision.unique"},
		Needs: []Power{Forgetter},
		check: func(w *world) {
			set := people(1)
			var old []*store.Plan
			for i := range 4 {
				w.open(set, number(i+1), noon)
				old = append(old, w.opening(set, number(9), noon))
			}
			w.forget(person(1), 4)
			for range 4 {
				w.open(set, number(1), noon)
				for _, p := range old {
					w.conflict(p, store.RevisionMoved)
				}
			}
		},
	},
}
