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
	if format, is := errors.AsType[*fleet.FormatError](err); is {
		wrong := fault.Error{Faults: make([]fault.Fault, 0, len(format.Faults))}
		for _, f := range format.Faults {
			wrong.Faults = append(wrong.Faults, fault.Fault{
				Pointer: f.Pointer, Rule: fault.Rule("event." + f.Kind.String()), Code: faultCode(f.Kind), Hint: f.Detail,
			})
		}
		return wrong.Envelope(docBase, traceID)
	}
	if ahead, is := errors.AsType[*fleet.AheadError](err); is {
		wrong := fault.Error{Faults: []fault.Fault{{
			Pointer: "/data/changed_at", Rule: "event.ahead", Code: fault.CodeValue, Hint: ahead.Error(),
			Value: ahead.ChangedAt.UTC().Format(time.RFC3339Nano),
		}}}
		return wrong.Envelope(docBase, traceID)
	}
	return fault.Answer(CodeOf(err), docBase, traceID)
}
