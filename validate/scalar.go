package validate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/message"
)

// Bounds of lengths, in code points (docs/rules.md §4 to §8).
const (
	maxText           = 10_000
	maxURL            = 2_048
	maxDataURL        = 16_384
	maxLabel          = 512
	maxAppName        = 64
	maxBundleID       = 255
	maxIdempotencyKey = 255
)

// missing reports that a required member of the object at a place is not there,
// and what to write instead of an unknown one that was meant for it.
func (k *checker) missing(at *path, name string, unknown message.Members, known []string, code fault.Code) {
	v := fault.Fault{Rule: fault.RuleMissing, Code: code}
	for _, u := range unknown[:min(len(unknown), fault.Max)] {
		if guess := meant(at, u.Name, known); guess == name || strings.HasPrefix(guess, `"`+name+`"`) || strings.HasPrefix(guess, "/"+name+"/") {
			v.Value, v.Nearest = shorten(u.Name), guess
			break
		}
	}
	member := at.member(name)
	k.fault(&member, v)
}

// clean checks what every string must be: UTF-8, which decoded ones always are,
// and without U+0000.
func (k *checker) clean(at *path, s string, code fault.Code) bool {
	if !utf8.ValidString(s) {
		k.fault(at, fault.Fault{Rule: fault.RuleUTF8, Code: fault.CodeBody})
		return false
	}
	if strings.IndexByte(s, 0) >= 0 {
		k.fault(at, fault.Fault{Rule: fault.RuleNUL, Code: code})
		return false
	}
	return true
}

// length checks a string of least to most code points, and that it is clean. It
// reports whether all is well.
func (k *checker) length(at *path, s string, least, most int, code fault.Code) bool {
	ok := k.clean(at, s, code)
	if n, within := codePoints(s, least, most); !within {
		k.fault(at, fault.Fault{Rule: fault.RuleLength, Code: code, Min: int64(least), Max: int64(most), Found: int64(n)})
		return false
	}
	return ok
}

// shown checks the length of a text that people see, and that they see
// something of it. It reports nothing of one that may be empty and is.
func (k *checker) shown(at *path, s string, least, most int, code fault.Code) {
	if k.length(at, s, least, most, code) && s != "" && isBlank(s) {
		first, _ := utf8.DecodeRuneInString(s)
		k.fault(at, fault.Fault{Rule: fault.RuleBlank, Code: code, Value: fmt.Sprintf("U+%04X", first)})
	}
}

// isBlank reports whether a text has only characters that show nothing.
func isBlank(s string) bool {
	for _, r := range s {
		if !showsNothing(r) {
			return false
		}
	}
	return true
}

// showsNothing reports whether r is a space, a control or another character
// without a form of its own, among them those that Unicode says to leave out
// where a font has none for them.
func showsNothing(r rune) bool {
	const blankBraille = 0x2800 // a cell without dots
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return r == blankBraille || unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// codePoints reports whether s has least to most code points, and how many
// where it has not.
func codePoints(s string, least, most int) (n int, within bool) {
	if len(s) <= most && len(s) >= least*utf8.UTFMax {
		return 0, true
	}
	n = utf8.RuneCountInString(s)
	return n, least <= n && n <= most
}

// enum reports a name that is not one of the known ones.
func (k *checker) enum(at *path, name string, known []string, code fault.Code) {
	if k.clean(at, name, code) {
		k.fault(at, fault.Fault{Rule: fault.RuleEnum, Code: code, Value: shorten(name), Nearest: nearest.Name(name, known), Known: fault.OneOf(known)})
	}
}

// uuid checks a UUID in its form with hyphens.
func (k *checker) uuid(at *path, s string) {
	if isUUID(s) || !k.clean(at, s, fault.CodeValue) {
		return
	}
	k.fault(at, fault.Fault{Rule: fault.RuleUUID, Code: fault.CodeValue, Value: shorten(s)})
}

func isUUID(s string) bool {
	const length = 36 // uuid.Parse takes other forms too
	if len(s) != length {
		return false
	}
	_, err := uuid.Parse(s)
	return err == nil
}

// integer checks a number.
func (k *checker) integer(at *path, n, least, most int64, code fault.Code) {
	if n < least || n > most {
		k.fault(at, fault.Fault{Rule: fault.RuleInteger, Code: code, Min: least, Max: most, Found: n})
	}
}

// isExperience reports whether a name is that of a member of messages that the
// vendor's API has and this endpoint has not, or its name of before August
// 2026.
func isExperience(name string) bool { return name == "experience" || name == "action" }

// hasExperience reports whether the message asks for an experience instead of
// parts.
func hasExperience(m *message.Content) bool {
	return slices.ContainsFunc(m.Unknown, func(u message.Member) bool { return isExperience(u.Name) && u.Value.Kind() != jsontext.KindNull })
}

// maxName is how long the name of an unknown member may be, in bytes, to stand
// in a pointer. The pointer of one that is longer is that of its object.
const maxName = 128

// unknown reports members that are not known.
func (k *checker) unknown(at *path, list message.Members, known []string, code fault.Code) {
	for i := 0; i < len(list) && !k.full; i++ {
		name := list[i].Name
		v := fault.Fault{Rule: fault.RuleUnknown, Code: code, Value: shorten(name)}
		outer := at.depth() <= 1
		switch {
		case outer && name == "from":
			v.Rule = fault.RuleFrom
		case outer && isExperience(name):
			if list[i].Value.Kind() == jsontext.KindNull {
				continue
			}
			v.Rule, v.Code = fault.RuleExperience, fault.CodeFeature
		case code == fault.CodeValue && isVoiceMemo(name):
			v.Rule = fault.RuleVoiceMemo
		default:
			v.Nearest = meant(at, name, known)
		}
		place := *at
		if len(name) <= maxName {
			place = at.member(strings.ToValidUTF8(name, string(utf8.RuneError)))
		}
		k.fault(&place, v)
	}
}

// meant returns what an unknown member of the object at a place was probably
// meant as; "" if there is no sure guess.
func meant(at *path, name string, known []string) string {
	guess := cmp.Or(elsewhere(name, known), nearest.Name(name, known))
	if guess == "" && at.depth() <= 1 {
		guess = misplaced(name)
	}
	return guess
}

// elsewhere returns what stands here for the text of a message, or for the URL
// of a part, which other APIs and other parts have under names of their own; ""
// for any other member.
func elsewhere(name string, known []string) string {
	has := func(member string) bool { return slices.Contains(known, member) }
	text := has("text_decorations")
	switch name {
	case "text", "body", "content":
		switch {
		case has("message"):
			return `"message": {"parts": [{"type": "text", "value": "…"}]}`
		case has("parts"):
			return `"parts": [{"type": "text", "value": "…"}]`
		case text:
			return "value"
		}
	case "url", "link", "href", "value":
		switch {
		case has("value") && !text:
			return "value"
		case has("url") && !text:
			return "url"
		}
	}
	return ""
}

// misplaced returns the place of a member that is known in the request or the
// message, and so not where it was found; "" for any other.
func misplaced(name string) string {
	switch {
	case slices.Contains(contentMembers, name):
		return "/message/" + name
	case slices.Contains(requestMembers, name):
		return "/" + name
	}
	return ""
}

// isVoiceMemo reports whether a name was meant to ask for a voice memo.
func isVoiceMemo(name string) bool {
	if len(name) > maxName {
		return false
	}
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
	return strings.HasPrefix(name, "voicememo")
}
