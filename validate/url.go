package validate

import (
	"github.com/fromline/fromline/fault"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// schemes are the URL schemes that a place allows.
type schemes uint8

const (
	httpsOnly schemes = 1 + iota
	httpOrHTTPS
	httpsOrData
)

// url checks a URL. This is the policy for all of them (docs/rules.md §4, §6):
//
//   - It holds no space, backslash, control or invisible character (Unicode
//     categories Z, Cc and Cf), since clients disagree on what such a URL
//     names.
//   - It is absolute, and its scheme is https, or http where that is allowed;
//     letters of the scheme count in any case.
//   - It names a host, and neither a user nor a password.
//   - It has at most 2,048 characters, both as it was sent and as a URL is
//     written, with everything percent-encoded that must be.
//   - A data: URL, where allowed, has at most 16,384 characters and a comma.
//
// Nothing is resolved or fetched, and a URL that passes is used exactly as it
// was sent. It reports the first fault.
func (k *checker) url(at *path, s string, allowed schemes, code fault.Code) {
	if !k.clean(at, s, code) {
		return
	}
	if allowed == httpsOrData && hasPrefixFold(s, "data:") {
		k.dataURL(at, s, code)
		return
	}
	if n, within := codePoints(s, 0, maxURL); !within {
		k.fault(at, fault.Fault{Rule: fault.RuleURLLength, Code: code, Max: maxURL, Found: int64(n)})
		return
	}
	if i := badURLCharacter(s); i >= 0 {
		k.fault(at, fault.Fault{Rule: fault.RuleURLCharacter, Code: code, Found: int64(i)})
		return
	}
	want := "https"
	u, err := url.Parse(s)
	v := fault.Fault{Code: code}
	switch {
	case err != nil:
		v.Rule = fault.RuleURLSyntax
	case u.Scheme == "":
		v.Rule, v.Nearest = fault.RuleURLAbsolute, want
	case u.Scheme != want && !(allowed == httpOrHTTPS && u.Scheme == "http"):
		v.Rule, v.Nearest, v.Value = fault.RuleURLScheme, want, shorten(u.Scheme)
	case u.Hostname() == "":
		v.Rule = fault.RuleURLHost
	case u.User != nil:
		v.Rule = fault.RuleURLUserinfo
	case 3*len(s) > maxURL && len(u.String()) > maxURL: // a byte becomes at most three
		v.Rule, v.Max, v.Found = fault.RuleURLLength, maxURL, int64(len(u.String()))
	default:
		return
	}
	k.fault(at, v)
}

func (k *checker) dataURL(at *path, s string, code fault.Code) {
	if n, within := codePoints(s, 0, maxDataURL); !within {
		k.fault(at, fault.Fault{Rule: fault.RuleURLLength, Code: code, Max: maxDataURL, Found: int64(n)})
		return
	}
	if i := badURLCharacter(s); i >= 0 {
		k.fault(at, fault.Fault{Rule: fault.RuleURLCharacter, Code: code, Found: int64(i)})
		return
	}
	if strings.IndexByte(s, ',') < 0 {
		k.fault(at, fault.Fault{Rule: fault.RuleURLData, Code: code})
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// badURLCharacter returns the offset of the first character that must not stand
// in a URL; -1 if there is none.
func badURLCharacter(s string) int {
	for i, r := range s {
		switch {
		case r <= ' ' || r == '\\' || r == 0x7f:
			return i
		case r >= utf8.RuneSelf && unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf):
			return i
		}
	}
	return -1
}
