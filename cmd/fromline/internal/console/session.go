package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
)

// cookie is the name of the cookie of a session.
const cookie = "fromline_console"

// sessions know who may read. A session is a number drawn by the server, signed
// with a secret that ends with the process: there is nothing to keep.
type sessions struct {
	token  string // "": none is asked for
	secret [32]byte
}

func newSessions(token string) sessions {
	s := sessions{token: token}
	_, _ = rand.Read(s.secret[:]) // never fails
	return s
}

// mayAsk reports whether a request may be answered at all. Without a token it
// has to come by loopback, and to name a loopback host: a page of another site
// that resolves its own name to this machine names itself.
func (s *sessions) mayAsk(r *http.Request) bool {
	if s.token != "" {
		return true
	}
	here, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if here == nil || !loopback(here.String()) || !loopback(r.RemoteAddr) {
		return false
	}
	return loopback(r.Host)
}

// loopback reports whether an address, with or without a port, is of loopback.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// sign returns the code of a text under a use.
func (s *sessions) sign(use, text string) string {
	mac := hmac.New(sha256.New, s.secret[:])
	mac.Write([]byte(use + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil))
}

// begin starts a session and returns its number.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request) string {
	number := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: number + "." + s.sign("session", number), Path: Base,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	return number
}

// end takes the cookie away.
func (s *sessions) end(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: Base, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// of returns the number of the session of a request, "" if it has none.
func (s *sessions) of(r *http.Request) string {
	c, err := r.Cookie(cookie)
	if err != nil {
		return ""
	}
	number, code, _ := strings.Cut(c.Value, ".")
	if !hmac.Equal([]byte(code), []byte(s.sign("session", number))) {
		return ""
	}
	return number
}

// isToken compares in constant time.
func (s *sessions) isToken(text string) bool {
	a, b := sha256.Sum256([]byte(text)), sha256.Sum256([]byte(s.token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// form returns the token of the forms of a session, and isForm checks it.
func (s *sessions) form(session string) string { return s.sign("form", session) }

func (s *sessions) isForm(session, text string) bool {
	return hmac.Equal([]byte(text), []byte(s.form(session)))
}
