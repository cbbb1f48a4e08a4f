package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/inbound"
)

// optOuts is the flag that says whether opt-outs stop messages, and whose words
// are stop words: true, false, or the codes of languages with commas between
// them.
type optOuts struct{ rules *fromline.ConsentRules }

func (o optOuts) IsBoolFlag() bool { return true }

func (o optOuts) String() string {
	if o.rules == nil {
		return ""
	}
	return strconv.FormatBool(o.rules.OptOuts)
}

func (o optOuts) Set(text string) error {
	if is, err := strconv.ParseBool(text); err == nil {
		o.rules.OptOuts, o.rules.StopWords = is, inbound.Words{}
		return nil
	}
	words, err := inbound.StopWordsOf(strings.Split(text, ",")...)
	if err != nil {
		return fmt.Errorf("give true, false, or languages whose stop words count, of %s, such as en,es", strings.Join(inbound.StopLanguages(), " "))
	}
	o.rules.OptOuts, o.rules.StopWords = true, words
	return nil
}
