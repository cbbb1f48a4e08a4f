package fromline

import (
	"context"
	"errors"
	"fmt"
	"github.com/fromline/fromline/fault"

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
// fault.CodeInternal for one it does not know.
func CodeOf(err error) fault.Code {
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		return refusal.Code
	}
	if validate.DecodeFault(err) != nil {
		return fault.CodeBody
	}
	if wrong, is := errors.AsType[*fault.Error](err); is {
		return wrong.Primary().Code
	}
	if stopped, is := errors.AsType[*GateError](err); is {
		switch stopped.Admission {
		case OptedOut:
			return fault.CodeOptedOut
		case Blocked:
			return fault.CodeBlocked
		case NotAllowed:
			return fault.CodeNotAllowed
		}
	}
	if _, is := errors.AsType[*UnavailableError](err); is {
		return fault.CodeStore
	}
	if format, is := errors.AsType[*fleet.FormatError](err); is {
		return faultCode(format.Faults[0].Kind)
	}
	switch {
	case errors.Is(err, fleet.ErrUnknownTenant):
		return fault.CodeForbidden
	case errors.Is(err, fleet.ErrUnknownNumber):
		return fault.CodeLineNotFound
	case errors.Is(err, fleet.ErrAhead), errors.Is(err, fleet.ErrEvent):
		return fault.CodeValue
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.CodeStore
	}
	return fault.CodeInternal
}

// faultCode is the wire code of a fault in a line event.
func faultCode(k fleet.FaultKind) fault.Code {
	switch k {
	case fleet.Malformed:
		return fault.CodeBody
	case fleet.Missing:
		return fault.CodeMissing
	case fleet.BadNumber:
		return fault.CodePhone
	}
	return fault.CodeValue
}
