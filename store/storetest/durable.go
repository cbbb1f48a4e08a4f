package storetest

import (
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// reopen closes the store and opens it again.
func (w *world) reopen() {
	w.Helper()
	require.NoError(w, w.Store.(io.Closer).Close())
	w.Store = w.Reopen()
}

// vista is all that the powers of a store show of it.
type vista struct {
	observation
	Chats  map[string][]store.Chat
	Parked []store.ParkedDelivery
	Uses   []line.Use
	States []line.State
}

// everything reads a store through all of its powers.
func (w *world) everything() vista {
	w.Helper()
	v := vista{observation: w.observe()}
	if s, ok := w.Store.(store.ChatReader); ok {
		v.Chats = make(map[string][]store.Chat)
		for i := range 10 {
			chats, _, err := s.ChatsOfLine(background, w.tenant, number(i), uuid.Nil, 0)
			require.NoError(w, err)
			v.Chats[number(i).String()] = append([]store.Chat(nil), chats...)
		}
	}
	if s, ok := w.Store.(store.Outbox); ok {
		parked, _, err := s.Parked(background, w.tenant, uuid.Nil, 0)
		require.NoError(w, err)
		v.Parked = append(v.Parked, parked...)
	}
	if _, ok := w.Store.(store.UseReader); ok {
		v.Uses, _ = w.follow(0, 1000)
	}
	if _, ok := w.Store.(store.LineStates); ok {
		v.States, _ = w.states(0, 1000)
	}
	return v
}

// unnumbered removes the change numbers: a composed store that is opened again
// gives new ones.
func (v *vista) unnumbered() {
	for i := range v.Uses {
		v.Uses[i].Change = 0
	}
	for i := range v.States {
		v.States[i].Change = 0
	}
}

var durableClauses = []Clause{
	{
		Name:  "durable/everything is there after closing",
		IDs:   []string{"commit.durable"},
		Needs: []Power{Durability},
		check: func(w *world) {
			set := people(1, 2)
			old := w.commit(w.loaded(w.opening(set, number(1), noon)))
			p := w.loaded(w.failing(set, old, number(2), noon.Add(time.Hour)))
			w.decorate(&p.Record)
			w.commit(p)
			w.commit(w.loaded(w.reusing(set, p.ChatID, noon.Add(2*time.Hour))))
			seen := w.seen(people(3), number(3), noon)
			w.apply(
				store.ParticipantAdded{Chat: seen, Handle: person(4), At: noon},
				store.Renamed{Chat: seen, Named: true},
				store.Activity{Chat: seen, At: noon, Messages: 5},
				store.LineLeft{Chat: w.seen(people(5), number(3), noon)},
			)
			if s, ok := w.Store.(store.LineStates); ok {
				_, err := s.ReportLine(background, stateOf(1, line.Flagged, noon))
				require.NoError(w, err)
			}
			if s, ok := w.Store.(store.Outbox); ok {
				require.NoError(w, s.Park(background, w.claim(1)[0].Lease, 1, store.ParkedAttempts))
			}
			w.settle()
			before := w.everything()
			w.reopen()
			after := w.everything()
			if w.Composed {
				before.unnumbered()
				after.unnumbered()
			}
			require.Equal(w, before, after)
			w.conflict(p, store.RevisionMoved)
			if _, ok := w.Store.(store.Outbox); ok {
				require.Len(w, w.claim(10), 1)
			}
			w.open(set, number(1), noon)
		},
	},
	{
		Name:  "durable/revisions and change numbers go on",
		IDs:   []string{"revision.unique", "state.changes"},
		Needs: []Power{Durability},
		check: func(w *world) {
			set := people(1)
			given := make(map[store.Revision]bool)
			var last line.Change
			for i := range 4 {
				w.open(set, number(i), noon)
				require.False(w, given[w.revision(set)])
				given[w.revision(set)] = true
				if _, ok := w.Store.(store.UseReader); ok {
					w.settle()
					uses, next := w.follow(last, 10)
					require.NotEmpty(w, uses)
					last = next
				}
				w.reopen()
			}
		},
	},
	{
		Name:  "durable/leases last",
		IDs:   []string{"claim.alone"},
		Needs: []Power{Durability, Outbox},
		check: func(w *world) {
			w.deliver(1, "a")
			l := w.claim(1)[0].Lease
			w.reopen()
			require.Empty(w, w.claim(1))
			require.NoError(w, w.Store.(store.Outbox).Ack(background, l))
		},
	},
}
