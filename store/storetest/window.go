package storetest

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

var windowClauses = []Clause{
	{
		Name: "window/this hour and the 24 before it",
		IDs:  []string{"window.exact", "window.limit"},
		check: func(w *world) {
			w.open(people(1), number(1), noon.Add(59*time.Minute))
			for _, later := range []time.Duration{time.Minute, time.Hour, 24*time.Hour + 59*time.Minute} {
				p := w.opening(people(2), number(1), noon.Add(later))
				p.NewChatLimit = 1
				require.Equal(w, noon.Add(25*time.Hour), w.conflict(p, store.LineFull).NextFree)
			}
			p := w.opening(people(2), number(1), noon.Add(25*time.Hour))
			p.NewChatLimit = 1
			w.commit(p)
		},
	},
	{
		Name: "window/counted with a limit or without",
		IDs:  []string{"window.limit"},
		check: func(w *world) {
			for i := range 3 {
				w.open(people(i+1), number(1), noon)
			}
			old := w.look(people(1)).Chats[0].ID
			w.commit(w.failing(people(1), old, number(1), noon))
			w.requireUse(number(1), func(u line.Use) { require.EqualValues(w, 4, u.NewChats[0]) })
			p := w.opening(people(9), number(1), noon)
			p.NewChatLimit = 4
			w.conflict(p, store.LineFull)
			p = w.failing(people(2), w.look(people(2)).Chats[0].ID, number(1), noon)
			p.NewChatLimit = 4
			w.conflict(p, store.LineFull)
		},
	},
	{
		Name: "window/the hour of a line never runs backwards",
		IDs:  []string{"window.hour"},
		check: func(w *world) {
			w.open(people(1), number(1), noon.Add(3*time.Hour))
			w.open(people(2), number(1), noon)
			w.requireUse(number(1), func(u line.Use) {
				require.Equal(w, line.HourOf(noon.Add(3*time.Hour)), u.Hour)
				require.EqualValues(w, 2, u.NewChats[0])
			})

			p := w.opening(people(3), number(1), noon)
			p.NewChatLimit = 2
			require.Equal(w, noon.Add(28*time.Hour), w.conflict(p, store.LineFull).NextFree)
		},
	},
	{
		Name: "window/messages do not move it",
		IDs:  []string{"window.hour", "activity.messages"},
		check: func(w *world) {
			id := w.open(people(1), number(1), noon)
			w.apply(store.Activity{Chat: id, At: noon.Add(48 * time.Hour), Messages: 7})
			w.settle()
			p := w.opening(people(2), number(1), noon)
			p.NewChatLimit = 1
			require.Equal(w, noon.Add(25*time.Hour), w.conflict(p, store.LineFull).NextFree)
			w.open(people(2), number(1), noon)
			w.requireUse(number(1), func(u line.Use) { require.EqualValues(w, 2, u.NewChats[0]) })
		},
	},
	{
		Name: "window/chats seen take no slot",
		IDs:  []string{"seen.slot"},
		check: func(w *world) {
			for i := range 5 {
				w.seen(people(i+1), number(1), noon)
			}
			require.Empty(w, w.uses(number(1)))
			p := w.opening(people(9), number(1), noon)
			p.NewChatLimit = 1
			w.commit(p)
		},
	},
	{
		Name: "window/each line its own",
		IDs:  []string{"window.line"},
		check: func(w *world) {
			for i := range 3 {
				p := w.opening(people(i+1), number(i+1), noon)
				p.NewChatLimit = 1
				w.commit(p)
			}
			for i := range 3 {
				w.requireUse(number(i+1), func(u line.Use) { require.Equal(w, 1, u.Window(u.Hour)) })
			}
		},
	},
	{
		Name: "window/any sequence of chats",
		IDs:  []string{"window.exact"},
		check: func(w *world) {
			lines, n := 0, 0
			rapid.Check(w, func(t *rapid.T) {
				lines++
				want := line.Use{Tenant: w.tenant, Number: number(lines)}
				for range rapid.IntRange(1, 12).Draw(t, "chats") {
					n++
					at := noon.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "hours")) * time.Hour)
					limit := rapid.IntRange(0, 4).Draw(t, "limit")
					p := planOf(store.NewBestNumber, people(n), w.id(), number(lines), at, w.id())
					p.NewChatLimit = limit
					err := w.Store.Commit(background, p)
					if hour := line.HourOf(at); want.Full(hour, limit) {
						var conflict *store.Conflict
						require.ErrorAs(t, err, &conflict)
						require.Equal(t, store.Conflict{
							Kind: store.LineFull, Line: number(lines), NextFree: want.NextFree(hour, limit),
						}, *conflict)
					} else {
						require.NoError(t, err)
						want.AddNewChat(hour)
					}
				}
				uses := w.allUses(number(lines))
				for _, u := range uses {
					require.Equal(t, want, hard(u))
				}
				if w.has(UseReader) {
					require.Equal(t, want.Window(want.Hour) > 0, len(uses) > 0)
				}
			})
		},
	},
}
