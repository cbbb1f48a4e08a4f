package simulate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Under every model that looks at what lines do, the advice of vendors is sane:
// a grown line that opens fifty chats in twelve hours is rarely flagged, and
// more, faster or younger is never safer.
func TestCalibration(t *testing.T) {
	for _, m := range Models()[:5] {
		chances := map[Calibration]float64{}
		for _, c := range m.Calibrate(0.4) {
			chances[Calibration{Age: c.Age, N: c.N, Way: c.Way}] = c.Chance
		}
		at := func(age, n int, way string) float64 { return chances[Calibration{Age: age, N: n, Way: way}] }
		require.InDelta(t, 0.007, at(60, 50, "spread"), 0.006, m.Name)
		require.Greater(t, at(60, 200, "spread"), 0.1, m.Name)
		for _, n := range calibrationNs {
			require.GreaterOrEqual(t, at(0, n, "spread"), at(60, n, "spread"), "%s, %d a day", m.Name, n)
		}
		for i, n := range calibrationNs[1:] {
			require.GreaterOrEqual(t, at(60, n, "spread"), at(60, calibrationNs[i], "spread"), "%s, %d a day", m.Name, n)
		}
		require.GreaterOrEqual(t, at(60, 20, "1 h"), at(60, 20, "spread"), m.Name)
	}
}

// Models read back as they were written, and a misspelt member is no model.
func TestModelsAreData(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteModels(&b, Models()))
	again, err := ParseModels(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, Models(), again)
	for _, wrong := range []string{
		``, `[]`, `{}`, `[{"name": "a"}, {"name": "a"}]`, `{"name": "a", "allways": 1}`,
		`{"name": "a", "windows": [{"window": "2h", "at": 1}]}`, `{"name": "a", "always": -1}`,
		`{"name": "a", "tolerance": {"young": 2, "days": 1}}`, `{"name": "a", "campaigns": {"count": 99}}`,
		`{"name": "a", "reports": {"first": 2}}`, `{"name": "a", "sweeps": [{"day": -1}]}`,
		`{"name": "a", "memory": {"days": 1}}`, `{"name": "a", "replies": {"times": 1}}`,
	} {
		_, err := ParseModels([]byte(wrong))
		require.Error(t, err, wrong)
	}
}

// A scene reads back as it was written, and all that is wrong with one is told
// at once.
func TestScenesAreData(t *testing.T) {
	s := DefaultScene()
	var b bytes.Buffer
	require.NoError(t, s.WriteScene(&b))
	again, err := ParseScene(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, s, again)
	_, err = ParseScene([]byte(`{"line": 3}`))
	require.Error(t, err)
	wrong := Scene{Fleet: []byte(`{"phone_numbers": []}`), Young: 2, Days: 0, Chats: -1}
	err = wrong.Check()
	for _, word := range []string{"fleet", "young", "chats", "days", "outage", "begins"} {
		require.ErrorContains(t, err, word)
	}
}

// Guards are named by their parts.
func TestGuardNames(t *testing.T) {
	careful, err := ParseGuard("careful")
	require.NoError(t, err)
	joined, err := ParseGuard("ramp+pace+share")
	require.NoError(t, err)
	require.Equal(t, careful.Guard, joined.Guard)
	off, err := ParseGuard("off")
	require.NoError(t, err)
	require.True(t, off.Guard.IsZero())
	for _, wrong := range []string{"", "slow", "pace+slow", "Careful"} {
		_, err := ParseGuard(wrong)
		require.Error(t, err, wrong)
	}
}
