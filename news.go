package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ReportLine applies an event about one of our lines. If the store keeps states
// of lines, ReportLine first keeps the new state there: it survives a restart,
// and every process that follows the store acts on it. This process acts on it
// at once. applied says whether anything changed. An event of another type is
// no error and changes nothing.
//
// The errors are those of fleet.Fleet.ReportLine, and an [*UnavailableError] if
// the store could not keep the state: then this process has learned nothing,
// and you may report the event again. ReportLine is safe for concurrent use.
func (r *Router) ReportLine(ctx context.Context, e fleet.Event) (applied bool, err error) {
	if e == (fleet.Event{}) {
		return false, errEmptyEvent()
	}
	if !e.ChangesLine() {
		return false, nil
	}
	if r.fleet == nil {
		return false, errNotMade
	}
	if err := r.checkClock(ctx, r.opts.Clock()); err != nil {
		return false, err
	}
	state, err := r.fleet.StateOf(ctx, e)
	if err != nil {
		return false, err
	}
	before := r.known(ctx, state.Tenant, state.Number)
	if err := r.tellAhead(ctx, &state, before); err != nil {
		return false, notKept(err)
	}
	if r.states != nil {
		// An event that the store has outrun may still be news to this process,
		// which is behind the store by one poll at most.
		if _, err := r.states.ReportLine(ctx, state); err != nil {
			return false, notKept(err)
		}
	}
	if applied, err = r.fleet.Learn(state); applied {
		r.Wake()
		r.logChange(ctx, &state, before, r.known(ctx, state.Tenant, state.Number))
	}
	return applied, err
}

// errEmptyEvent is the error of an event that says nothing at all, not even its
// type.
func errEmptyEvent() error {
	return fmt.Errorf("%w: %w", fleet.ErrEvent, &fault.Error{Faults: []fault.Fault{{
		Pointer: "/event_type", Rule: "event.missing", Code: fault.CodeMissing,
		Detail: "the event is empty: make one with fleet.ParseEvent, or set its Type",
	}}})
}

// LineFlagged reports that our own delivery found a line flagged: the next send
// into its chats fails over. The flag counts as later than every earlier report
// of the line's status, and the store keeps it as [Router.ReportLine] says. The
// Router calls LineFlagged for its own deliveries; a host that delivers by
// other means must call it. It is safe for concurrent use.
//
// If the tenant has no such line, the error is that of the fleet, and nothing
// was kept. If the store could not keep the state, the error is an
// [*UnavailableError]: this process acts on the flag, and you should report it
// again.
func (r *Router) LineFlagged(ctx context.Context, tenant string, number recipients.Handle) error {
	if r.fleet == nil {
		return errNotMade
	}
	now := store.Micros(r.opts.Clock())
	before := r.known(ctx, tenant, number)
	state, err := r.fleet.StateOf(ctx, fleet.Event{Type: fleet.StatusUpdated, Tenant: tenant, Number: number, Status: line.Flagged, ChangedAt: now})
	if err != nil {
		return fmt.Errorf("fromline: a line that is flagged: %w", err)
	}
	r.logUntold(ctx, tenant, r.tellAhead(ctx, &state, before)) // it is told again below
	kept, applied, err := r.flag(ctx, tenant, number, now)
	if applied {
		r.logChange(ctx, &kept, before, r.known(ctx, tenant, number))
	} else if l := r.opts.Logger; l != nil && err == nil {
		l.LogAttrs(ctx, slog.LevelInfo, number.String()+" is flagged, as is known already", slog.String("tenant", tenant), slog.String("line", number.String()))
	}
	return err
}

// flag keeps that a line is flagged, and learns what is kept; or only this
// process learns it, where nothing can be kept.
func (r *Router) flag(ctx context.Context, tenant string, number recipients.Handle, now time.Time) (kept line.State, applied bool, err error) {
	if r.states == nil {
		return r.fleet.FlagLine(tenant, number, now)
	}
	err = r.checkClock(ctx, r.opts.Clock())
	var news bool
	if err == nil {
		kept, news, err = r.states.FlagLine(ctx, tenant, number, now)
	}
	if err != nil {
		if wrong, is := errors.AsType[*store.ClockError](err); is {
			now = now.Add(-wrong.Ahead) // else nothing that is told later would count
		}
		kept, applied, flagErr := r.fleet.FlagLine(tenant, number, now)
		return kept, applied, errors.Join(notKept(err), flagErr)
	}
	learned, err := r.fleet.Learn(kept)
	return kept, news || learned, err
}

// logUnknown writes the line of the log about a number that is no line of ours.
// Whose number it is cannot be known, so it is masked, unless the vendor says
// that it was assigned to us.
func (r *Router) logUnknown(ctx context.Context, e fleet.Event) {
	l := r.opts.Logger
	if l == nil {
		return
	}
	if e.Type == fleet.NumberAssigned {
		l.LogAttrs(ctx, slog.LevelWarn, e.Number.String()+" was assigned to us, and no fleet has it: add it to the fleet file",
			slog.String("tenant", e.Tenant))
		return
	}
	l.LogAttrs(ctx, slog.LevelWarn, "an event is about a number that is not our line",
		slog.String("tenant", e.Tenant), slog.String("event_type", e.Type), slog.Any("number", e.Number))
}

// notKept is the error of a state that a store did not keep.
func notKept(err error) error {
	err = fmt.Errorf("fromline: the line state was not kept: %w", err)
	if errors.Is(err, store.ErrInvalid) { // and never will be
		return err
	}
	return &UnavailableError{Err: err, Retry: true}
}
