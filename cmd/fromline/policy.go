package main

import (
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
)

// policyUsage describes the -policy flag of every sub-command.
const policyUsage = "`file` with the order in which lines are preferred, and what is required of them, as JSON; default: the order of docs/rules.md"

// readPolicy reads the file that a -policy flag names, the default policy for
// none.
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

// readAssigned reads the file that -assigned names, nil for none, and its
// warnings.
func readAssigned(path string) (*line.Line, []fleet.Warning, error) {
	if path == "" {
		return nil, nil, nil
	}
	text, err := readText(path)
	if err != nil {
		return nil, nil, fmt.Errorf("-assigned: %w", err)
	}
	l, warnings, err := fleet.ParseAssigned(text)
	if err != nil {
		return nil, nil, fmt.Errorf("-assigned %s: %w", path, err)
	}
	return &l, warnings, nil
}
