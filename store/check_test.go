package store_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var (
	ann    = recipients.MustParse("+12025550143")
	mail   = recipients.MustParse("ann@example.com")
	number = recipients.MustParse("+12025550161")
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// people returns the set of these handles.
func people(handles ...recipients.Handle) recipients.Set {
	set, err := recipients.NewSet(handles...)
	if err != nil {
		panic(err)
	}
	return set
}

// requireInvalid fails unless the error says that the arguments are wrong and
// so that nothing was written.
func requireInvalid(t require.TestingT, err error, because string) {
	require.ErrorIs(t, err, store.ErrInvalid, because)
	require.ErrorIs(t, err, store.ErrNotWritten, because)
}

// texts are taken or refused whatever they are: tenants, keys, notes.
var texts = []struct {
	text string
	fine bool
}{
	{"a", true},
	{"Zürich 🙂", true},
	{"\x01", true},
	{"a\x00", false},
	{"\x00", false},
	{"\xff", false},
	{"a\xf0\x9f", false},
	{"\xed\xa0\x80", false}, // half a surrogate pair
}

func TestTenants(t *testing.T) {
	for _, c := range texts {
		if err := store.CheckTenant(c.text); c.fine {
			require.NoError(t, err, "%q", c.text)
		} else {
			requireInvalid(t, err, c.text)
		}
	}
	require.NoError(t, store.CheckTenant(strings.Repeat("é", store.MaxTenant/2)))
	requireInvalid(t, store.CheckTenant(strings.Repeat("é", store.MaxTenant/2)+"a"), "one byte too long")
	requireInvalid(t, store.CheckTenant(""), "empty")
}

func TestQueries(t *testing.T) {
	for _, c := range texts {
		for _, q := range []store.Query{{Tenant: c.text}, {Tenant: "acme", IdempotencyKey: c.text}} {
			if err := q.Check(); c.fine {
				require.NoError(t, err, "%+v", q)
			} else {
				requireInvalid(t, err, c.text)
			}
		}
	}
	require.NoError(t, (&store.Query{Tenant: "acme"}).Check(), "no key is fine")
	require.NoError(t, (&store.Query{Tenant: "acme", IdempotencyKey: strings.Repeat("é", store.MaxKey)}).Check(), "characters count, not bytes")
	requireInvalid(t, (&store.Query{Tenant: "acme", IdempotencyKey: strings.Repeat("a", store.MaxKey+1)}).Check(), "a character too long")
	requireInvalid(t, (&store.Query{}).Check(), "no tenant")
}

func TestHandlesLeasesAndWaits(t *testing.T) {
	require.NoError(t, store.CheckHandle(ann))
	require.NoError(t, store.CheckHandle(mail))
	requireInvalid(t, store.CheckHandle(recipients.Handle{}), "nobody")

	require.NoError(t, store.CheckLease(1))
	requireInvalid(t, store.CheckLease(0), "a lease that is over")
	requireInvalid(t, store.CheckLease(-1), "a lease that was over before")

	require.NoError(t, store.CheckWait(0))
	require.NoError(t, store.CheckWait(time.Hour))
	requireInvalid(t, store.CheckWait(-1), "a retry in the past")
}

func TestPages(t *testing.T) {
	for _, c := range []struct{ limit, page, purge int }{
		{0, store.MaxPage, store.MaxPage},
		{1, 1, 1},
		{store.MaxPage - 1, store.MaxPage - 1, store.MaxPage - 1},
		{store.MaxPage, store.MaxPage, store.MaxPage},
		{store.MaxPage + 1, store.MaxPage, store.MaxPage + 1},
		{math.MaxInt, store.MaxPage, math.MaxInt},
	} {
		page, err := store.PageSize(c.limit)
		require.NoError(t, err)
		require.Equal(t, c.page, page)
		purge, err := store.PurgeSize(c.limit)
		require.NoError(t, err)
		require.Equal(t, c.purge, purge)
	}
	for _, limit := range []int{-1, math.MinInt} {
		_, err := store.PageSize(limit)
		requireInvalid(t, err, "a negative page")
		_, err = store.PurgeSize(limit)
		requireInvalid(t, err, "a negative purge")
	}
}

func TestStates(t *testing.T) {
	state := func(change func(*line.State)) error {
		s := line.State{Tenant: "acme", Number: number, Status: line.Active, Reputation: line.Healthy, StatusAt: noon, ReputationAt: noon}
		change(&s)
		return store.CheckState(s)
	}
	require.NoError(t, state(func(*line.State) {}))
	require.NoError(t, state(func(s *line.State) { s.Status, s.StatusAt = 0, time.Time{} }), "a reputation alone")
	require.NoError(t, state(func(s *line.State) { s.Reputation, s.ReputationAt = 0, time.Time{} }), "a status alone")
	require.NoError(t, state(func(s *line.State) {
		*s = line.State{Tenant: "acme", Number: number, Ownership: line.Released, OwnershipAt: noon}
	}))
	require.NoError(t, state(func(s *line.State) { s.Status, s.Reputation = line.Flagged, line.Critical }))
	for because, change := range map[string]func(*line.State){
		"no tenant":                 func(s *line.State) { s.Tenant = "" },
		"no line":                   func(s *line.State) { s.Number = recipients.Handle{} },
		"a line that is an address": func(s *line.State) { s.Number = mail },
		"an unknown status":         func(s *line.State) { s.Status = 200 },
		"an unknown reputation":     func(s *line.State) { s.Reputation = 200 },
		"an unknown ownership":      func(s *line.State) { s.Ownership, s.OwnershipAt = 200, noon },
		"nothing that it says":      func(s *line.State) { *s = line.State{Tenant: s.Tenant, Number: s.Number} },
		"no time of the status":     func(s *line.State) { s.StatusAt = time.Time{} },
		"no time of the reputation": func(s *line.State) { s.ReputationAt = time.Time{} },
		"a time of no status":       func(s *line.State) { s.Status = 0 },
		"a time before 1970":        func(s *line.State) { s.StatusAt = time.Unix(-1, 0) },
	} {
		requireInvalid(t, state(change), because)
	}
}

// Times are those of messages: from 1970 to 9999, by the year in UTC.
func TestTimes(t *testing.T) {
	east, west := time.FixedZone("east", 3600), time.FixedZone("west", -3600)
	for _, c := range []struct {
		at   time.Time
		fine bool
	}{
		{time.Time{}, false},
		{time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), false},
		{time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{time.Date(1970, 1, 1, 0, 30, 0, 0, east), false},
		{time.Date(1969, 12, 31, 23, 30, 0, 0, west), true},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), true},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{time.Date(10000, 1, 1, 0, 30, 0, 0, east), true},
		{time.Date(9999, 12, 31, 23, 30, 0, 0, west), false},
	} {
		if err := (store.Activity{Chat: uuid.UUID{1}, At: c.at}).Check(); c.fine {
			require.NoError(t, err, "%v", c.at)
		} else {
			requireInvalid(t, err, c.at.String())
		}
	}
}
