package fleet

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
)

// What is written of a guard is read as the same guard.
func TestGuardsSurviveTheRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGuard(t)
		back, err := ParseGuard(FormatGuard(g))
		require.NoError(t, err)
		require.Equal(t, g, back)
	})
	require.Equal(t, `"off"`, string(FormatGuard(line.Guard{})))
	require.Equal(t, `"careful"`, string(FormatGuard(line.Careful())))
	careful, err := ParseGuard([]byte(`{"gap": "5m", "burst": 3.0, "ramp_days": 14, "ramp_start": 20, "failover_share": 20}`))
	require.NoError(t, err)
	require.Equal(t, line.Careful(), careful)
}

// The ends of the ranges are in them.
func TestGuardsReachTheirEnds(t *testing.T) {
	for _, g := range []line.Guard{
		{Gap: time.Microsecond, Burst: 1, RampDays: 1, RampStart: 1, FailoverShare: 1},
		{Gap: line.MaxGap, Burst: line.MaxBurst, RampDays: line.MaxRampDays, RampStart: 100, FailoverShare: 100},
	} {
		require.NoError(t, g.Validate())
		back, err := ParseGuard(FormatGuard(g))
		require.NoError(t, err)
		require.Equal(t, g, back)
	}
}

func TestGuardsThatCannotBeRead(t *testing.T) {
	for text, places := range map[string][]string{
		`"carefull"`:                {""},
		`7`:                         {""},
		`null7`:                     {""},
		`{"gap": "5"}`:              {"/gap", "/gap"},
		`{"gap": "0s"}`:             {"/gap", "/gap"},
		`{"gap": "24h1us"}`:         {"/gap", "/gap"},
		`{"gap": 5, "burst": 1}`:    {"/gap"},
		`{"burst": 3}`:              {"/burst"},
		`{"ramp_days": 14}`:         {"/ramp_days"},
		`{"ramp_start": 0}`:         {"/ramp_start", "/ramp_start"},
		`{"failover_share": 101}`:   {"/failover_share"},
		`{"failovershare": 20}`:     {"/failovershare"},
		`{"gap":"5m","burst":1001}`: {"/burst"},
	} {
		_, err := ParseGuard([]byte(text))
		var wrong *FormatError
		require.True(t, errors.As(err, &wrong), text)
		var got []string
		for _, f := range wrong.Faults {
			got = append(got, f.Pointer)
		}
		require.Equal(t, places, got, text)
	}
}

// A line of a file may have a guard of its own, and says when it began; not in
// the future.
func TestGuardInAFile(t *testing.T) {
	f, _, err := ParseFile([]byte(`{"phone_numbers":[
		{"id":"a","phone_number":"+14155550100","guard":"off","started_at":"2026-11-01T00:00:00Z"},
		{"id":"b","phone_number":"+14155550101","guard":{"failover_share":10}},
		{"id":"c","phone_number":"+14155550102"}]}`))
	require.NoError(t, err)
	require.Equal(t, &line.Guard{}, f.Lines[0].Guard)
	require.Equal(t, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), f.Lines[0].StartedAt)
	require.Equal(t, &line.Guard{FailoverShare: 10}, f.Lines[1].Guard)
	require.Nil(t, f.Lines[2].Guard)

	fleet, err := New(Options{Clock: fixedClock(epoch)})
	require.NoError(t, err)
	_, err = fleet.Load("acme", []byte(`{"phone_numbers":[{"id":"a","phone_number":"+14155550100","started_at":"2026-11-21T20:36:00Z"}]}`))
	require.ErrorIs(t, err, ErrAhead)
	_, _, err = ParseFile([]byte(`{"phone_numbers":[{"id":"a","phone_number":"+14155550100","guard":{"gap":"1h"}}]}`))
	var wrong *FormatError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "/phone_numbers/0/guard/gap", wrong.Faults[0].Pointer)
}
