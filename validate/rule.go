package validate

import (
	"strings"
	"unicode/utf8"

	"github.com/fromline/fromline/fault"
)

// Message returns the text of the advisory, in English; "" for a rule of
// another package.
func (a Advisory) Message() string {
	text, _ := a.Rule.Template()
	return text
}

// maxValue is how many characters of what was sent are shown in a violation.
const maxValue = 64

// shorten returns s, or its beginning and an ellipsis, as valid UTF-8.
func shorten(s string) string {
	n := 0
	for i := range s {
		if n == maxValue {
			return strings.ToValidUTF8(s[:i], string(utf8.RuneError)) + "…"
		}
		n++
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// nullRule is what a nil part breaks, which would be null in JSON.
const nullRule = fault.RuleJSONNull
