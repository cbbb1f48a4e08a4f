package main

import (
	"fmt"

	"github.com/fromline/fromline/fleet"
)

// policyUsage describes the -policy flag of every sub-command.
const policyUsage = "`file` with the order in which lines are preferred, and what is required of them, as JSON; default: the order of docs/rules.md"

// readPolicy reads the file that a -policy flag names, the default policy for none.
func readPolicy(path string) (fleet.Policy, error) {
	if path == "" {
		return fleet.Policy{}, nil
	}
	text, err := readText(path)
	if err != nil {
		return fleet.Policy{}, fmt.Errorf("-policy: %w", err)
	}
	p, err := fleet.ParsePolicy(text)
	if err != nil {
		return fleet.Policy{}, fmt.Errorf("-policy %s: %w", path, err)
	}
	return p, nil
}
