package simulate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is read of runs that were played apart, by seeds and by guards, is
// written as if they had been played together; and runs that do not belong
// together are not put together.
func TestStudiesArePutTogether(t *testing.T) {
	plan := Plan{Scene: smallScene(t), Models: Models()[:2], Guards: namedGuards(t, "off", "careful", "careful+defer"), Seeds: []uint64{1, 2}}
	plan.Scene.Days = 4
	written := func(p Plan) []byte {
		study, err := Play(t.Context(), p)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, study.WriteJSON(&b))
		return b.Bytes()
	}
	var parts [][]byte
	for _, guards := range [][]Guard{plan.Guards[:2], {plan.Guards[0], plan.Guards[2]}} {
		for _, seed := range []uint64{2, 1} {
			part := plan
			part.Guards, part.Seeds = guards, []uint64{seed}
			parts = append(parts, written(part))
		}
	}
	together, err := ReadStudies(parts...)
	require.NoError(t, err)
	var got bytes.Buffer
	require.NoError(t, together.WriteJSON(&got))
	require.Equal(t, string(written(plan)), got.String())

	other := plan
	other.Scene.Days, other.Seeds = 5, []uint64{1}
	_, err = ReadStudies(parts[0], written(other))
	require.ErrorContains(t, err, "another scene")
	_, err = ReadStudies(parts[0], bytes.Replace(parts[0], []byte(`"flags": `), []byte(`"flags": 9`), -1))
	require.ErrorContains(t, err, "another way")
	_, err = ReadStudies([]byte("{}"))
	require.ErrorContains(t, err, "version 0")
	_, err = ReadStudies()
	require.ErrorContains(t, err, "no run")
}
