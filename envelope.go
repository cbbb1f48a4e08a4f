package fromline

import "github.com/fromline/fromline/fault"

// Envelope returns the body that answers an error of a Router, of
// validate.Request, message.DecodeRequest, fleet.ParseEvent or routing.Decide.
// If the error is no fault of the request, the body shows only its code, so
// that the cause of an internal error never reaches a client. docBase comes
// before the path of each page in doc_url. docBase and traceID may be empty. It
// is safe for concurrent use.
func Envelope(err error, docBase, traceID string) fault.Envelope {
	if wrong := faultsOf(err); wrong != nil {
		return wrong.Envelope(docBase, traceID)
	}
	return fault.Answer(CodeOf(err), docBase, traceID)
}
