package proctest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Neighbours opens a store twice, as two processes do, and checks that what one
// writes the other sees in its next call: a poll of line states or of use by
// one process hears of all that was acknowledged to another before. So a
// process that polls a few times a second acts on every event within a second.
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
		require.NoError(t, writes.Ack(ctx, claimed[0].Lease)) // a lease is no property of a process

		late := planFor(send{round, 2}, people, "", uuid.New(), &before)
		var conflict *store.Conflict
		require.ErrorAs(t, reads.Commit(ctx, late), &conflict)
		require.Equal(t, store.RevisionMoved, conflict.Kind)
	}
}
