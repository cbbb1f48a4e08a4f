package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// TestParts says that an endpoint without its part is not there, and which
// parts are needed.
func TestParts(t *testing.T) {
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	route, err := fromline.New(struct{ store.ChatStore }{memory.New(memory.Options{})}, lines, fromline.Options{})
	require.NoError(t, err)
	shows, err := httpapi.New(route, httpapi.Options{Authenticate: httpapi.Open(tenant)})
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	shows.ServeHTTP(answer, newRequest("GET", "/v3/chats/550e8400-e29b-41d4-a716-446655440000", ""))
	assert.Equal(t, http.StatusNotFound, answer.Code)
	open := httpapi.Open(tenant)
	for name, o := range map[string]httpapi.Options{
		"no authentication": {},
		"prefix":            {Authenticate: open, Prefix: "api"},
		"prefix, behind":    {Authenticate: open, Prefix: "/api/"},
		"doc base":          {Authenticate: open, DocBase: "docs.example.com"},
		"body":              {Authenticate: open, MaxBody: -1},
		"timeout":           {Authenticate: open, Timeout: -1},
		"rate alone":        {Authenticate: open, Rate: 1},
		"a rate of NaN":     {Authenticate: open, Rate: rate.Limit(math.NaN()), Burst: 1},
		"NaN alone":         {Authenticate: open, Rate: rate.Limit(math.NaN())},
		"an infinite rate":  {Authenticate: open, Rate: rate.Limit(math.Inf(1)), Burst: 1},
		"a tiny rate":       {Authenticate: open, Rate: 1e-300, Burst: 1},
		"too low a rate":    {Authenticate: open, Rate: 0.000099, Burst: 1},
		"burst alone":       {Authenticate: open, Burst: 1},
	} {
		_, err := httpapi.New(route, o)
		assert.Error(t, err, name)
	}
	_, err = httpapi.New(nil, httpapi.Options{Authenticate: open})
	assert.Error(t, err)
}

func TestPrefix(t *testing.T) {
	r := newRig(t, func(_ *rig, s *setup) { s.api.Prefix = "/api/partner" })
	assert.Equal(t, 202, r.get(t, "/api/partner/v3/messages", text(person, "hi")).status)
	assert.Equal(t, 200, r.get(t, "/api/partner/v3/phone_numbers").status)
	assert.Equal(t, 200, r.get(t, "/api/partner/livez").status)
	assert.Equal(t, 404, r.get(t, "/v3/phone_numbers").status)
	assert.Equal(t, 404, r.get(t, "/api/partnerv3/phone_numbers").status)
}

// TestHealth says that only a probe that fails is logged above DEBUG, and that
// why a server is not ready stands in its log and not in its answer, which says
// so.
func TestHealth(t *testing.T) {
	ready := errors.New("secret: not yet")
	var logged bytes.Buffer
	r := newRig(t, func(_ *rig, s *setup) {
		s.api.Ready = func(context.Context) error { return ready }
		s.api.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
	})
	assert.Equal(t, 200, r.do(t, "GET", "/livez", "", "Authorization", "").status)
	a := r.do(t, "GET", "/readyz", "", "Authorization", "")
	assert.Equal(t, []int{503, 4004}, []int{a.status, a.code()})
	assert.Contains(t, at(a.body, "error", "message"), "the log of the server says why")
	assert.NotContains(t, a.text, "secret")
	assert.Equal(t, "1", a.header.Get("Retry-After"))
	assert.Contains(t, logged.String(), `"level":"ERROR"`)
	assert.Contains(t, logged.String(), "secret: not yet")
	logged.Reset()
	ready = nil
	assert.Equal(t, 200, r.do(t, "GET", "/readyz", "", "Authorization", "").status)
	assert.Equal(t, 200, r.do(t, "GET", "/livez", "", "Authorization", "").status)
	assert.Empty(t, logged.String(), "a probe that succeeds")
	assert.Equal(t, 405, r.do(t, "POST", "/livez", "", "Authorization", "").status)
	assert.Contains(t, logged.String(), `"status":405`)
}

// TestLongGone says that the work on a send goes on when its client goes away,
// and for no longer than the timeout.
func TestLongGone(t *testing.T) {
	var inside error
	var has bool
	r := newRig(t, func(_ *rig, s *setup) {
		s.api.Timeout = time.Minute
		s.route = routerFunc(func(ctx context.Context, _ fromline.Outgoing) (routing.Decision, error) {
			inside = ctx.Err()
			_, has = ctx.Deadline()
			return routing.Decision{}, fleet.ErrUnknownTenant
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request := newRequest("POST", "/v3/messages", text(person, "hi")).WithContext(ctx)
	r.serve(t, request)
	assert.NoError(t, inside)
	assert.True(t, has)
}

// TestPatienceOfTheServer says that the work ends with what a server around the
// handler allows, where that is sooner.
func TestPatienceOfTheServer(t *testing.T) {
	var until time.Time
	r := newRig(t, func(_ *rig, s *setup) {
		s.route = routerFunc(func(ctx context.Context, _ fromline.Outgoing) (routing.Decision, error) {
			until, _ = ctx.Deadline()
			return routing.Decision{}, fleet.ErrUnknownTenant
		})
	})
	sooner := time.Now().Add(time.Second)
	ctx, cancel := context.WithDeadline(t.Context(), sooner)
	defer cancel()
	r.serve(t, newRequest("POST", "/v3/messages", text(person, "hi")).WithContext(ctx))
	assert.True(t, sooner.Equal(until))
}

// TestTraceID says that a program can give requests ids of its own.
func TestTraceID(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	r := newRig(t, func(_ *rig, s *setup) { s.api.TraceID = func(*http.Request) string { return id } })
	assert.Equal(t, id, r.send(t, text(person, "hi")).header.Get("X-Trace-ID"))
	assert.Equal(t, id, r.do(t, "POST", "/v3/messages", "{}").body["trace_id"])
}
