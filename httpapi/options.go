package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// A Router does the work behind the endpoints; a [*fromline.Router] is one. Its
// methods promise what those of fromline.Router do. Implementations must be
// safe for concurrent use.
type Router interface {
	Check(request *message.Request) (validate.Checked, error)
	Route(ctx context.Context, out fromline.Outgoing) (routing.Decision, error)
	SendInto(ctx context.Context, tenant string, chat uuid.UUID, request *message.Request) (routing.Decision, error)
	Acknowledge(ctx context.Context, e fleet.Event) (fromline.Receipt, error)
	Receive(ctx context.Context, tenant string, e inbound.Event) (fromline.Receipt, error)
	Lines(ctx context.Context, tenant string) ([]line.Line, error)
	Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error)
	Chats(ctx context.Context, tenant string, line, person recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error)
	Available(ctx context.Context, tenant string, people recipients.Set, excluded []recipients.Handle, kind message.Service) ([]recipients.Handle, error)
	ReadBack(ctx context.Context, tenant string, messageID uuid.UUID) (fromline.ReadBack, error)
	ConsentRules() fromline.ConsentRules
	ChangeConsent(ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange) (store.Consent, bool, error)
	Consents(ctx context.Context, tenant string, after recipients.Key, limit int) ([]store.Consent, recipients.Key, error)
	Ready(ctx context.Context) error
}

// Options are the settings of the handler. Only Authenticate is required: for
// every other field the comment says what zero means.
type Options struct {
	// Authenticate returns the tenant of a request. [Tokens] and [Open] return
	// one; [Authenticate] says how to write one. Required.
	Authenticate Authenticate

	// Signatures check webhooks to POST /v3/events that are signed instead of
	// having a token. Nil accepts no signature.
	Signatures *Signatures

	// LegacySignatures also accepts a webhook that has no header of Standard
	// Webhooks and has the vendor's older signature: X-Webhook-Signature holds,
	// in hexadecimal digits, the HMAC-SHA256 of X-Webhook-Timestamp, a full
	// stop and the body, with the text of the secret as the key. Secrets and
	// the limit of five minutes are the same. A webhook with a wrong standard
	// signature is refused, whatever else it has.
	LegacySignatures bool

	// RetrySpread is the time over which the Retry-After of refused sends is
	// spread, after the moment at which a line is free again. With zero, all
	// refused clients try again in the same second, and most are refused again.
	// With a guard ([line.Guard]) an hour is a good value.
	RetrySpread time.Duration

	// Ready, if set, is called by GET /readyz after the Router's own Ready. If
	// it returns an error, the answer is 503.
	Ready func(ctx context.Context) error

	// Prefix is put before every path, such as "/api/partner". It begins with a
	// slash and does not end with one.
	Prefix string

	// MaxBody is the size in bytes of the largest body; 0 means 8 MiB.
	MaxBody int64

	// BodyTimeout is how long the body of a request may take to arrive after
	// its headers; 0 means 30 s. It holds also for a request that the handler
	// refuses without reading its body. A middleware that wraps the
	// ResponseWriter must pass SetReadDeadline on (see
	// http.ResponseController); otherwise only the server's ReadTimeout bounds
	// a body.
	BodyTimeout time.Duration

	// Timeout is the longest time for the work on one request after its body
	// was read; 0 means 10 s. If the client goes away, the handler still
	// finishes its send, so that the commit is not cut off.
	Timeout time.Duration

	// Rate is how many requests a second each tenant may make on average, at
	// least 0.0001, and Burst how many at once; 0 means no limit. A tenant above
	// its rate gets 429 with a Retry-After. Signed webhooks do not count.
	Rate  rate.Limit
	Burst int

	// DocBase is the beginning of doc_url, before the path of the page, such as
	// "https://docs.example.com"; [CheckDocBase] says what it may be. Empty
	// means this handler: it serves these pages without a token, below Prefix,
	// at the host that the request was sent to. Set DocBase if a proxy changes
	// the Host header or the path.
	DocBase string

	// TraceID returns the id of a request, 32 hexadecimal digits; nil means a
	// random one. Several goroutines call it at once.
	TraceID func(*http.Request) string

	// Clock returns the time, for rates, Retry-After and signatures; nil means
	// time.Now. Several goroutines call it at once, and it must return at once.
	Clock func() time.Time

	// Observe, if set, is called with every answer, from several goroutines at
	// once. It must return soon.
	Observe func(Answered)

	// Logger, if set, gets a record for each request, with the cause if the
	// status is 500 or more. Records have no text, no handle of a person and no
	// key.
	Logger *slog.Logger
}

// Answered describes one answer. It names no person.
type Answered struct {
	// Endpoint is messages, message, chat_messages (sends that name their line
	// or chat), gestures (typing and the like), phone_numbers, events, chats,
	// available_number, blocked_handles, docs, live, ready, unserved (of the
	// vendor's API, and not served) or none.
	Endpoint string
	Status   int
	Code     int // the wire code of an error; 0 for a success
	Took     time.Duration
}

const (
	defaultMaxBody     = 8 << 20
	defaultBodyTimeout = 30 * time.Second
	defaultTimeout     = 10 * time.Second

	minRate = 0.0001 // a tenant waits less than three hours for one request
)

// New returns the handler. It fails when the router or Authenticate is missing,
// or an option is out of range. The handler is safe for concurrent use and
// starts no goroutine.
func New(router Router, o Options) (http.Handler, error) {
	var errs []error
	refuse := func(when bool, what string) {
		if when {
			errs = append(errs, errors.New(what))
		}
	}
	refuse(absent.Is(router), "the router is missing, or is a nil pointer")
	refuse(o.Authenticate == nil, "Options.Authenticate is missing: use Tokens, or Open for a single tenant that needs none")
	refuse(o.Prefix != "" && (!strings.HasPrefix(o.Prefix, "/") || strings.HasSuffix(o.Prefix, "/")),
		fmt.Sprintf("Options.Prefix %q: begin it with a slash and do not end it with one", o.Prefix))
	if o.DocBase != "" {
		if err := CheckDocBase(o.DocBase); err != nil {
			errs = append(errs, fmt.Errorf("Options.DocBase %q: %w", o.DocBase, err))
		}
	}
	refuse(o.MaxBody < 0 || o.BodyTimeout < 0 || o.Timeout < 0, "Options.MaxBody, BodyTimeout and Timeout are positive, or 0 for the default")
	refuse(!(o.Rate >= 0) || math.IsInf(float64(o.Rate), 0) || o.Burst < 0 || (o.Rate > 0) != (o.Burst > 0), "Options.Rate and Burst are both positive, or both 0 for no limit")
	refuse(o.Rate > 0 && o.Rate < minRate, fmt.Sprintf("Options.Rate is %v: give at least %v requests a second, or 0 for no limit", o.Rate, minRate))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = defaultBodyTimeout
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.TraceID == nil {
		o.TraceID = randomTraceID
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	h := &handler{router: router, opts: o}
	if o.Rate > 0 {
		h.limits = newLimits(o.Rate, o.Burst, o.Clock)
	}
	return h, nil
}

func randomTraceID(*http.Request) string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
