package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// The writes of a refused call are undone, and its caller gets the error, also
// if it shares its transaction with others.
func TestRefusedAmongOthers(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	at := time.Now()
	plan := func(i int) *store.Plan {
		person, err := recipients.FromDigits(12025550000 + uint64(i))
		require.NoError(t, err)
		set, err := recipients.NewSet(person)
		require.NoError(t, err)
		return &store.Plan{Tenant: "acme", Set: set, Record: store.Record{
			MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
		}, Content: []byte("content")}
	}
	const callers = 64
	leases, stale := make([]store.LeaseID, callers), make([]*store.Plan, callers)
	for i := range callers {
		p := plan(i)
		var err error
		leases[i], err = s.CommitLeased(t.Context(), p, time.Hour)
		require.NoError(t, err)
		other := *p // on the revision before the chat
		other.ChatID = uuid.New()
		stale[i] = &other
	}
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			var conflict *store.Conflict
			assert.ErrorAs(t, s.Reroute(t.Context(), leases[i], stale[i]), &conflict)
		})
		all.Go(func() { assert.NoError(t, s.Commit(t.Context(), plan(callers+i))) })
	}
	all.Wait()
	for _, l := range leases {
		_, err := s.Decision(t.Context(), l.Tenant, l.MessageID)
		require.NoError(t, err, "the record that was to be replaced is there")
		require.NoError(t, s.Ack(t.Context(), l))
	}
}
