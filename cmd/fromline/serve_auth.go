package main

import (
	"fmt"

	"github.com/fromline/fromline/httpapi"
)

// authentication is by the tokens of the flags, or lets all requests in where
// there are none.
func (s *server) authentication(f serveFlags) (httpapi.Authenticate, error) {
	if len(f.tokens.values) == 0 {
		return httpapi.Open(s.tenants[0]), nil
	}
	tokens, err := readSecrets(f.tokens)
	if err != nil {
		return nil, fmt.Errorf("-token: %w", err)
	}
	authenticate, err := httpapi.Tokens(tokens)
	if err != nil {
		return nil, fmt.Errorf("-token: %w", err)
	}
	return authenticate, nil
}

// readSecrets reads the secrets of each tenant.
func readSecrets(sources ofTenants) (map[string][]string, error) {
	secrets := map[string][]string{}
	for tenant, of := range sources.values {
		for _, source := range of {
			lines, err := secretLines(source)
			if err != nil {
				return nil, fmt.Errorf("tenant %q: %w", tenant, err)
			}
			secrets[tenant] = append(secrets[tenant], lines...)
		}
	}
	return secrets, nil
}
