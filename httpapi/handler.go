package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// handler is what New returns.
type handler struct {
	router Router
	opts   Options
	limits *limits // nil: no limit
}

// exchange is one request and its answer.
type exchange struct {
	*handler
	w       http.ResponseWriter
	r       *http.Request
	began   time.Time
	traceID string
	bounded bool // there is a body, and the time for it ends

	endpoint string
	id       string // the one in the path
	tenant   string
	status   int        // of the answer; 0 while there is none
	code     fault.Code // of an error that was answered
	cause    error      // why, where the answer does not say it
	fine     bool       // a 5xx that is the answer to the question, and no failure
	decided  ids        // of a send that was decided

	ring uint64 // the place of the recipients, by which refused sends are spread

	// unsafe says that the send has no idempotency key and may have been
	// decided: if it fails now, making it again could send twice.
	unsafe bool
}

// ids are those by which the lines of the log about one send are joined.
type ids struct {
	message, chat uuid.UUID

	// Of a send; zero for what was only read.
	line   recipients.Handle
	reason store.Reason
	replay bool
}

// decidedBy returns what the log says of a decision.
func decidedBy(d *routing.Decision) ids {
	return ids{d.MessageID, d.ChatID, d.Line, d.Reason, d.Replay}
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{handler: h, w: w, r: r, began: time.Now(), traceID: h.opts.TraceID(r), endpoint: "none"}
	w.Header()["X-Trace-Id"] = []string{x.traceID}
	defer x.end()
	x.boundBody()
	if err := x.dispatch(); err != nil {
		x.refuse(err)
	}
}

// dispatch finds the endpoint and lets it answer. An endpoint that returns an
// error has written nothing.
func (x *exchange) dispatch() error {
	path, below := strings.CutPrefix(x.r.URL.Path, x.opts.Prefix)
	if page := pageAt(path); page != "" {
		x.endpoint = "docs"
		if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
			return errMethod(http.MethodGet)
		}
		return x.getPage(page)
	}
	if !below {
		return x.noEndpoint()
	}
	return x.operate(path)
}

// admit authenticates the request by its token and counts it against the rate
// of its tenant, before anything of the body is read.
func (x *exchange) admit() error {
	tenant, err := x.opts.Authenticate(x.r)
	if err != nil {
		return authError(err)
	}
	if err := store.CheckTenant(tenant); err != nil {
		return fmt.Errorf("httpapi: Options.Authenticate returned no error and a tenant that cannot be one: %w", err)
	}
	x.tenant = tenant
	if x.limits == nil {
		return nil
	}
	if wait := x.limits.wait(tenant); wait > 0 {
		return &rateError{wait}
	}
	return nil
}

// patience returns a context for the work on the request. It ends after
// Options.Timeout, and not when the client goes away.
func (x *exchange) patience() (context.Context, context.CancelFunc) {
	deadline := time.Now().Add(x.opts.Timeout)
	if earlier, has := x.r.Context().Deadline(); has && earlier.Before(deadline) {
		deadline = earlier
	}
	return context.WithDeadline(context.WithoutCancel(x.r.Context()), deadline)
}

// answer writes a whole body of JSON.
func (x *exchange) answer(status int, body []byte) { x.answerAs(jsonType, status, body) }

// answerAs writes a whole body of a type.
func (x *exchange) answerAs(contentType []string, status int, body []byte) {
	x.status = status
	header := x.w.Header()
	header["Content-Type"] = contentType
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // a client that is gone need not be told
}

// Header values that every answer shares; none is changed.
var (
	jsonType = []string{"application/json"}
	htmlType = []string{"text/html; charset=utf-8"}
	noStore  = []string{"no-store"}
	noSniff  = []string{"nosniff"}
)

// end answers a panic, and tells what became of the request.
func (x *exchange) end() {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		x.panicked(p)
	}
	took := time.Since(x.began)
	if x.opts.Observe != nil {
		x.opts.Observe(Answered{Endpoint: x.endpoint, Status: x.status, Code: int(x.code), Took: took})
	}
	x.log(took)
}

// panicked logs a panic with its stack, and answers if nothing was answered
// yet. The value itself is shown only if it is an error of the runtime: any
// other may hold what a client sent.
func (x *exchange) panicked(p any) {
	x.cause = panicError{p}
	if l := x.opts.Logger; l != nil {
		l.Error("panic", slog.String("trace_id", x.traceID), slog.String("error", x.cause.Error()), slog.String("stack", string(debug.Stack())))
	}
	if x.status != 0 {
		// The answer is half written: the connection must not be used again.
		panic(http.ErrAbortHandler)
	}
	x.refuse(x.cause)
}

// log writes the line of the request.
func (x *exchange) log(took time.Duration) {
	l, level := x.opts.Logger, slog.LevelInfo
	switch probed := x.endpoint == "live" || x.endpoint == "ready"; {
	case x.status >= http.StatusInternalServerError && !x.fine:
		level = slog.LevelError
	case probed && x.status == http.StatusOK: // asked every few seconds
		level = slog.LevelDebug
	}
	if l == nil || !l.Enabled(x.r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 13)
	attrs = append(attrs,
		slog.String("endpoint", x.endpoint), slog.String("method", x.r.Method), slog.Int("status", x.status),
		slog.Float64("took_ms", float64(took)/float64(time.Millisecond)), slog.String("trace_id", x.traceID))
	if x.tenant != "" {
		attrs = append(attrs, slog.String("tenant", x.tenant))
	}
	if x.decided != (ids{}) {
		attrs = append(attrs, slog.String("message_id", x.decided.message.String()), slog.String("chat_id", x.decided.chat.String()))
	}
	if d := &x.decided; d.reason != 0 {
		attrs = append(attrs, slog.String("line", d.line.String()), slog.String("reason", d.reason.String()), slog.Bool("replay", d.replay))
	}
	if x.code != 0 {
		attrs = append(attrs, slog.Int("code", int(x.code)))
	}
	if x.cause != nil {
		attrs = append(attrs, slog.String("error", x.cause.Error()))
	}
	l.LogAttrs(x.r.Context(), level, "request", attrs...)
}
