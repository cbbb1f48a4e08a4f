package inbound

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

// Words are texts such as STOP, with which people opt out or back in. A message
// counts if its whole text, without white space around it, is one of the words.
// Words is a plain value: add words of your own. Its methods are safe for
// concurrent use.
type Words struct {
	Exact  []string // as they are written here
	Folded []string // in any case
	Loose  []string // in any case, whatever the punctuation and the spaces
}

// VendorStopWords returns the stop words of the vendor's guide to opting out.
// All but one of them are compared exactly.
func VendorStopWords() Words {
	return Words{
		Exact:  []string{"STOP", "UNSUBSCRIBE", "OPTOUT", "CANCEL", "END", "QUIT"},
		Folded: []string{"opt out", "opt-out", "optout"},
	}
}

// stopWords are the words of languages, by their codes of ISO 639-1. Sources:
// for English 47 CFR 64.1200(a)(10), whose words a sender in the United States
// has to obey in any form, and the carriers' STOPALL; for French the words of
// Canadian short codes. The others say the same in their language.
var stopWords = map[string][]string{
	"de": {"stop", "stopp", "abmelden", "abbestellen"},
	"en": {"stop", "stop all", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"},
	"es": {"stop", "alto", "baja", "cancelar", "parar"},
	"fr": {"stop", "arret", "arrêt", "arrêter", "désabonner"},
	"it": {"stop", "annulla", "basta", "disiscrivi"},
	"nl": {"stop", "stoppen", "afmelden", "uitschrijven"},
	"pt": {"stop", "cancelar", "parar", "sair"},
}

// StopLanguages returns the codes of the languages that StopWordsOf knows,
// sorted.
func StopLanguages() []string {
	var all []string
	for code := range stopWords {
		all = append(all, code)
	}
	slices.Sort(all)
	return all
}

// StopWordsOf returns the vendor's stop words and those of the languages given,
// by their ISO 639-1 codes. Words of languages are compared as Words.Loose
// says. The error for an unknown language names the known ones.
func StopWordsOf(languages ...string) (Words, error) {
	words := VendorStopWords()
	for _, code := range languages {
		some, known := stopWords[code]
		if !known {
			return Words{}, fmt.Errorf("inbound: no stop words are known of %q: give some of %s", code, strings.Join(StopLanguages(), ", "))
		}
		words.Loose = append(words.Loose, some...)
	}
	return words, nil
}

// IsZero reports whether there are no words.
func (w Words) IsZero() bool { return len(w.Exact)+len(w.Folded)+len(w.Loose) == 0 }

// Has reports whether a text is one of the words.
func (w Words) Has(text Text) bool {
	word := strings.TrimSpace(string(text))
	if slices.Contains(w.Exact, word) || slices.ContainsFunc(w.Folded, func(other string) bool { return strings.EqualFold(word, other) }) {
		return true
	}
	if len(w.Loose) == 0 {
		return false
	}
	word = loosely(word)
	return word != "" && slices.ContainsFunc(w.Loose, func(other string) bool { return word == loosely(other) })
}

// loosely returns the letters and digits of a text in one case.
func loosely(text string) string {
	return cases.Fold().String(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, text))
}
