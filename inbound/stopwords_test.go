package inbound_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/inbound"
)

// The vendor's rule, by its examples: the whole message, exact case, but for
// the forms of opt out.
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

// The words of languages are found in any case, with any punctuation and
// spaces, and only if they are the whole message.
func TestStopWordsOfLanguages(t *testing.T) {
	words, err := inbound.StopWordsOf("en", "fr")
	require.NoError(t, err)
	for text, stops := range map[inbound.Text]bool{
		"STOP": true, "Stop!": true, "stop.": true, "« Arrêt »": true, "ARRET": true, "Opt-out": true, "stop  all": true, "revoke": true,
		"please stop": false, "stop it": false, "": false, "!": false, "alto": false,
	} {
		require.Equal(t, stops, words.Has(text), "%q", string(text))
	}
	for _, code := range inbound.StopLanguages() {
		words, err := inbound.StopWordsOf(code)
		require.NoError(t, err)
		for _, word := range words.Loose {
			require.True(t, words.Has(inbound.Text(" "+strings.ToUpper(word)+"!\n")), word)
			require.False(t, words.Has(inbound.Text("not "+word)), word)
		}
	}
	_, err = inbound.StopWordsOf("en", "xx")
	require.ErrorContains(t, err, "de, en, es, fr, it, nl, pt")
	require.True(t, inbound.Words{}.IsZero())
}
