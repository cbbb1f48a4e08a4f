package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// now returns the time of the store's clock, in microseconds.
func (w *world) now() time.Time {
	w.Helper()
	now, err := w.Store.(store.Clocked).Now(background)
	require.NoError(w, err)
	return store.Micros(now)
}

// tooFar checks the error of a call whose time was too far from the store's
// clock.
func (w *world) tooFar(err error, ahead, allowed time.Duration) {
	w.Helper()
	require.ErrorIs(w, err, store.ErrClock)
	require.ErrorIs(w, err, store.ErrNotWritten)
	wrong, is := errors.AsType[*store.ClockError](err)
	require.True(w, is, "the error does not tell how far: %v", err)
	require.Equal(w, allowed, wrong.Allowed)
	require.InDelta(w, ahead.Minutes(), wrong.Ahead.Minutes(), 4)
}

// skewed returns a plan of a caller whose clock is ahead by so much. The plan
// allows five minutes.
func (w *world) skewed(p *store.Plan, ahead time.Duration) *store.Plan {
	p.At = w.now().Add(ahead)
	p.KeepUntil, p.MaxSkew = p.At.Add(time.Hour), 5*time.Minute
	return p
}

// wrongClocks are the clocks of callers that must not write anything.
var wrongClocks = []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 8 * 24 * time.Hour, -time.Hour, 10 * time.Minute, -10 * time.Minute}

var clockedClauses = []Clause{
	{
		Name:  "clock/the store has one of its own",
		IDs:   []string{"clock.own"},
		Needs: []Power{Clocked, Clock},
		check: func(w *world) {
			before := w.now()
			w.Advance(26 * time.Hour)
			require.Equal(w, 26*time.Hour, w.now().Sub(before))
		},
	},
	{
		Name:  "clock/a plan that is too far from it",
		IDs:   []string{"clock.plan"},
		Needs: []Power{Clocked},
		check: func(w *world) {
			for i, ahead := range wrongClocks {
				p := w.skewed(w.loaded(w.opening(people(i), number(i), noon)), ahead)
				w.refused(p, store.ErrClock)
				w.tooFar(w.Store.Commit(background, p), ahead, p.MaxSkew)
				p.Revision++ // a wrong clock is no reason to look up again
				w.refused(p, store.ErrClock)
				p.Revision--
				w.commit(w.skewed(p, 0))
			}
			for i, ahead := range []time.Duration{3 * time.Minute, -3 * time.Minute} {
				w.commit(w.skewed(w.opening(people(i), number(i), noon), ahead))
			}
			p := w.skewed(w.opening(people(9), number(9), noon), 26*time.Hour)
			p.MaxSkew = 0
			w.commit(p)
			p = w.opening(people(8), number(9), noon)
			p.MaxSkew = -1
			w.refused(p, store.ErrInvalid)
		},
	},
	{
		Name:  "clock/a plan that is leased or rerouted",
		IDs:   []string{"clock.plan"},
		Needs: []Power{Clocked, Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			for i, ahead := range wrongClocks {
				p := w.skewed(withDelivery(w.opening(people(i), number(i), noon), "a"), ahead)
				w.unchanged(func() {
					id, err := s.CommitLeased(background, p, lease)
					w.tooFar(err, ahead, p.MaxSkew)
					require.Zero(w, id)
				})
				w.commit(w.skewed(p, 0))
				c := w.one("a")
				moved := w.rerouted(c, w.failing(p.Set, p.ChatID, number(100+i), noon))
				w.skewed(moved, ahead)
				w.unchanged(func() { w.tooFar(s.Reroute(background, c.Lease, moved), ahead, moved.MaxSkew) })
				w.reroute(c, w.skewed(moved, 3*time.Minute))
				require.NoError(w, s.Ack(background, w.one("a").Lease))
			}
		},
	},
	{
		Name:  "clock/what is told of chats lies no further ahead",
		IDs:   []string{"clock.ahead"},
		Needs: []Power{Clocked},
		check: func(w *world) {
			id := w.seen(people(1), number(1), noon)
			set := people(1)
			w.sets = append(w.sets, set, people(1, 2), people(3))
			w.apply(store.Activity{Chat: id, At: w.now().Add(3 * time.Minute)})
			for _, ahead := range []time.Duration{8 * time.Minute, 26 * time.Hour} {
				at := w.now().Add(ahead)
				for _, e := range []store.Event{
					store.Activity{Chat: id, At: at},
					store.ParticipantAdded{Chat: id, Handle: person(2), At: at},
					store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(3), CreatedAt: at},
					store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(3), CreatedAt: noon, ActiveAt: at},
				} {
					w.unchanged(func() {
						w.notApplied(0, store.ErrClock, e)
						w.tooFar(w.Store.Apply(background, w.tenant, []store.Event{e}), ahead, store.MaxAhead)
					})
					w.notApplied(2, store.ErrClock, store.Renamed{Chat: id, Named: true}, store.Renamed{Chat: id}, e, store.LineLeft{Chat: id})
				}
			}
			require.Len(w, w.look(set).Chats, 1)
		},
	},
	{
		Name:  "clock/what a network tells lies no further ahead",
		IDs:   []string{"clock.ahead"},
		Needs: []Power{Clocked, Inbox},
		check: func(w *world) {
			m := store.DirectMessage{
				Line: number(1), Sender: person(1), Chat: w.id(), At: w.now().Add(8 * time.Minute), Service: message.SMS, OptedOut: new(true),
			}
			w.sets = append(w.sets, people(1))
			w.unchanged(func() {
				chat, heard, err := w.Store.(store.Inbox).Hear(background, w.tenant, m)
				w.tooFar(err, 8*time.Minute, store.MaxAhead)
				require.Equal(w, uuid.Nil, chat)
				require.Zero(w, heard)
			})
			if w.has(Consents) {
				require.Empty(w, w.consents(10))
			}
			m.At = w.now().Add(3 * time.Minute)
			w.hear(m, store.HeardNews)
		},
	},
	{
		Name:  "clock/what is told of lines lies no further ahead",
		IDs:   []string{"clock.ahead"},
		Needs: []Power{Clocked, LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			at := w.now().Add(8 * time.Minute)
			flagged := stateOf(1, line.Flagged, at)
			risky := line.State{Tenant: acme, Number: number(1), Reputation: line.AtRisk, ReputationAt: at}
			ours := line.State{Tenant: acme, Number: number(1), Ownership: line.Assigned, OwnershipAt: at}
			for _, state := range []line.State{flagged, risky, ours} {
				applied, err := s.ReportLine(background, state)
				w.tooFar(err, 8*time.Minute, store.MaxAhead)
				require.False(w, applied)
			}
			kept, applied, err := s.FlagLine(background, acme, number(1), at)
			w.tooFar(err, 8*time.Minute, store.MaxAhead)
			require.False(w, applied)
			require.Zero(w, kept)
			states, _ := w.states(0, 10)
			require.Empty(w, states)
			_, applied, err = s.FlagLine(background, acme, number(1), w.now().Add(3*time.Minute))
			require.NoError(w, err)
			require.True(w, applied)
		},
	},
	{
		Name:  "clock/what is told of people lies no further ahead",
		IDs:   []string{"clock.ahead"},
		Needs: []Power{Clocked, Consents},
		check: func(w *world) {
			for _, word := range []store.ConsentChange{{OptedOut: new(true)}, {Blocked: new(true)}, {Allowed: new(true)}} {
				word.At = w.now().Add(8 * time.Minute)
				_, applied, err := w.Store.(store.Consents).ChangeConsent(background, w.tenant, person(1), word)
				w.tooFar(err, 8*time.Minute, store.MaxAhead)
				require.False(w, applied)
			}
			require.Empty(w, w.consents(10))
			w.say(person(1), store.ConsentChange{OptedOut: new(true), At: w.now().Add(3 * time.Minute)}, true)
		},
	},
	{
		Name:  "purge/not before the store's clock says so",
		IDs:   []string{"purge.clock"},
		Needs: []Power{Clocked, Clock, Purger},
		check: func(w *world) {
			now := w.now()
			for i := range 3 {
				p := w.withKey(w.opening(people(i), number(i), now), fmt.Sprint("key ", i))
				p.KeepUntil = now.Add(time.Duration(i) * time.Hour)
				w.commit(p)
			}
			w.Advance(time.Minute)
			for _, wrong := range []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 100 * 366 * 24 * time.Hour} {
				w.purge(now.Add(wrong), 0)
				require.NotNil(w, w.lookup(store.Query{IdempotencyKey: "key 1"}).Record)
			}
			require.Nil(w, w.lookup(store.Query{IdempotencyKey: "key 0"}).Record)
			w.Advance(time.Hour)
			require.Zero(w, w.purge(now, 0), "by the clock of the caller it is to be kept")
			require.Equal(w, 1, w.purge(now.Add(26*time.Hour), 0))
			require.NotNil(w, w.lookup(store.Query{IdempotencyKey: "key 2"}).Record)
		},
	},
}
