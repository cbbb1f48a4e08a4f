//go:build unix

package postgres_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// What is exported of one tenant is what is exported of all, but for the others.
func TestExportTenant(t *testing.T) {
	s := newDatabase(t).open(t, postgres.Options{})
	set, err := recipients.NewSet(recipients.MustParse("+12025550123"), recipients.MustParse("+12025550124"))
	require.NoError(t, err)
	ours := recipients.MustParse("+12025550161")
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tenant := range []string{"acme", "Acme", "other"} {
		p := &store.Plan{Tenant: tenant, Set: set, Content: []byte("{}"), Record: store.Record{
			Key: "k", MessageID: uuid.New(), ChatID: uuid.New(), Line: ours, At: at, KeepUntil: at.Add(time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
		}}
		require.NoError(t, s.Commit(t.Context(), p))
		require.NoError(t, s.Apply(t.Context(), tenant, []store.Event{store.ParticipantRemoved{Chat: p.ChatID, Handle: set.At(0)}}))
		_, err := s.ReportLine(t.Context(), line.State{Tenant: tenant, Number: ours, Status: line.Flagged, StatusAt: at})
		require.NoError(t, err)
	}
	require.NoError(t, s.Flush(t.Context()))
	printed := func(items iter.Seq2[store.Item, error], wanted func(store.Item) bool) (all []string) {
		for item, err := range items {
			require.NoError(t, err)
			if wanted(item) {
				all = append(all, fmt.Sprintf("%s %+v %+v %+v %+v %+v", item.Tenant, item.State, item.Use, item.Chat, item.Record, item.Delivery))
			}
		}
		slices.SortFunc(all, strings.Compare)
		return all
	}
	of := func(tenant string) func(store.Item) bool {
		return func(i store.Item) bool { return i.Tenant == tenant }
	}
	for _, tenant := range []string{"acme", "Acme", "nobody"} {
		want := printed(s.Export(t.Context()), of(tenant))
		require.Equal(t, want, printed(s.ExportTenant(t.Context(), tenant), func(store.Item) bool { return true }), tenant)
		require.Equal(t, tenant == "nobody", len(want) == 0)
	}
	require.Len(t, printed(s.ExportTenant(t.Context(), "acme"), of("acme")), 5)
	for _, err := range s.ExportTenant(t.Context(), "") {
		require.ErrorIs(t, err, store.ErrInvalid)
	}
}
