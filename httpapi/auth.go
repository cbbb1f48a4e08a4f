package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/store"
)

// Authenticate returns the tenant that makes a request. It must not read the
// body. The error wraps [ErrUnauthenticated] (401, code 2004) or [ErrForbidden]
// (403, code 2005); any other error means that Authenticate could not check the
// request (503, code 4004). It must be safe for concurrent use.
type Authenticate func(r *http.Request) (tenant string, err error)

var (
	// ErrUnauthenticated means that the request has no valid token.
	ErrUnauthenticated = errors.New("httpapi: no valid token")
	// ErrForbidden means that the token does not allow this.
	ErrForbidden = errors.New("httpapi: not allowed for this token")
)

// Open accepts every request as one of the given tenant. Use it only for a
// server that no other machine can reach.
func Open(tenant string) Authenticate {
	return func(*http.Request) (string, error) { return tenant, nil }
}

// Tokens accepts requests with a tenant's token, as in "Authorization: Bearer
// TOKEN". A tenant may have several tokens at the same time, so you can replace
// one without a gap. Tokens keeps only hashes of them, and compares in constant
// time.
//
// The error names the tenant, and never the token: the tenant or a token is
// empty, a token has characters other than visible ASCII or fewer than 16 of
// them, two tenants have the same token, or there is no token at all.
func Tokens(ofTenant map[string][]string) (Authenticate, error) {
	type entry struct {
		hash   [sha256.Size]byte
		tenant string
	}
	var entries []entry
	for tenant, tokens := range ofTenant {
		if err := store.CheckTenant(tenant); err != nil {
			return nil, fmt.Errorf("httpapi: %w", err)
		}
		for _, token := range tokens {
			if err := checkToken(token); err != nil {
				return nil, fmt.Errorf("httpapi: tenant %q: %w", tenant, err)
			}
			e := entry{sha256.Sum256([]byte(token)), tenant}
			for _, other := range entries {
				if other.hash == e.hash && other.tenant != tenant {
					return nil, fmt.Errorf("httpapi: tenants %q and %q have the same token", other.tenant, tenant)
				}
			}
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return nil, errors.New("httpapi: no tokens: give a token to at least one tenant, or use Open")
	}
	return func(r *http.Request) (string, error) {
		token, err := bearer(r)
		if err != nil {
			return "", err
		}
		hash := sha256.Sum256([]byte(token))
		found := -1
		for i := range entries {
			same := subtle.ConstantTimeCompare(hash[:], entries[i].hash[:])
			found = subtle.ConstantTimeSelect(same, i, found)
		}
		if found < 0 {
			return "", errTokenUnknown
		}
		return entries[found].tenant, nil
	}, nil
}

const minToken = 16

func checkToken(token string) error {
	if len(token) < minToken {
		return fmt.Errorf("a token has to be at least %d characters long: a shorter one can be guessed", minToken)
	}
	if slices.ContainsFunc([]byte(token), func(c byte) bool { return c <= ' ' || c > '~' }) {
		return errors.New("a token may have only visible ASCII characters: make one with openssl rand -hex 32")
	}
	return nil
}

// Where a token stands, in the words of an answer.
const (
	headerToken = "Authorization"
	sendToken   = "send " + headerToken + ": Bearer TOKEN"
)

// The errors of a request that has no token of a tenant.
var (
	errTokenMissing = &credentialError{"token.missing", headerToken, "the header " + headerToken + " is missing: " + sendToken}
	errTokenMany    = &credentialError{"token.form", headerToken, "there is more than one header " + headerToken + ": send one"}
	errTokenForm    = &credentialError{"token.form", headerToken, "the header " + headerToken + " is not the word Bearer, a space and a token: " + sendToken}
	errTokenUnknown = &credentialError{"token.unknown", headerToken,
		"no tenant of this server has the token in the header " + headerToken + ": compare it with those that the server was given (serve -token)"}
)

// bearer returns the token of the request's one Authorization header.
func bearer(r *http.Request) (token string, err error) {
	headers := r.Header[headerToken]
	switch {
	case len(headers) == 0 || len(headers) == 1 && headers[0] == "":
		return "", errTokenMissing
	case len(headers) > 1:
		return "", errTokenMany
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	token = strings.TrimLeft(token, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errTokenForm
	}
	return token, nil
}

// credentialError is the error of a request whose token or signature is not
// good: 401, code 2004. Its text shows nothing of a token, a signature or a
// secret.
type credentialError struct{ rule, header, text string }

func (e *credentialError) Error() string { return "httpapi: " + e.text }

// Unwrap says that the request is not authenticated.
func (e *credentialError) Unwrap() error { return ErrUnauthenticated }

// answer returns the body that says so. Of a token the title stays that of the
// code, to the letter; the fault has the words.
func (e *credentialError) answer(docBase, traceID string) fault.Envelope {
	wrong := fault.Error{Faults: []fault.Fault{{Header: e.header, Rule: fault.Rule(e.rule), Code: fault.CodeUnauthenticated, Detail: e.text}}}
	answer := wrong.Envelope(docBase, traceID)
	if e.header != headerToken {
		answer.Error.Message = "Unauthorized - invalid webhook signature: " + e.text
	}
	return answer
}
