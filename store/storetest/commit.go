package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var openClauses = []Clause{
	{
		Name: "open/a chat as the plan says",
		IDs:  []string{"open.chat"},
		check: func(w *world) {
			set := people(1, 2)
			id := w.open(set, number(1), noon)
			w.requireChat(store.Chat{
				ID: id, Line: number(1), Roster: store.NewRoster(set, noon), CreatedAt: noon, ActiveAt: noon,
			}, w.chat(set, id))
		},
	},
	{
		Name: "open/later than every chat of the set",
		IDs:  []string{"open.latest", "activity.forward"},
		check: func(w *world) {
			set := people(1)
			first := w.seen(set, number(1), noon)
			second := w.open(set, number(2), noon)
			third := w.open(set, number(3), noon.Add(-24*time.Hour))
			w.requireOrder(set, third, second, first)
			require.Equal(w, noon.Add(time.Microsecond), w.chat(set, second).ActiveAt)
			require.Equal(w, noon.Add(2*time.Microsecond), w.chat(set, third).ActiveAt)
			require.Equal(w, noon.Add(-24*time.Hour), w.chat(set, third).CreatedAt)

			fourth := w.commit(w.failing(set, third, number(4), noon.Add(-time.Second)))
			require.Equal(w, noon.Add(3*time.Microsecond), w.chat(set, fourth).ActiveAt)
			fifth := w.open(set, number(5), noon.Add(time.Second))
			require.Equal(w, noon.Add(time.Second), w.chat(set, fifth).ActiveAt)
		},
	},
	{
		Name: "open/only chats that match count for it",
		IDs:  []string{"open.latest"},
		check: func(w *world) {
			set := people(1)
			left := w.seen(set, number(1), noon.Add(time.Hour))
			w.apply(store.LineLeft{Chat: left})
			id := w.open(set, number(2), noon)
			require.Equal(w, noon, w.chat(set, id).ActiveAt)
		},
	},
}

var reuseClauses = []Clause{
	{
		Name: "reuse/makes the chat active",
		IDs:  []string{"reuse.active"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			w.reuse(set, id, noon.Add(time.Hour))
			want := store.Chat{
				ID: id, Line: number(1), Roster: store.NewRoster(set, noon), CreatedAt: noon, ActiveAt: noon.Add(time.Hour),
			}
			w.requireChat(want, w.chat(set, id))
			w.reuse(set, id, noon.Add(time.Minute))
			w.requireChat(want, w.chat(set, id))
		},
	},
	{
		Name: "reuse/of a chat that was not the most recent",
		IDs:  []string{"reuse.active", "activity.forward"},
		check: func(w *world) {
			set := people(1)
			a := w.open(set, number(1), noon)
			b := w.open(set, number(2), noon.Add(time.Minute))
			w.reuse(set, a, noon.Add(time.Second))
			w.requireOrder(set, b, a)
			w.reuse(set, a, noon.Add(time.Hour))
			w.requireOrder(set, a, b)
		},
	},
	{
		Name: "reuse/takes no slot",
		IDs:  []string{"reuse.slot"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			before := w.uses(number(1))
			for i := range 3 {
				p := w.reusing(set, id, noon.Add(time.Duration(i)*time.Hour))
				p.NewChatLimit = 1
				w.commit(p)
			}
			require.Equal(w, before, w.uses(number(1)))
		},
	},
}

var failoverClauses = []Clause{
	{
		Name: "failover/notes the successor",
		IDs:  []string{"failover.note"},
		check: func(w *world) {
			set := people(1)
			old := w.open(set, number(1), noon)
			other := w.open(set, number(2), noon.Add(-time.Hour))
			at := noon.Add(time.Hour)
			next := w.commit(w.failing(set, old, number(3), at))
			w.requireOrder(set, next, other, old)
			w.requireChat(store.Chat{
				ID: old, Line: number(1), Roster: store.NewRoster(set, noon), CreatedAt: noon, ActiveAt: noon,
				Successor: next, SucceededAt: at,
			}, w.chat(set, old))
			require.Zero(w, w.chat(set, other).Successor)
			require.Zero(w, w.chat(set, next).Successor)

			last := w.commit(w.failing(set, old, number(4), at.Add(-time.Minute)))
			require.Equal(w, last, w.chat(set, old).Successor)
			require.Equal(w, at.Add(-time.Minute), w.chat(set, old).SucceededAt)
		},
	},
	{
		Name: "failover/a reuse clears the note",
		IDs:  []string{"reuse.note"},
		check: func(w *world) {
			set := people(1)
			old := w.open(set, number(1), noon)
			next := w.commit(w.failing(set, old, number(2), noon.Add(time.Hour)))
			w.reuse(set, next, noon.Add(2*time.Hour))
			require.Equal(w, next, w.chat(set, old).Successor)
			w.apply(store.Activity{Chat: old, At: noon.Add(3 * time.Hour)})
			require.Equal(w, next, w.chat(set, old).Successor)
			w.reuse(set, old, noon.Add(time.Minute))
			require.Zero(w, w.chat(set, old).Successor)
			require.Zero(w, w.chat(set, old).SucceededAt)
		},
	},
}

var planClauses = []Clause{
	{
		Name: "plan/one that contradicts itself",
		IDs:  []string{"plan.invalid"},
		check: func(w *world) {
			set := people(1)
			old := w.open(set, number(1), noon)
			broken := map[string]func(*store.Plan){
				"no set":            func(p *store.Plan) { p.Set = setless },
				"no reason":         func(p *store.Plan) { p.Reason = 0 },
				"unknown reason":    func(p *store.Plan) { p.Reason = 4 },
				"no chat":           func(p *store.Plan) { p.ChatID = uuid.Nil },
				"no line":           func(p *store.Plan) { p.Line = handleless },
				"line is recipient": func(p *store.Plan) { p.Line = person(1) },
				"abandoned":         func(p *store.Plan) { p.PreviousChatID = old },
				"negative limit":    func(p *store.Plan) { p.NewChatLimit = -1 },
				"no time":           func(p *store.Plan) { p.At = time.Time{} },
				"no message":        func(p *store.Plan) { p.MessageID = uuid.Nil },
				"expired at birth":  func(p *store.Plan) { p.KeepUntil = p.At.Add(-time.Second) },
			}
			for name, breakIt := range broken {
				p := w.opening(set, number(2), noon)
				breakIt(p)
				require.ErrorIs(w, p.Check(), store.ErrInvalid, name)
				w.refused(p, store.ErrInvalid)
			}
		},
	},
	{
		Name: "plan/one that contradicts the store",
		IDs:  []string{"plan.contradiction"},
		check: func(w *world) {
			set, others := people(1), people(2)
			here := w.open(set, number(1), noon)
			there := w.open(others, number(1), noon)
			left := w.seen(set, number(5), noon)
			w.apply(store.LineLeft{Chat: left})

			for _, id := range []uuid.UUID{here, there, left} {
				w.refused(w.plan(store.NewBestNumber, set, id, number(1), noon), store.ErrInvalid)
			}
			for _, id := range []uuid.UUID{there, left, w.id()} {
				w.refused(w.plan(store.ReusedActiveChat, set, id, number(1), noon), store.ErrInvalid)
				w.refused(w.failing(set, id, number(2), noon), store.ErrInvalid)
			}
			w.refused(w.plan(store.ReusedActiveChat, set, here, number(2), noon), store.ErrInvalid)

			empty, chatless := w.seen(people(3), number(1), noon), people(4) // a chat without a set, and a set without a chat
			w.apply(store.ParticipantRemoved{Chat: empty, Handle: person(3)})
			w.refused(w.plan(store.ReusedActiveChat, chatless, empty, number(1), noon), store.ErrInvalid)
			w.refused(w.failing(chatless, empty, number(2), noon), store.ErrInvalid)

			w.tenant = "another tenant" // it has no chats
			w.refused(w.plan(store.ReusedActiveChat, set, here, number(1), noon), store.ErrInvalid)
			w.refused(w.failing(set, here, number(2), noon), store.ErrInvalid)
			w.commit(w.plan(store.NewBestNumber, set, here, number(1), noon))
		},
	},
	{
		Name: "plan/a conflict goes before other refusals",
		IDs:  []string{"conflict.first"},
		check: func(w *world) {
			set := people(1)
			id := w.open(set, number(1), noon)
			reuse, failover := w.reusing(set, id, noon), w.failing(set, id, number(2), noon)
			w.apply(store.ParticipantAdded{Chat: id, Handle: person(2), At: noon})
			w.conflict(reuse, store.RevisionMoved)
			w.conflict(failover, store.RevisionMoved)

			first := w.withKey(w.opening(set, number(1), noon), "key")
			second := w.withKey(w.plan(store.NewBestNumber, set, first.ChatID, number(1), noon), "key")
			w.commit(first)
			second.Revision = w.revision(set)
			w.conflict(second, store.KeyTaken)
		},
	},
	{
		Name: "plan/a delivery without an outbox",
		IDs:  []string{"plan.outbox"},
		check: func(w *world) {
			w.open(people(1), number(1), noon)
			p := withDelivery(w.opening(people(1), number(1), noon), "x")
			outbox, ok := w.Store.(store.Outbox)
			if !ok {
				w.refused(p, store.ErrInvalid)
				return
			}
			backlog, err := outbox.Backlog(background)
			require.NoError(w, err)
			require.Zero(w, backlog)
			w.commit(p)
			backlog, err = outbox.Backlog(background)
			require.NoError(w, err)
			require.Equal(w, store.Backlog{Waiting: 1, Oldest: noon}, backlog)
		},
	},
}
