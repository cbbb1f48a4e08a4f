//go:build unix

package postgres_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// Of failovers that are decided on one look-up, one is committed: the row of a
// set that exists is locked, as that of a new one is inserted once.
func TestOneFailoverOfASet(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{MaxConnections: 16})
	for round := range 10 {
		first := newPlan(round)
		require.NoError(t, s.Commit(t.Context(), first))
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: first.Tenant, Set: first.Set.Key()})
		require.NoError(t, err)
		start := make(chan struct{})
		errs := make([]error, 16)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				p := newPlan(round)
				p.Reason, p.Abandoned, p.Revision = store.FailoverFlagged, first.Chat, snap.Revision
				p.Line, p.Chat = benchLine(i), uuid.New()
				p.Record.Reason, p.Record.Line, p.Record.ChatID, p.Record.PreviousChatID = p.Reason, p.Line, p.Chat, p.Abandoned
				<-start
				errs[i] = s.Commit(t.Context(), p)
			})
		}
		close(start)
		all.Wait()
		committed := 0
		for _, err := range errs {
			if err == nil {
				committed++
				continue
			}
			var conflict *store.Conflict
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, store.RevisionMoved, conflict.Kind)
		}
		require.Equal(t, 1, committed)
	}
}
