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

// Authenticate returns the tenant that makes a request. It must not read the
// body. The error wraps [ErrUnauthenticated] (401, code 2004) or [ErrForbidden]
// (403, code 2005); any other error means that it could not find out (503, code
// 4004). It must be safe for concurrent use.
type Authenticate func(r *http.Request) (tenant string, err error)

var (
	// ErrUnauthenticated means that the request has no valid token.
	ErrUnauthenticated = errors.New("httpapi: no valid token")
	// ErrForbidden means that the token does not allow this.
	ErrForbidden = errors.New("httpapi: not allowed for this token")
)

// Open accepts every request as one of the tenant given. Use it only for a
// server that no other machine can reach.
func Open(tenant string) Authenticate {
	return func(*http.Request) (string, error) { return tenant, nil }
}

// Tokens accepts requests with a tenant's token, as in "Authorization: Bearer
// TOKEN". A tenant may have several tokens at the same time, so you can change
// them without a gap. The time of the comparison does not depend on the tokens.
// It keeps only hashes of them.
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
		return errors.New("a token may have only visible ASCII characters: make one with openssl rand -hex 32")
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
