package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// Opt-outs are on with the vendor's words, on with those of languages, or off.
func TestOptOutsFlag(t *testing.T) {
	fleet := write(t, "fleet.json", twoLines)
	for given, want := range map[string]struct {
		on, stop bool // and "Stop!" is a stop word
	}{"": {true, false}, "-opt-outs": {true, false}, "-opt-outs=en,es": {true, true}, "-opt-outs=false": {false, false}} {
		args := []string{"-fleet", fleet}
		if given != "" {
			args = append(args, given)
		}
		var f serveFlags
		require.NoError(t, f.parse(args, io.Discard), given)
		require.Equal(t, want.on, f.consents.OptOuts, given)
		require.Equal(t, want.stop, f.consents.StopWords.Has("Stop!"), given)
	}
	config := write(t, "serve.json", `{"opt-outs":"fr","fleet":["`+fleet+`"]}`)
	var f serveFlags
	require.NoError(t, f.parse([]string{"-config", config}, io.Discard))
	require.True(t, f.consents.StopWords.Has("ARRÊT"))
	for _, wrong := range []string{"-opt-outs=en,", "-opt-outs=english", "-opt-outs=yes please"} {
		var f serveFlags
		require.ErrorContains(t, f.parse([]string{"-fleet", fleet, wrong}, io.Discard), "of de en es fr it nl pt", wrong)
	}
}
