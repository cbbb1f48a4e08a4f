package people_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

var (
	line = recipients.MustParse("+13015550100")
	noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
)

// In whatever order people join and leave, the roster has those who joined
// last, each since the first join after the last leave.
func TestRosterFollowsItsEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roster := store.NewRoster(recipients.Set{}, noon)
		want := make(map[recipients.Handle]time.Time)
		for i := range rapid.IntRange(0, 60).Draw(t, "steps") {
			who, err := recipients.FromDigits(rapid.Uint64Range(12025550100, 12025550140).Draw(t, "who"))
			require.NoError(t, err)
			at := noon.Add(time.Duration(i) * time.Second)
			if rapid.Bool().Draw(t, "joins") {
				roster, err = people.Joined(roster, line, who, at)
				if _, there := want[who]; !there {
					want[who] = at
				}
			} else {
				roster, err = people.Left(roster, who)
				delete(want, who)
			}
			require.NoError(t, err)
			got := make(map[recipients.Handle]time.Time)
			for i, h := range roster.Set().All() {
				got[h] = roster.JoinedAt(i)
			}
			require.Equal(t, want, got)
			require.Equal(t, noon, roster.Since())
		}
		_, err := people.Joined(roster, line, line, noon)
		require.ErrorIs(t, err, store.ErrInvalid)
	})
}

// A person has one name, alone and in a group.
func TestNamesAreThoseOfDirectChats(t *testing.T) {
	a, b := recipients.MustParse("+12025550123"), recipients.MustParse("b@example.com")
	group, err := recipients.NewSet(a, b)
	require.NoError(t, err)
	direct, err := recipients.NewSet(b)
	require.NoError(t, err)
	names, err := people.Names(group)
	require.NoError(t, err)
	require.Len(t, names, 2)
	require.Equal(t, direct.Key(), names[1])
	_, err = people.Name(recipients.Handle{})
	require.ErrorIs(t, err, store.ErrInvalid)
}
