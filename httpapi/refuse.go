package httpapi

import (
	"errors"
	"fmt"
	"math/bits"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// statusError is the error of a request that is at odds with HTTP before what
// it says matters: code 1003 with a status of its own (docs/rules.md §14), and
// the other codes that no package below knows.
type statusError struct {
	status  int
	code    fault.Code
	message string // "": that of the code
	header  string // a header of the answer, with its value
	value   string
}

func (e *statusError) Error() string { return fmt.Sprintf("httpapi: %d (%s)", e.status, e.code) }

var (
	errNoEndpoint = &statusError{status: http.StatusNotFound, code: fault.CodeBody, message: "No such endpoint"} // and see noEndpoint
	errTooLarge   = &statusError{status: http.StatusRequestEntityTooLarge, code: fault.CodeBody, message: "Request body too large"}
	errMediaType  = &statusError{status: http.StatusUnsupportedMediaType, code: fault.CodeBody,
		message: "Unsupported media type: send application/json in UTF-8, not compressed", header: "Accept", value: "application/json"}
	errSlow = &statusError{status: http.StatusRequestTimeout, code: fault.CodeBody,
		message: "Request body took too long", header: "Connection", value: "close"}
	errCutShort = &statusError{status: http.StatusBadRequest, code: fault.CodeBody,
		message: "Request body ended early or cannot be read", header: "Connection", value: "close"}
	errNoToken   = &statusError{status: http.StatusUnauthorized, code: fault.CodeUnauthenticated, header: "WWW-Authenticate", value: "Bearer"}
	errNoChat    = &statusError{status: http.StatusNotFound, code: fault.CodeChatNotFound}
	errNoMessage = &statusError{status: http.StatusNotFound, code: fault.CodeMessageNotFound,
		message: "Message not found: there is no record of it, or none any more: a record ends some time after its send, sooner where the send had no idempotency key"}
	errDenied   = &statusError{status: http.StatusForbidden, code: fault.CodeForbidden}
	errNotReady = &statusError{status: http.StatusServiceUnavailable, code: fault.CodeStore,
		message: fault.CodeStore.Message() + ": the log of the server says why, and so does /readyz of its -ops-addr (serve), for operators"}
)

func errMethod(allowed ...string) error {
	value := strings.ReplaceAll(strings.Join(allowed, ", "), "GET", "GET, HEAD")
	return &statusError{status: http.StatusMethodNotAllowed, code: fault.CodeBody, message: "Method not allowed: use " + value, header: "Allow", value: value}
}

// noEndpoint says which paths there are, and what is probably wrong with a path
// that is none: what stands before or behind one that is.
func (x *exchange) noEndpoint() error {
	says := "."
	if meant := x.meant(); meant != "" {
		says = ": did you mean " + meant + "?"
	}
	says = errNoEndpoint.message + says + fmt.Sprintf(" Paths begin with %s/v3/ here, but for %[1]s/livez and %[1]s/readyz (serve -prefix sets what stands before)", x.opts.Prefix)
	return &statusError{status: errNoEndpoint.status, code: errNoEndpoint.code, message: says}
}

// meant returns the path that was probably meant, "" if none is near.
func (x *exchange) meant() string {
	path := strings.TrimRight(x.r.URL.Path, "/")
	for _, begins := range []string{"/v3/", "/"} {
		at := strings.LastIndex(path, begins)
		if at < 0 || !slices.ContainsFunc(served[:], func(o operation) bool { _, same := match(o.path, path[at:]); return same }) {
			continue
		}
		meant := (&url.URL{Path: x.opts.Prefix + path[at:]}).EscapedPath() // what is to be typed, and UTF-8 whatever the path is
		if len(meant) <= 256 {
			return meant
		}
	}
	return ""
}

// rateError is the error of a tenant over its rate.
type rateError struct{ wait time.Duration }

func (e *rateError) Error() string { return "httpapi: over the rate for " + e.wait.String() }

// authError makes the answer of what Authenticate returned.
func authError(err error) error {
	switch {
	case errors.Is(err, ErrUnauthenticated):
		if wrong, is := errors.AsType[*credentialError](err); is {
			return wrong
		}
		return errNoToken // a host's own authentication says no more
	case errors.Is(err, ErrForbidden):
		return errDenied
	}
	return &fromline.UnavailableError{Err: fmt.Errorf("httpapi: authentication: %w", err), Retry: true}
}

// storeError makes the answer of what a part of the store returned.
func storeError(err error) error {
	switch {
	case errors.Is(err, store.ErrUnknownChat):
		return errNoChat
	case errors.Is(err, store.ErrNoRecord):
		return errNoMessage
	case errors.Is(err, errors.ErrUnsupported):
		return errNoEndpoint
	}
	if _, is := errors.AsType[*fromline.UnavailableError](err); is {
		return err
	}
	return &fromline.UnavailableError{Err: err, Retry: true}
}

// panicError is what a recovered panic is answered with.
type panicError struct{ value any }

func (e panicError) Error() string {
	if err, is := e.value.(runtime.Error); is {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic with a %T", e.value)
}

// refuse answers with the error envelope.
func (x *exchange) refuse(err error) {
	envelope := x.envelope(err)
	x.code = fault.Code(envelope.Error.Code)
	x.fine = errors.Is(err, errNoKind)
	if envelope.Error.Status >= http.StatusInternalServerError && x.cause == nil && !x.fine {
		x.cause = err
	}
	x.adviseOnRetry(err)
	body, err := json.Marshal(&envelope)
	if err != nil { // the strings of an envelope are ours, or were made UTF-8
		x.cause = err
		body = []byte(`{"success":false}`)
	}
	x.answer(envelope.Error.Status, body)
}

func (x *exchange) envelope(err error) fault.Envelope {
	if rate, is := errors.AsType[*rateError](err); is {
		answer := fault.Answer(fault.CodeRateLimit, x.docBase(), x.traceID)
		answer.Error.RetryAfter = wholeSeconds(rate.wait)
		return answer
	}
	if wrong, is := errors.AsType[*credentialError](err); is {
		x.w.Header().Set(errNoToken.header, errNoToken.value)
		x.cause = wrong // the log says it too
		return wrong.answer(x.docBase(), x.traceID)
	}
	var e *statusError
	if !errors.As(err, &e) {
		return fromline.Envelope(err, x.docBase(), x.traceID)
	}
	if e.header != "" {
		x.w.Header().Set(e.header, e.value)
	}
	answer := fault.Answer(e.code, x.docBase(), x.traceID)
	answer.Error.Status = e.status
	if e.message != "" {
		answer.Error.Message = e.message
	}
	return answer
}

// The header by which official clients are told not to repeat what they would
// repeat by themselves: every 409 and 5xx.
const shouldRetry = "X-Should-Retry"

// worthWaiting is the longest wait for a line that a client is left to sit out:
// clients sleep a whole Retry-After without a cap.
const worthWaiting = 30 * time.Second

// storeRetryAfter is what a client waits before it asks an ailing store again.
const storeRetryAfter = "1"

// adviseOnRetry says whether and when the same request may be made again
// (docs/rules.md §14).
func (x *exchange) adviseOnRetry(err error) {
	header := x.w.Header()
	never := func() { header.Set(shouldRetry, "false") }
	switch x.code {
	case fault.CodeRateLimit:
		if rate, is := errors.AsType[*rateError](err); is {
			header.Set("Retry-After", seconds(rate.wait))
			if rate.wait > worthWaiting {
				never()
			}
		}
	case fault.CodeNoLine:
		refusal, is := errors.AsType[*routing.Refusal](err)
		if !is || refusal.NextFree.IsZero() {
			never()
			return
		}
		wait := refusal.NextFree.Sub(x.opts.Clock()) + spread(x.ring, x.opts.RetrySpread)
		header.Set("Retry-After", seconds(wait))
		if wait > worthWaiting {
			never()
		}
	case fault.CodeStore:
		if failed, is := errors.AsType[*fromline.UnavailableError](err); is && !failed.Retry {
			never()
			return
		}
		header.Set("Retry-After", storeRetryAfter)
	case fault.CodeInternal:
		if x.unsafe {
			never()
		}
	default:
		if x.code.Status() == http.StatusConflict {
			never()
		}
	}
}

// spread scales the place of the recipients on the ring to a part of a time:
// the same people always come back at the same part of it, and all together
// evenly.
func spread(ring uint64, over time.Duration) time.Duration {
	part, _ := bits.Mul64(ring, uint64(over))
	return time.Duration(part)
}

// wholeSeconds returns a wait in whole seconds, at least 1.
func wholeSeconds(wait time.Duration) int64 {
	return max(1, int64((wait+time.Second-1)/time.Second))
}

// seconds returns a wait as the value of Retry-After.
func seconds(wait time.Duration) string { return strconv.FormatInt(wholeSeconds(wait), 10) }
