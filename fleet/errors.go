package fleet

import "errors"

var (
	// ErrUnknownTenant is wrapped by errors about a tenant that has no fleet.
	ErrUnknownTenant = errors.New("fleet: unknown tenant")

	// ErrStale is wrapped by the error of a [Fleet] whose last successful poll
	// of its source is longer ago than its bound: it refuses rather than guess
	// (docs/rules.md §15).
	ErrStale = errors.New("fleet: the line states are not current")
)
