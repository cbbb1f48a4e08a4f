package fromline

import "github.com/fromline/fromline/fault"

// Envelope returns the body that answers an error of a Router, of
// validate.Request, message.DecodeRequest, fleet.ParseEvent or routing.Decide.
// What is no fault of the request is told by its code alone: the cause of an
// internal error never leaves. The base of the documentation is put before each
// page's path; it and the trace id may be empty.
func Envelope(err error, docBase, traceID string) fault.Envelope {
	if wrong := faultsOf(err); wrong != nil {
		return wrong.Envelope(docBase, traceID)
	}
	return fault.Answer(CodeOf(err), docBase, traceID)
}
