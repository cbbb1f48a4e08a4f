package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fromline/fromline/store"
)

// Authenticate says whose request it is, without reading its body. The error
// wraps [ErrUnauthenticated] (401, code 2004) or [ErrForbidden] (403, code
// 2005); any other one says that it could not be found out (503, code 4004). It
// must be safe for concurrent use.
type Authenticate func(r *http.Request) (tenant string, err error)

var (
	// ErrUnauthenticated means that the request has no valid token.
	ErrUnauthenticated = errors.New("httpapi: no valid token")
	// ErrForbidden means that the token does not allow this.
	ErrForbidden = errors.New("httpapi: not allowed for this token")
)

// Open lets all requests in as one tenant. It is meant for servers that only
// their own machine can reach.
func Open(tenant string) Authenticate {
	return func(*http.Request) (string, error) { return tenant, nil }
}

// Tokens lets in requests that show one of a tenant's tokens, as in
// "Authorization: Bearer TOKEN". Several tokens of a tenant are valid at the
// same time, so that they can be changed without a gap. A token is compared
// with all of them in a time that tells nothing about any. It keeps hashes of
// the tokens only.
//
// It fails on an empty tenant or token, on one with other characters than the
// visible ones of ASCII, on one shorter than 16 characters, which could be
// guessed, and on one given to two tenants.
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
		return nil, errors.New("httpapi: no tokens: no request could ever be let in")
	}
	return func(r *http.Request) (string, error) {
		token, ok := bearer(r)
		if !ok {
			return "", fmt.Errorf("%w: send Authorization: Bearer TOKEN", ErrUnauthenticated)
		}
		hash := sha256.Sum256([]byte(token))
		found := -1
		for i := range entries {
			same := subtle.ConstantTimeCompare(hash[:], entries[i].hash[:])
			found = subtle.ConstantTimeSelect(same, i, found)
		}
		if found < 0 {
			return "", ErrUnauthenticated
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
		return errors.New("a token consists of the visible characters of ASCII")
	}
	return nil
}

// bearer returns the token of the request's one Authorization header.
func bearer(r *http.Request) (token string, ok bool) {
	headers := r.Header["Authorization"]
	if len(headers) != 1 {
		return "", false
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	token = strings.TrimLeft(token, " ")
	return token, found && strings.EqualFold(scheme, "Bearer") && token != ""
}
