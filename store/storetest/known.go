package storetest

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// handlesOf returns some people, each with one handle.
func handlesOf(is ...int) [][]recipients.Handle {
	var all [][]recipients.Handle
	for _, i := range is {
		all = append(all, []recipients.Handle{person(i)})
	}
	return all
}

// known returns the lines that people know.
func (w *world) known(handles [][]recipients.Handle) []store.KnownLine {
	w.Helper()
	lines, err := w.Store.(store.KnownReader).KnownLines(background, w.tenant, handles)
	require.NoError(w, err)
	return lines
}

var knownClauses = []Clause{
	{
		Name:  "known/lines of chats in which people take part",
		IDs:   []string{"known.lines", "known.count"},
		Needs: []Power{KnownReader},
		check: func(w *world) {
			require.Empty(w, w.known(handlesOf(1, 2)))
			require.Empty(w, w.known(nil))
			w.open(people(1), number(1), noon)
			group := w.seen(people(1, 2, 3), number(2), noon.Add(time.Hour))
			one := store.KnownLine{Line: number(1), Recipients: 1, ActiveAt: noon}
			two := store.KnownLine{Line: number(2), Recipients: 2, ActiveAt: noon.Add(time.Hour)}
			require.Equal(w, []store.KnownLine{two, one}, w.known(handlesOf(1, 2)))
			require.Equal(w, []store.KnownLine{two, one}, w.known(handlesOf(2, 1, 4)))
			require.Empty(w, w.known(handlesOf(4)))
			w.tenant = "another tenant"
			require.Empty(w, w.known(handlesOf(1, 2)))
			w.tenant = acme

			w.apply(store.ParticipantRemoved{Chat: group, Handle: person(2)})
			require.Empty(w, w.known(handlesOf(2)), "who left a chat knows its line no more")
			w.apply(store.ParticipantRemoved{Chat: group, Handle: person(3)})
			two.Recipients = 1
			require.Equal(w, []store.KnownLine{two, one}, w.known(handlesOf(1, 3)))
			w.apply(store.ParticipantAdded{Chat: group, Handle: person(2), At: noon.Add(2 * time.Hour)})
			require.Equal(w, []store.KnownLine{two}, w.known(handlesOf(2)))
			w.apply(store.LineLeft{Chat: group})
			require.Equal(w, []store.KnownLine{one}, w.known(handlesOf(1, 2, 3)))
		},
	},
	{
		Name:  "known/people with several handles",
		IDs:   []string{"known.count", "known.lines"},
		Needs: []Power{KnownReader},
		check: func(w *world) {
			w.open(people(1), number(1), noon)
			w.open(people(2), number(1), noon.Add(time.Minute))
			w.open(people(3, 4), number(2), noon)
			both := [][]recipients.Handle{{person(1), person(2), person(1)}, {person(9), person(3)}, {}}
			require.Equal(w, []store.KnownLine{
				{Line: number(1), Recipients: 1, ActiveAt: noon.Add(time.Minute)}, {Line: number(2), Recipients: 1, ActiveAt: noon},
			}, w.known(both))
			shared := [][]recipients.Handle{{person(1)}, {person(1)}, {person(2)}}
			require.Equal(w, []store.KnownLine{{Line: number(1), Recipients: 3, ActiveAt: noon.Add(time.Minute)}}, w.known(shared))
		},
	},
	{
		Name:  "known/the order of lines, and how many",
		IDs:   []string{"known.order"},
		Needs: []Power{KnownReader},
		check: func(w *world) {
			w.open(people(1, 2), number(1), noon) // the least active chat, known to both
			var want []store.KnownLine
			for i := range store.MaxKnown + 3 {
				at := noon.Add(time.Hour - time.Duration(i/2)*time.Minute) // two chats at each time
				id := w.seen(people(1, 10+i), number(2+i), noon)
				w.apply(store.Activity{Chat: id, At: at})
				want = append(want, store.KnownLine{Line: number(2 + i), Recipients: 1, ActiveAt: at})
			}
			want = append([]store.KnownLine{{Line: number(1), Recipients: 2, ActiveAt: noon}}, want[:store.MaxKnown-1]...)
			require.Equal(w, want, w.known(handlesOf(1, 2)))
		},
	},
	{
		Name:  "known/after people are forgotten",
		IDs:   []string{"known.lines", "forget.person"},
		Needs: []Power{KnownReader, Forgetter},
		check: func(w *world) {
			w.open(people(1, 2), number(1), noon)
			w.open(people(2, 3), number(2), noon)
			w.open(people(2), number(3), noon)
			require.Len(w, w.known(handlesOf(2)), 3) // a store may remember what it found
			w.forget(person(1), 1)
			require.Len(w, w.known(handlesOf(2)), 2)
			require.Empty(w, w.known(handlesOf(1)))
			w.forget(person(2), 2)
			require.Empty(w, w.known(handlesOf(1, 2, 3)))
			w.open(people(2, 3), number(4), noon)
			require.Equal(w, []store.KnownLine{{Line: number(4), Recipients: 2, ActiveAt: noon}}, w.known(handlesOf(2, 3)))
		},
	},
	{
		Name:  "known/copied chats",
		IDs:   []string{"known.lines", "copy.all"},
		Needs: []Power{KnownReader, Copier},
		check: func(w *world) {
			w.open(people(1), number(1), noon)
			group := w.seen(people(1, 2, 3), number(2), noon)
			w.apply(store.ParticipantRemoved{Chat: group, Handle: person(3)})
			left := w.seen(people(1, 4), number(3), noon)
			w.apply(store.LineLeft{Chat: left})
			visited := w.seen(people(6), number(4), noon) // a person joined and left: the chat is known as before
			w.apply(
				store.ParticipantAdded{Chat: visited, Handle: person(7), At: noon},
				store.ParticipantRemoved{Chat: visited, Handle: person(7)},
			)
			asked := handlesOf(1, 2, 3, 4)
			want := w.known(asked)
			require.Len(w, want, 2)
			_, err := w.Store.(store.Copier).Import(background, under("copy", w.exported(acme)))
			require.NoError(w, err)
			w.tenant = "copy"
			require.Equal(w, want, w.known(asked))
			require.Empty(w, w.known(handlesOf(3, 4)))
			require.Len(w, w.look(people(6)).Chats, 1)
			if _, can := w.Store.(store.Forgetter); can {
				w.forget(person(7), 1)
				require.Empty(w, w.look(people(6)).Chats)
			}
		},
	},
	{
		Name:  "known/asked about what cannot be",
		IDs:   []string{"known.refused"},
		Needs: []Power{KnownReader},
		check: func(w *world) {
			many := make([]int, recipients.MaxRecipients)
			for i := range many {
				many[i] = i
			}
			w.known(handlesOf(many...))
			handles := make([]recipients.Handle, store.MaxHandles)
			for i := range handles {
				handles[i] = person(i)
			}
			w.known([][]recipients.Handle{handles})
			for _, bad := range [][][]recipients.Handle{
				handlesOf(append(many, 99)...), {append(handles, person(99))}, {{person(1), handleless}},
			} {
				_, err := w.Store.(store.KnownReader).KnownLines(background, acme, bad)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
		},
	},
}

// readKnown asks about some people. Some of them have two handles.
func (m *machine) readKnown(t *rapid.T) {
	tenant := m.tenant(t)
	var handles [][]recipients.Handle
	for range rapid.IntRange(0, 3).Draw(t, "people") {
		of := []recipients.Handle{m.person(t)}
		if rapid.Bool().Draw(t, "a second handle") {
			of = append(of, m.person(t))
		}
		handles = append(handles, of)
	}
	want, err := m.model.KnownLines(background, tenant, handles)
	require.NoError(m, err)
	for _, s := range m.subjects {
		got, err := s.Store.(store.KnownReader).KnownLines(background, tenant, handles)
		require.NoError(m, err, s.name)
		require.Equal(m, append([]store.KnownLine{}, want...), append([]store.KnownLine{}, got...), s.name)
	}
}
