package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
)

// Options are the settings of a [Fleet]. The comment of each field names its
// default, which zero stands for.
type Options struct {
	// Policy is the order in which lines are preferred, for all tenants. The
	// zero Policy is that of docs/rules.md §10.
	Policy Policy

	// Guard bounds how the lines of all tenants open chats, but for those with a
	// Guard of their own. The zero Guard changes nothing (docs/rules.md §10).
	Guard line.Guard

	// PollEvery is how long [Fleet.Follow] waits between two polls. Default
	// 500 ms; at most a second, so that use and events are at most that old.
	PollEvery time.Duration

	// Source, if set, tells which lines each tenant has and how they are. The
	// fleet asks it when a tenant's lines are wanted and its last answer is
	// older than RefreshEvery; lines are not set by calls then. nil for a fleet
	// that is filled with [Fleet.SetLines], [Fleet.PutLine] or [Fleet.Load].
	Source LineHealth

	// RefreshEvery is the age of an answer of the Source from which on it is
	// asked again, by one sender at a time for each tenant. Default 1 s.
	RefreshEvery time.Duration

	// StaleAfter is the age of the last good poll, and of the Source's last
	// good answer for a tenant, from which on [Fleet.View] refuses with
	// ErrStale. Default 5 s. For polls it counts once Sync or Follow was
	// called.
	StaleAfter time.Duration

	// ActWithin is the age of the last good poll at which [Fleet.SyncIfOld]
	// polls. A program that calls it before each decision acts within that time
	// on what another process learned, also after an outage of the store.
	// Default 1 s, or StaleAfter if that is less; at least PollEvery.
	ActWithin time.Duration

	// Assigned, if set, holds the settings of a number that an event says was
	// assigned to us and that is no line yet: it becomes a line of the event's
	// tenant with these settings. Nil makes it no line. A fleet with a Source
	// ignores Assigned and asks the Source.
	Assigned *line.Line

	// HoldFor is how long a reservation counts that is neither confirmed nor
	// released. Default one minute. It must be longer than any commit takes.
	HoldFor time.Duration

	// Clock tells the time of polls, events and the source; nil means time.Now.
	// Picks read no clock, and waits between polls are the system's.
	Clock func() time.Time

	// OnPollError, if set, is called with each poll of [Fleet.Follow] and each
	// question to the Source that failed, and with the lines of its answer that
	// cannot be used, each time these change; by several goroutines at once. It
	// must return soon.
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
