package fromline

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// GateError is the error of a send that a Gate stopped. Nothing was written.
type GateError struct {
	Admission Admission // OptedOut, Blocked or NotAllowed
}

// Error names the admission.
func (e *GateError) Error() string {
	return "fromline: the gate stops this send: " + e.Admission.String()
}

// UnavailableError is the error of a send that could not be answered: the
// store, the line health or a hook failed, or the context ended, and nothing
// was written unless Unknown says so.
type UnavailableError struct {
	Err error

	// Unknown says that the message may have been decided all the same.
	Unknown bool

	// Retry says whether the same send may be tried again. It is false when
	// that could send twice: the outcome is unknown and there is no key.
	Retry bool
}

// Error says what failed.
func (e *UnavailableError) Error() string {
	if e.Unknown {
		return fmt.Sprintf("fromline: the outcome is unknown: %v", e.Err)
	}
	return fmt.Sprintf("fromline: unavailable: %v", e.Err)
}

// Unwrap returns what failed.
func (e *UnavailableError) Unwrap() error { return e.Err }

// unavailable wraps what failed before anything was written. What a retry
// cannot mend stays as it is.
func unavailable(err error) error {
	if errors.Is(err, fleet.ErrUnknownTenant) || errors.Is(err, store.ErrInvalid) {
		return err
	}
	return &UnavailableError{Err: err, Retry: true}
}

// CodeOf returns the wire code of an error that Envelope answers, and
// validate.CodeInternal for one it does not know.
func CodeOf(err error) validate.Code {
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		return refusal.Code
	}
	if validate.DecodeFault(err) != nil {
		return validate.CodeBody
	}
	if fault, is := errors.AsType[*validate.Error](err); is {
		return fault.Primary().Code
	}
	if stopped, is := errors.AsType[*GateError](err); is {
		switch stopped.Admission {
		case OptedOut:
			return validate.CodeOptedOut
		case Blocked:
			return validate.CodeBlocked
		case NotAllowed:
			return validate.CodeNotAllowed
		}
	}
	if _, is := errors.AsType[*UnavailableError](err); is {
		return validate.CodeStore
	}
	if format, is := errors.AsType[*fleet.FormatError](err); is {
		return faultCode(format.Faults[0].Kind)
	}
	switch {
	case errors.Is(err, fleet.ErrUnknownTenant):
		return validate.CodeForbidden
	case errors.Is(err, fleet.ErrUnknownNumber):
		return validate.CodeLineNotFound
	case errors.Is(err, fleet.ErrAhead), errors.Is(err, fleet.ErrEvent):
		return validate.CodeValue
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return validate.CodeStore
	}
	return validate.CodeInternal
}

// faultCode is the wire code of a fault in a line event.
func faultCode(k fleet.FaultKind) validate.Code {
	switch k {
	case fleet.Malformed:
		return validate.CodeBody
	case fleet.Missing:
		return validate.CodeMissing
	case fleet.BadNumber:
		return validate.CodePhone
	}
	return validate.CodeValue
}
