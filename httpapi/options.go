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

// A Router answers behind the endpoints; a *fromline.Router is one.
// Implementations must be safe for concurrent use.
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

	// Signatures are secrets by which POST /v3/events accepts signed webhooks
	// instead of a token. Nil accepts none.
	Signatures *Signatures

	// LegacySignatures also accepts a webhook that has no header of Standard
	// Webhooks and has the vendor's older signature: X-Webhook-Signature holds,
	// in hexadecimal digits, the HMAC-SHA256 of X-Webhook-Timestamp, a full
	// stop and the body, with the text of the secret as the key. The same
	// secrets and the same five minutes hold. A webhook whose standard
	// signature is wrong is refused, whatever else it carries.
	LegacySignatures bool

	// RetrySpread is the time over which the Retry-After of refused sends is
	// spread, after the moment at which a line is free again. Without it all
	// refused clients come back in the same second, and most are refused again.
	// Zero spreads nothing; with a guard ([line.Guard]) an hour is a good
	// value.
	RetrySpread time.Duration

	// Ready, if set, is called by GET /readyz after the Router's own Ready. An
	// error makes the answer 503.
	Ready func(ctx context.Context) error

	// Prefix is put before every path, such as "/api/partner". It begins with a
	// slash and does not end with one.
	Prefix string

	// MaxBody is the size in bytes of the largest body; 0 means 8 MiB.
	MaxBody int64

	// BodyTimeout is how long the body of a request may take to arrive after
	// its head; 0 means 30 s. It also bounds the body of a request that is
	// refused without reading it. A middleware that wraps the ResponseWriter
	// must pass SetReadDeadline on (see http.ResponseController); otherwise
	// only the server's ReadTimeout bounds a body.
	BodyTimeout time.Duration

	// Timeout bounds the work on one request after its body was read; 0 means
	// 10 s. The work on a send goes on after its client has gone away, so that
	// its commit is not cut short.
	Timeout time.Duration

	// Rate is how many requests a second each tenant may make in the long run,
	// and Burst how many at once; 0 means no limit. A tenant over its rate gets
	// 429 with a Retry-After. Signed webhooks are not counted.
	Rate  rate.Limit
	Burst int

	// DocBase is put before the path of the pages that doc_url names, such as
	// "https://docs.example.com"; [CheckDocBase] says what it may be. Empty
	// means this handler itself, which serves such pages, without a token, at
	// the host that the request was sent to, below Prefix. Set it where a proxy
	// changes the Host header or the path.
	DocBase string

	// TraceID returns the id of a request, 32 hexadecimal digits; nil means a
	// random one. It is called concurrently.
	TraceID func(*http.Request) string

	// Clock tells the time, for rates, Retry-After and signatures; nil means
	// time.Now. It is called concurrently and must return at once.
	Clock func() time.Time

	// Observe, if set, is called with every answer, from several goroutines at
	// once. It must return soon.
	Observe func(Answered)

	// Logger, if set, gets a record for each request, with the cause of an
	// answer with status 500 and up. Records have no text, no handle of a
	// person and no key.
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
