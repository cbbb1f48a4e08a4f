package main

import (
	"bytes"
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

// readSecrets reads the files of secrets, one secret a line.
func readSecrets(files ofTenants) (map[string][]string, error) {
	secrets := map[string][]string{}
	for tenant, paths := range files.values {
		for _, path := range paths {
			text, err := readText(path)
			if err != nil {
				return nil, err
			}
			for line := range bytes.Lines(text) {
				if line = bytes.TrimSpace(line); len(line) > 0 {
					secrets[tenant] = append(secrets[tenant], string(line))
				}
			}
		}
		if len(secrets[tenant]) == 0 {
			return nil, fmt.Errorf("tenant %q: the file is empty", tenant)
		}
	}
	return secrets, nil
}
