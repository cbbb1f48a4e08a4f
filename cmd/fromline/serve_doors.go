package main

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/cmd/fromline/internal/console"
	"github.com/fromline/fromline/fault"
)

// localHosts lets in only requests to a name of this machine itself. What a
// server that asks for no token serves could else be read by a page of another
// site whose name was made to lead here (DNS rebinding). Others are answered by
// refuse.
func localHosts(h http.Handler, refuse func(w http.ResponseWriter, says string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocalHost(r.Host) {
			refuse(w, "without tokens this server answers to the host names localhost, 127.0.0.1 and [::1] only: "+
				"call it by one of these, or give it tokens (serve -token TENANT=@FILE)")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// refuseHost answers a request of the endpoint to another host name in the form
// of every other error. The name is not trusted, so the link leads to the
// address that the server listens on.
func (s *server) refuseHost(w http.ResponseWriter, says string) {
	id := uuid.New()
	trace := hex.EncodeToString(id[:])
	answer := fault.Answer(fault.CodeForbidden, cmp.Or(s.settings.docBase, "http://"+s.apiListener.Addr().String()+s.settings.prefix), trace)
	answer.Error.Message += ": " + says
	w.Header().Set("X-Trace-ID", trace)
	w.Header().Set("Cache-Control", "no-store")
	answerOps(w, answer.Error.Status, answer)
}

// isLocalHost says whether a Host header names this machine.
func isLocalHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// guardOps closes the door of -ops-addr: by its token where other machines can
// reach it, and else by the name that it is asked for.
func (s *server) guardOps(f serveFlags, h http.Handler) (http.Handler, error) {
	if isLoopback(f.opsAddr) {
		return localHosts(h, func(w http.ResponseWriter, _ string) {
			answerOps(w, http.StatusForbidden, map[string]any{"why": "this address answers to the host names localhost, 127.0.0.1 and [::1] only: call it by one of these"})
		}), nil
	}
	token, err := f.operatorsToken()
	if err != nil {
		return nil, err
	}
	return withToken(h, token, console.Base), nil
}

// operatorsToken reads the token of -ops-token, "" if none is given.
func (f *serveFlags) operatorsToken() (string, error) {
	const least = 16 // as httpapi.Tokens has it
	tokens, err := f.opsToken.lines()
	switch {
	case err != nil || len(tokens) == 0:
		return "", err
	case len(tokens) > 1:
		return "", errors.New("there is more than one line: give one token")
	case len(tokens[0]) < least:
		return "", fmt.Errorf("the token has to be at least %d characters long: a shorter one can be guessed", least)
	}
	return tokens[0], nil
}

// withToken lets in only requests with the token, as a Bearer token, but for
// those about being alive and ready, which hold nothing, and those to the open
// paths, which have a door of their own.
func withToken(h http.Handler, token string, open ...string) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, prefix := range append(open, "/livez", "/readyz") {
			if r.URL.Path == prefix || strings.HasPrefix(r.URL.Path, prefix+"/") {
				h.ServeHTTP(w, r)
				return
			}
		}
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answerOps(w, http.StatusUnauthorized, map[string]any{"why": "send the header Authorization: Bearer TOKEN, with the token that -ops-token names"})
			return
		}
		h.ServeHTTP(w, r)
	})
}
