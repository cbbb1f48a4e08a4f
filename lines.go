package fromline

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/rarely"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// LineHealth tells which lines a tenant has and how they are: the one method
// that a host with a table of lines of its own implements.
type LineHealth = fleet.LineHealth

// fleetLines is what a Router needs of a *fleet.Fleet. What embeds one has it
// too and can watch what a Router does with it.
type fleetLines interface {
	LineHealth

	// Picks.
	View(ctx context.Context, tenant string, at time.Time) (fleet.View, error)
	Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool
	Confirm(tenant string, at time.Time, line recipients.Handle, failover bool)
	Release(tenant string, at time.Time, line recipients.Handle, failover bool)
	Full(tenant string, line recipients.Handle, until time.Time)
	Paced(tenant string, line recipients.Handle, until time.Time)
	FailoversFull(tenant string, line recipients.Handle, until time.Time)
	PrefersKnown() bool

	// News of lines.
	StateOf(ctx context.Context, e fleet.Event) (line.State, error)
	Learn(s line.State) (applied bool, err error)
	FlagLine(tenant string, line recipients.Handle, at time.Time) (known line.State, applied bool, err error)
	Watch(w fleet.Watcher)

	// What the store knows of them.
	Follow(ctx context.Context, feed fleet.Feed) error
	SyncIfOld(ctx context.Context, feed fleet.Feed) error
	Overdue(began time.Time) bool
	Fresh() error
	LastPoll() time.Time
}

// fleetOf returns the lines as a fleet: as they are if they are one, and else a
// Fleet that asks them.
func fleetOf(lines LineHealth, o *Options) (fleetLines, error) {
	if f, is := lines.(fleetLines); is {
		if !reflect.ValueOf(o.Fleet).IsZero() {
			return nil, errors.New("give Fleet to fleet.New: the lines are a fleet.Fleet already, for which Options.Fleet changes nothing")
		}
		return f, nil
	}
	over := o.Fleet
	over.Source = lines
	if over.Clock == nil {
		over.Clock = o.Clock
	}
	if over.OnPollError == nil && o.Logger != nil {
		logger := o.Logger
		over.OnPollError = rarely.Tell(time.Minute, func(err error) {
			logger.Warn("cannot read the lines from their source, or what changed of them from the store", "error", err.Error())
		})
	}
	return fleet.New(over)
}

// Lines returns the lines of a tenant as they are now, in the order of their
// numbers. The errors are those of fleet.Fleet.View, and an [*UnavailableError]
// if Lines had to ask the store and the store does not answer. Lines is safe
// for concurrent use.
func (r *Router) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	if r.fleet == nil {
		return nil, errNotMade
	}
	if err := r.catchUp(ctx); err != nil {
		return nil, err
	}
	view, err := r.fleet.View(ctx, tenant, r.opts.Clock())
	if err != nil {
		return nil, err
	}
	return slices.Collect(view.All()), nil
}

// Chat returns a chat of the tenant, or an error that wraps
// store.ErrUnknownChat. The error is errors.ErrUnsupported if the store is no
// store.ChatReader, and an [*UnavailableError] if the store does not answer.
// Chat is safe for concurrent use.
func (r *Router) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	reader, can := r.chats.(store.ChatReader)
	if !can {
		return store.Chat{}, fmt.Errorf("fromline: the store shows no chats: %w", errors.ErrUnsupported)
	}
	c, err := reader.Chat(ctx, tenant, id)
	return c, unread(err)
}

// Ready returns nil if the Router can decide sends now, and otherwise the
// reason: the last successful poll of the lines is too old (fleet.ErrStale);
// the clock of this process is wrong (store.ErrClock); Options.MaxBacklog
// messages wait to be handed over; or a commit in the last ten seconds could
// not write to the store, because its disk is full (store.ErrFull) or its file
// was removed. It is safe for concurrent use.
func (r *Router) Ready(ctx context.Context) error {
	if r.fleet == nil {
		return errNotMade
	}
	if err := r.checkClock(ctx, r.opts.Clock()); err != nil {
		return err
	}
	if err := r.catchUp(ctx); err != nil {
		return err
	}
	if err := r.crowded(); err != nil {
		return err
	}
	if err := r.wrote.ready(); err != nil {
		return err
	}
	return r.fleet.Fresh()
}
