package recipients

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// parseEmail brings an email address to its canonical form.
func parseEmail(s string) (Handle, error) {
	fault := func(rule string, at int) (Handle, error) {
		return Handle{}, &Error{Rule: rule, Offset: at, kind: ErrEmail, input: s}
	}
	at := strings.IndexByte(s, '@')
	if strings.IndexByte(s[at+1:], '@') >= 0 {
		return fault("email.at", at+1+strings.IndexByte(s[at+1:], '@'))
	}
	local := norm.NFC.String(strings.ToLower(norm.NFC.String(s[:at])))
	if local == "" || len(local) > 64 || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return fault("email.local", 0)
	}
	if i := strings.IndexAny(local, " \t\r\n\"(),:;<>[\\]"); i >= 0 {
		return fault("email.local", i)
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return fault("email.domain", at+1)
	}
	if len(local)+1+len(domain) > 254 {
		return fault("email.long", 254)
	}
	return Handle{mail: local + "@" + domain}, nil
}
