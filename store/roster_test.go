package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// anyTime draws times with nanoseconds, in several zones, some of them equal.
func anyTime(t *rapid.T, label string) time.Time {
	at := time.Unix(rapid.Int64Range(-2, 2).Draw(t, label+" seconds"), rapid.Int64Range(0, 2999).Draw(t, label+" nanoseconds"))
	return at.In(rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("east", 3*3600)}).Draw(t, label+" zone"))
}

func anySet(t *rapid.T) recipients.Set {
	pool := []recipients.Handle{ann, mail, recipients.MustParse("+442079460146")}
	return people(rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 1, 3, rapid.ID).Draw(t, "people")...)
}

func anyRoster(t *rapid.T) (r store.Roster, since time.Time, joined []time.Time) {
	set := anySet(t)
	since = anyTime(t, "since")
	for range set.Len() {
		at := since
		if rapid.Bool().Draw(t, "joined later") {
			at = anyTime(t, "joined")
		}
		joined = append(joined, at)
	}
	return store.NewRosterJoined(set, since, joined), since, joined
}

// Micros cuts: its result is never later, and less than a microsecond earlier.
// Cutting again changes nothing.
func TestMicrosCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := anyTime(t, "time")
		cut := store.Micros(at)
		require.Equal(t, time.UTC, cut.Location())
		require.Zero(t, cut.Nanosecond()%1000)
		require.False(t, cut.After(at))
		require.Less(t, at.Sub(cut), time.Microsecond)
		require.Equal(t, cut, store.Micros(cut), "equal by ==, not only as a time")
	})
	require.Equal(t, time.Time{}, store.Micros(time.Time{}.In(time.FixedZone("east", 3600))), "the zero time stays zero")
	now := time.Now()
	require.Equal(t, store.Micros(now), store.Micros(now.Round(0)), "a monotonic reading is dropped")
}

// A roster returns what it was made of, in microseconds.
func TestRosterKeepsWhoAndSinceWhen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, since, joined := anyRoster(t)
		require.Equal(t, store.Micros(since), r.Since())
		require.Equal(t, len(joined), r.Len())
		require.Equal(t, len(joined), r.Set().Len())
		for i, at := range joined {
			require.Equal(t, store.Micros(at), r.JoinedAt(i))
		}
		for _, outside := range []int{-1, len(joined)} {
			require.Panics(t, func() { r.JoinedAt(outside) })
		}
		require.Panics(t, func() { store.NewRosterJoined(r.Set(), since, append(joined, since)) })
		require.Panics(t, func() { store.NewRosterJoined(r.Set(), since, joined[1:]) })
	})
}

// A roster of people who all joined at once is the same value, however it was
// made, and so takes the same memory. The caller may change the times
// afterwards.
func TestRosterOfTheBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, since := anySet(t), anyTime(t, "since")
		joined := slices.Repeat([]time.Time{store.Micros(since).Add(999)}, set.Len())
		require.Equal(t, store.NewRoster(set, since), store.NewRosterJoined(set, since, joined))

		joined[0] = since.Add(time.Hour)
		r := store.NewRosterJoined(set, since, joined)
		joined[0] = time.Time{}
		require.Equal(t, store.Micros(since.Add(time.Hour)), r.JoinedAt(0))
	})
}

// Rosters are equal if and only if all their answers are.
func TestRostersAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _, _ := anyRoster(t)
		b, _, _ := anyRoster(t)
		want := a.Since().Equal(b.Since()) && a.Set().Equal(b.Set())
		for i := 0; want && i < a.Len(); i++ {
			want = a.JoinedAt(i).Equal(b.JoinedAt(i))
		}
		require.Equal(t, want, a.Equal(b))
		require.Equal(t, want, b.Equal(a))
		require.True(t, a.Equal(a))
	})
	set := people(ann, mail)
	at := time.Unix(1, 0)
	later := store.NewRosterJoined(set, at, []time.Time{at, at.Add(time.Second)})
	require.False(t, later.Equal(store.NewRoster(set, at)), "the second joined later")
	require.True(t, store.Roster{}.Equal(store.NewRoster(recipients.Set{}, time.Time{})))
}

// MoreRecent is the order of docs/rules.md §9: the later activity, then the
// later creation, then the smaller id. So no two chats are equal.
func TestMoreRecent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chat := func() store.Chat {
			return store.Chat{
				ID:        uuid.UUID{0: rapid.Byte().Draw(t, "first byte"), 15: rapid.Byte().Draw(t, "last byte")},
				ActiveAt:  time.Unix(rapid.Int64Range(0, 1).Draw(t, "active"), 0),
				CreatedAt: time.Unix(rapid.Int64Range(0, 1).Draw(t, "created"), 0),
			}
		}
		a, b := chat(), chat()
		order := cmp.Or(-a.ActiveAt.Compare(b.ActiveAt), -a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID.String(), b.ID.String()))
		require.Equal(t, order < 0, store.MoreRecent(a, b))
		require.Equal(t, order > 0, store.MoreRecent(b, a))
		require.Equal(t, order < 0, a.MoreRecentThan(&b))
	})
	earlier, later := time.Unix(1, 0), time.Unix(2, 0)
	order := []store.Chat{
		{ID: uuid.UUID{9}, ActiveAt: later, CreatedAt: later},
		{ID: uuid.UUID{1}, ActiveAt: later, CreatedAt: earlier},
		{ID: uuid.UUID{2}, ActiveAt: later, CreatedAt: earlier},
		{ID: uuid.UUID{0}, ActiveAt: earlier, CreatedAt: earlier},
	}
	for i, a := range order {
		for j, b := range order {
			require.Equal(t, i < j, store.MoreRecent(a, b), "%d and %d", i, j)
		}
	}
}
