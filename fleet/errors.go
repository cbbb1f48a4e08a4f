package fleet

import "errors"

var (
	// ErrUnknownTenant is wrapped by errors about a tenant that has no fleet.
	ErrUnknownTenant = errors.New("fleet: unknown tenant")

	// ErrUnknownNumber is wrapped by errors about a number that is not a line,
	// or not a line of the named tenant (wire code 2019).
	ErrUnknownNumber = errors.New("fleet: unknown number")

	// ErrStale is wrapped by the error of a [Fleet] whose last good poll of the
	// store, or last good answer of the source, is too old
	// ([Options.StaleAfter]): the Fleet refuses instead of using old states
	// (wire code 4004, docs/rules.md §15).
	ErrStale = errors.New("fleet: the line states are not current")

	// ErrEvent is wrapped by errors about an event that cannot be used: the
	// event has no type, no value for the line or no time (wire code 1001), has
	// an unknown value, or lies before 1970 (wire code 1005). They wrap a
	// *fault.Error too, with the place in the vendor's webhook. [ParseEvent]
	// returns no such event.
	ErrEvent = errors.New("fleet: not a usable event")

	// ErrTaken is wrapped by errors about a number that is a line of another
	// tenant, or that two different lines of one list have.
	ErrTaken = errors.New("fleet: the number is already a line")

	// ErrPolicy is wrapped by every error about a policy that cannot be used.
	ErrPolicy = errors.New("fleet: not a usable policy")

	// ErrOptions is wrapped by errors of [New] other than those of the policy.
	ErrOptions = errors.New("fleet: not usable options")
)
