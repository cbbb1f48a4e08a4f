package inbound

import (
	"slices"
	"strings"
)

// StopWords are the words by which people ask not to be written to. A message is
// one where its whole text, without the white space around it, is a word. It is a
// plain value; a host adds words and languages.
type StopWords struct {
	Exact  []string // as they are written here
	Folded []string // in any case
}

// VendorStopWords returns the words of the vendor's rule, which compares all but
// one of them exactly. Source: the vendor's guide to opting out.
func VendorStopWords() StopWords {
	return StopWords{
		Exact:  []string{"STOP", "UNSUBSCRIBE", "OPTOUT", "CANCEL", "END", "QUIT"},
		Folded: []string{"opt out", "opt-out", "optout"},
	}
}

// Has reports whether a text is one of the words.
func (w StopWords) Has(text Text) bool {
	word := strings.TrimSpace(string(text))
	return slices.Contains(w.Exact, word) ||
		slices.ContainsFunc(w.Folded, func(other string) bool { return strings.EqualFold(word, other) })
}
