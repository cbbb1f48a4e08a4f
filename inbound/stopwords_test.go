package inbound_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/inbound"
)

// The vendor's rule, by its examples: the whole message, exact case, but for the
// forms of opt out.
func TestStopWords(t *testing.T) {
	words := inbound.VendorStopWords()
	for text, stops := range map[inbound.Text]bool{
		"STOP": true, " STOP\n": true, "UNSUBSCRIBE": true, "OPTOUT": true, "CANCEL": true, "END": true, "QUIT": true,
		"opt out": true, "Opt-Out": true, "optout": true, "OPT OUT": true,
		"Stop": false, "stop": false, "please stop": false, "STOP.": false, "": false, "STOP IT": false, "opt  out": false,
	} {
		require.Equal(t, stops, words.Has(text), "%q", string(text))
	}
	words.Folded = append(words.Folded, "arrêt")
	require.True(t, words.Has("ARRÊT"))
}
