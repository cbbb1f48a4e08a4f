package proctest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Neighbours opens a store twice, as two processes do, and checks that one sees
// what the other wrote in its next call: a poll of line states or use sees
// everything that was acknowledged to the other before. So a process that polls
// a few times a second acts on every event within a second.
func Neighbours(t *testing.T, open Open, source string) {
	ctx := context.Background()
	pair := make([]Store, 2)
	for i := range pair {
		s, err := open(ctx, source, 0)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		pair[i] = s
	}
	at := time.Now()
	var states [2]line.Change
	var uses line.Change
	for round := range 6 {
		writes, reads := pair[round%2], pair[1-round%2]
		at = at.Add(time.Second)
		state := line.State{
			Tenant: tenant, Number: lineOf(0), StatusAt: store.Micros(at), ReputationAt: store.Micros(at),
			Status: line.Status(1 + round%2), Reputation: line.Reputation(1 + round%3),
		}
		applied, err := writes.ReportLine(ctx, state)
		require.NoError(t, err)
		require.True(t, applied)
		for i, s := range pair {
			heard, last, err := s.LineStates(ctx, states[i], 0)
			require.NoError(t, err)
			require.Len(t, heard, 1)
			heard[0].Change = 0
			heard[0].FlaggedAt, heard[0].RecoveredAt = time.Time{}, time.Time{} // the store derives them
			require.Equal(t, state, heard[0])
			states[i] = last
		}

		people := peopleOf(round)
		look := func(s Store) store.Snapshot {
			snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: people.Key()})
			require.NoError(t, err)
			return snap
		}
		before := look(reads)
		p := planFor(send{round, 1}, people, "", uuid.New(), &before)
		p.Line = lineOf(0)
		require.NoError(t, writes.Commit(ctx, p))
		require.Equal(t, p.ChatID, look(reads).Chats[0].ID)
		heard, last, err := reads.LineUse(ctx, uses, 0)
		require.NoError(t, err)
		require.Len(t, heard, 1)
		require.Equal(t, round+1, heard[0].Window(heard[0].Hour))
		uses = last

		claimed, err := reads.Claim(ctx, time.Hour, 0)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		none, err := writes.Claim(ctx, time.Hour, 0)
		require.NoError(t, err)
		require.Empty(t, none, "a delivery is leased to both")
		require.NoError(t, writes.Ack(ctx, claimed[0].Lease)) // another process may acknowledge a lease

		late := planFor(send{round, 2}, people, "", uuid.New(), &before)
		var conflict *store.Conflict
		require.ErrorAs(t, reads.Commit(ctx, late), &conflict)
		require.Equal(t, store.RevisionMoved, conflict.Kind)
	}
	oneState(t, pair)
}

// oneState makes both processes report the same states of a line at once, in
// opposite orders, and checks that the store merges all of them.
func oneState(t *testing.T, pair []Store) {
	ctx := context.Background()
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	var events []line.State
	want := line.State{Tenant: tenant, Number: lineOf(1)}
	for i := range 24 {
		e := want
		e.Status, e.StatusAt = line.Status(1+i%2), at.Add(time.Duration(i*7%12))
		e.Reputation, e.ReputationAt = line.Reputation(1+i%3), at.Add(time.Duration(i*5%12)*time.Microsecond)
		events = append(events, e)
	}
	var all sync.WaitGroup
	for i, s := range pair {
		mine := slices.Clone(events)
		if i == 1 {
			slices.Reverse(mine)
		}
		all.Go(func() {
			for _, e := range mine {
				if _, err := s.ReportLine(ctx, e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, e := range events {
		want, _ = want.Merge(store.CutState(e))
	}
	for _, s := range pair {
		states, _, err := s.LineStates(ctx, 0, 0)
		require.NoError(t, err)
		i := slices.IndexFunc(states, func(s line.State) bool { return s.Number == want.Number })
		require.GreaterOrEqual(t, i, 0)
		states[i].Change = 0
		require.Equal(t, want, states[i])
	}
}
