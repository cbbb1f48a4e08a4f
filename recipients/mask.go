package recipients

import (
	"log/slog"
	"strconv"
	"strings"
	"unicode/utf8"
)

const dots = "•••"

// Masked returns the form for logs: the calling code and at most the last two
// digits, never more than a third of the national ones, as in +1•••76, or the
// first character and the domain, as in a•••@example.com.
func (h Handle) Masked() string {
	switch {
	case h.IsPhone():
		code := h.CallingCode()
		if code == 0 {
			return "+" + dots
		}
		text := strconv.FormatUint(h.digits, 10)
		prefix := strconv.Itoa(code)
		national := text[len(prefix):]
		shown := min(2, len(national)/3)
		return "+" + prefix + dots + national[len(national)-shown:]
	case h.IsEmail():
		_, size := utf8.DecodeRuneInString(h.mail)
		return h.mail[:size] + dots + h.mail[strings.LastIndexByte(h.mail, '@'):]
	}
	return "(no handle)"
}

// LogValue returns the masked form, so that log/slog does not write a handle
// out. Package slog calls it for values that are logged by themselves. Handles
// inside a slice or a struct are written in full; log a [Set] instead.
func (h Handle) LogValue() slog.Value { return slog.StringValue(h.Masked()) }

// LogValue returns the masked forms of the members, separated by commas.
func (s Set) LogValue() slog.Value { return slog.StringValue(s.masked()) }

func (s Set) masked() string {
	masked := make([]string, s.Len())
	for i, h := range s.members() {
		masked[i] = h.Masked()
	}
	return strings.Join(masked, ",")
}
