package fromline

import (
	"errors"
	"github.com/fromline/fromline/fault"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// Envelope returns the body that answers an error of a Router, of
// validate.Request, message.DecodeRequest, fleet.ParseEvent or routing.Decide.
// What is no fault of the request is told by its code alone: the cause of an
// internal error never leaves. The base of the documentation is put before each
// page's path; it and the trace id may be empty.
func Envelope(err error, docBase, traceID string) fault.Envelope {
	if wrong := validate.DecodeFault(err); wrong != nil {
		return wrong.Envelope(docBase, traceID)
	}
	if wrong, is := errors.AsType[*fault.Error](err); is {
		return wrong.Envelope(docBase, traceID)
	}
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		wrong := fault.Error{Faults: []fault.Fault{refusal.Violation()}}
		return wrong.Envelope(docBase, traceID)
	}
	code := CodeOf(err)
	body := fault.Body{
		Status:  code.Status(),
		Code:    int(code),
		Message: code.Message(),
		DocURL:  docBase + code.DocPath(),
	}
	if format, is := errors.AsType[*fleet.FormatError](err); is {
		for _, f := range format.Faults {
			code := faultCode(f.Kind)
			body.Violations = append(body.Violations, fault.WireFault{
				Pointer: f.Pointer, Rule: "event." + f.Kind.String(), Code: int(code), Status: code.Status(), Message: f.Detail,
			})
		}
	}
	if ahead, is := errors.AsType[*fleet.AheadError](err); is {
		body.Violations = []fault.WireFault{{
			Pointer: "/data/changed_at", Rule: "event.ahead", Code: int(code), Status: code.Status(), Message: ahead.Error(),
			Value: ahead.ChangedAt.UTC().Format(time.RFC3339Nano),
		}}
	}
	return fault.Envelope{Error: body, TraceID: traceID}
}
