package fromline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// GateError is the error of a send that a Gate, or a consent in the store,
// stopped. Nothing was written.
type GateError struct {
	Admission Admission // OptedOut, Blocked or NotAllowed

	// Kept says that a consent in the store stopped the send, and not
	// Options.Gate.
	Kept bool

	// Into is the chat that the send names; uuid.Nil for other sends, which
	// name these people in to.
	Into uuid.UUID
}

// Error names the admission.
func (e *GateError) Error() string {
	if e.Kept {
		return "fromline: what is kept of these people stops this send: " + e.Admission.String()
	}
	return "fromline: the gate stops this send: " + e.Admission.String()
}

// fault returns what stops the send as a fault of the request, which says how
// to mend it; false for an admission that stops nothing. What the host's own
// gate goes by, only the host knows.
func (e *GateError) fault() (fault.Fault, bool) {
	var f fault.Fault
	if e.Into == uuid.Nil {
		f.Pointer = "/to"
	}
	switch e.Admission {
	case OptedOut:
		f.Rule, f.Code = fault.RuleOptedOut, fault.CodeOptedOut
		f.Detail = "this person opted out, by the list of those who run the server; override_optout: true sends this message nevertheless"
	case Blocked:
		f.Rule, f.Code = fault.RuleBlocked, fault.CodeBlocked
		f.Detail = "the list of those who run the server stops messages to these recipients: ask them to take that back"
	case NotAllowed:
		f.Rule, f.Code = fault.RuleNotAllowed, fault.CodeNotAllowed
		f.Detail = "those who run the server have not allowed messages to these recipients: ask them to"
	default:
		return f, false
	}
	if e.Kept {
		f.Detail = "" // the text of the rule
	}
	return f, true
}

// UnavailableError is the error of a send that the Router could not answer: the
// store, the line health or a hook failed, or the context ended. Nothing was
// written, unless Unknown is set.
type UnavailableError struct {
	Err error

	// Unknown says that the message may have been decided although the Router
	// has no answer.
	Unknown bool

	// Retry says whether you may try the same send again. It is false if that
	// could send twice: the outcome is unknown and the send has no idempotency
	// key.
	Retry bool
}

// Error says what failed.
func (e *UnavailableError) Error() string {
	says := "fromline: unavailable"
	if e.Unknown {
		says = "fromline: the outcome is unknown"
	}
	if e.Err == nil {
		return says
	}
	return fmt.Sprintf("%s: %v", says, e.Err)
}

// Unwrap returns what failed.
func (e *UnavailableError) Unwrap() error { return e.Err }

// unavailable wraps what failed before anything was written. What a retry
// cannot mend stays as it is.
func unavailable(err error) error {
	if errors.Is(err, fleet.ErrUnknownTenant) || errors.Is(err, store.ErrInvalid) {
		return err
	}
	if _, is := errors.AsType[*UnavailableError](err); is {
		return err
	}
	return &UnavailableError{Err: err, Retry: true}
}

// unread is the error of a read: where the store has not what was asked for, or
// cannot tell it at all, that stays as it is.
func unread(err error) error {
	if err == nil || errors.Is(err, store.ErrUnknownChat) || errors.Is(err, store.ErrNoRecord) || errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return unavailable(err)
}

// inputError is the error of a call whose arguments cannot be those of a send
// or an event: a mistake in the caller's program, not of the request that it
// passes on.
type inputError struct {
	says  string
	cause error // of the store, or nil
}

// Error says which argument to mend, and how.
func (e *inputError) Error() string { return "fromline: " + e.says }

// Unwrap says what kind of error it is to the packages below.
func (e *inputError) Unwrap() []error {
	if e.cause == nil {
		return []error{routing.ErrInput}
	}
	return []error{routing.ErrInput, e.cause}
}

// checkTenant returns why a text cannot be a tenant; where is the argument that
// it stood in.
func checkTenant(tenant, where string) error {
	err := store.CheckTenant(tenant)
	switch {
	case err == nil:
		return nil
	case tenant == "":
		return &inputError{"the tenant is empty: set " + where + " to the name under which your lines are kept", err}
	}
	return &inputError{where + ": " + strings.TrimPrefix(err.Error(), store.ErrInvalid.Error()+": "), err}
}

// CodeOf returns the wire code of an error of a Router, as Envelope writes it:
// fault.CodeInternal for an error that it does not know, and 0 for nil. It is
// safe for concurrent use.
func CodeOf(err error) fault.Code {
	if err == nil {
		return 0
	}
	if wrong := faultsOf(err); wrong != nil {
		return wrong.Primary().Code
	}
	if unanswered(err) {
		return fault.CodeStore
	}
	switch {
	case errors.Is(err, fleet.ErrUnknownTenant):
		return fault.CodeForbidden
	case errors.Is(err, fleet.ErrUnknownNumber):
		return fault.CodeLineNotFound
	case errors.Is(err, store.ErrUnknownChat):
		return fault.CodeChatNotFound
	case errors.Is(err, store.ErrNoRecord):
		return fault.CodeMessageNotFound
	case errors.Is(err, fleet.ErrAhead), errors.Is(err, fleet.ErrEvent):
		return fault.CodeValue
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.CodeStore
	}
	return fault.CodeInternal
}

// unanswered reports whether something that the answer needs could not answer:
// whatever is wrong there, such as in a host's own file, is no fault of the
// request.
func unanswered(err error) bool {
	_, unavailable := errors.AsType[*UnavailableError](err)
	return unavailable || errors.Is(err, fleet.ErrStale) || errors.Is(err, store.ErrClock)
}

// faultsOf returns what is wrong with the request that an error answers, nil if
// nothing is.
func faultsOf(err error) *fault.Error {
	if unanswered(err) {
		return nil
	}
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		return &fault.Error{Faults: []fault.Fault{refusal.Violation()}}
	}
	if stopped, is := errors.AsType[*GateError](err); is {
		if f, stops := stopped.fault(); stops {
			return &fault.Error{Faults: []fault.Fault{f}}
		}
	}
	wrong, _ := errors.AsType[*fault.Error](err)
	return wrong
}
