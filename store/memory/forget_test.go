package memory

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// TestForgottenPeopleAreInNoSet states that forgetting a person leaves no set
// of that tenant behind that tells who it was, and every other set as it was:
// those of other people, and those of other tenants.
func TestForgottenPeopleAreInNoSet(t *testing.T) {
	ann, bob, line := recipients.MustParse("+12025550143"), recipients.MustParse("+12025550144"), recipients.MustParse("+12025550161")
	s := New(Options{})
	people := [][]recipients.Handle{{ann}, {bob}, {ann, bob}}
	for _, tenant := range []string{"acme", "zenith"} {
		for i, who := range people {
			set, err := recipients.NewSet(who...)
			require.NoError(t, err)
			seen := store.ChatSeen{ID: uuid.UUID{1, 15: byte(i)}, Line: line, Participants: set, CreatedAt: time.Unix(1_700_000_000, 0)}
			require.NoError(t, s.Apply(t.Context(), tenant, []store.Event{seen}))
		}
	}
	// Everybody left this one, whose set is empty but there.
	require.NoError(t, s.Apply(t.Context(), "zenith", []store.Event{store.LineLeft{Chat: uuid.UUID{1, 15: 0}}}))
	before := setsOf(s)

	removed, err := s.Forget(t.Context(), "acme", ann)
	require.NoError(t, err)
	require.Equal(t, 2, removed)
	left := setsOf(s)
	require.Equal(t, []string{bob.String()}, left["acme"])
	require.Equal(t, before["zenith"], left["zenith"])

	for _, who := range people {
		set, err := recipients.NewSet(who...)
		require.NoError(t, err)
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: set.Key()})
		require.NoError(t, err)
		require.Len(t, snap.Chats, map[bool]int{true: 0, false: 1}[set.Contains(ann)])
	}
}

// setsOf returns the people of the sets that are kept, by tenant.
func setsOf(s *Store) map[string][]string {
	found := map[string][]string{}
	for _, tenant := range []string{"acme", "zenith"} {
		for _, set := range s.tenants[tenant].sets {
			found[tenant] = append(found[tenant], set.people.String())
		}
		slices.Sort(found[tenant])
	}
	return found
}
