package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
)

// Options are the settings of a [Fleet]. In every field zero means the default
// that its comment names.
type Options struct {
	// Policy is the order in which lines are preferred, for all tenants. The
	// zero Policy is that of docs/rules.md §10.
	Policy Policy

	// Guard limits how fast the lines of all tenants open chats, except lines
	// with a Guard of their own. The zero Guard changes nothing (docs/rules.md
	// §10a).
	Guard line.Guard

	// PollEvery is how long [Fleet.Follow] waits between two polls. Default
	// 500 ms; at most a second, so that use and events are at most that old.
	PollEvery time.Duration

	// Source, if set, tells which lines each tenant has and how they are. The
	// fleet asks it if a caller needs the lines of a tenant and the last answer
	// is older than RefreshEvery. With a Source, calls that set lines fail. Nil
	// is for a fleet that you fill with [Fleet.SetLines], [Fleet.PutLine] or
	// [Fleet.Load].
	Source LineHealth

	// RefreshEvery is the age at which an answer of the Source is too old, so
	// that the fleet asks again: one caller at a time for each tenant. Default
	// 1 s.
	RefreshEvery time.Duration

	// StaleAfter is the age of the last good poll, and of the Source's last
	// good answer for a tenant, at which [Fleet.View] begins to refuse with
	// ErrStale. Default 5 s. For polls it has an effect only after the first
	// call of Sync or Follow.
	StaleAfter time.Duration

	// ActWithin is the age of the last good poll at which [Fleet.SyncIfOld]
	// polls again. A program that calls SyncIfOld before each decision acts
	// within that time on what another process learned, also after an outage of
	// the store. Default 1 s, or StaleAfter if that is less; at least
	// PollEvery.
	ActWithin time.Duration

	// Assigned, if set, has the settings for a number that an event reports as
	// assigned to us and that is not a line yet: the number becomes a line of
	// the event's tenant. With nil it does not become a line. A fleet with a
	// Source ignores Assigned and asks the Source.
	Assigned *line.Line

	// HoldFor is how long a reserved pick counts if the caller neither confirms
	// nor releases it. Default one minute. It must be longer than any commit
	// takes.
	HoldFor time.Duration

	// Clock returns the time for polls, events and the source; nil means
	// time.Now. Picks read no clock, and waits between polls use the clock of
	// the system.
	Clock func() time.Time

	// OnPollError, if set, is called with the error of each failed poll of
	// [Fleet.Follow] and each failed call of the Source. It is also called each
	// time the set of lines changes that an answer of the Source has but that
	// cannot be used. Several goroutines may call it at once. It must return
	// soon.
	OnPollError func(error)
}

// The defaults and ends of Options.
const (
	defaultPollEvery    = 500 * time.Millisecond
	maxPollEvery        = time.Second
	defaultRefreshEvery = time.Second
	defaultStaleAfter   = 5 * time.Second
	defaultActWithin    = time.Second
	defaultHoldFor      = time.Minute
)
