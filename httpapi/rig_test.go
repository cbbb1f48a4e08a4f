package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
)

const (
	tenant  = "acme"
	token   = "acme-token-0123456789"
	tenant2 = "globex"
	token2  = "globex-token-0123456789"
	person  = "+14155559876"
)

var lines = []string{"+12052535597", "+12052535598", "+13235550100"}

// rig is a server of two tenants over a memory store; the second tenant has one
// line.
type rig struct {
	http.Handler
	contract *contract
	fleet    *fleet.Fleet
	store    *memory.Store
	now      time.Time
	late     time.Duration // by the clock of the store
}

// setup is what a test changes before the rig is built.
type setup struct {
	api     httpapi.Options
	routing fromline.Options
	route   routerFunc // instead of that of the Router
	away    bool       // the Router reaches nothing
	limits  line.Limits
}

// routerFunc stands in for Router.Route.
type routerFunc func(ctx context.Context, out fromline.Outgoing) (routing.Decision, error)

// routed is a Router whose Route may be replaced.
type routed struct {
	*fromline.Router
	route routerFunc
}

func (r routed) Route(ctx context.Context, out fromline.Outgoing) (routing.Decision, error) {
	if r.route != nil {
		return r.route(ctx, out)
	}
	return r.Router.Route(ctx, out)
}

func newRig(t testing.TB, change ...func(*rig, *setup)) *rig {
	t.Helper()
	r := &rig{contract: loadContract(t), now: time.Now()}
	r.store = memory.New(memory.Options{Clock: func() time.Time { return time.Now().Add(r.late) }})
	t.Cleanup(func() { require.NoError(t, r.store.Close()) })
	var err error
	r.fleet, err = fleet.New(fleet.Options{})
	require.NoError(t, err)
	var s setup
	s.api.Authenticate, err = httpapi.Tokens(map[string][]string{tenant: {token}, tenant2: {token2}})
	require.NoError(t, err)
	s.api.DocBase = "https://docs.example.com"
	s.api.Clock = func() time.Time { return r.now }
	s.routing.Clock = s.api.Clock
	for _, c := range change {
		c(r, &s)
	}
	var ours []line.Line
	for i, n := range lines {
		ours = append(ours, line.Line{ID: string(rune('a' + i)), Number: recipients.MustParse(n), Limits: s.limits})
	}
	require.NoError(t, r.fleet.SetLines(tenant, ours))
	require.NoError(t, r.fleet.SetLines(tenant2, []line.Line{{ID: "z", Number: recipients.MustParse("+442071838750")}}))
	router, err := fromline.New(r.store, r.fleet, s.routing)
	require.NoError(t, err)
	var behind httpapi.Router = routed{router, s.route}
	if s.away {
		behind = away{behind}
	}
	r.Handler, err = httpapi.New(behind, s.api)
	require.NoError(t, err)
	return r
}

// answered is an answer with its body read.
type answered struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// do makes a request, by default with the first tenant's token and as JSON, and
// holds the answer to the document. Headers are given in pairs; an empty value
// removes one.
func (r *rig) do(t testing.TB, method, url, body string, headers ...string) answered {
	t.Helper()
	request := httptest.NewRequest(method, url, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
		}
	}
	return r.serve(t, request)
}

func (r *rig) serve(t testing.TB, request *http.Request) answered {
	t.Helper()
	recorder := httptest.NewRecorder()
	r.ServeHTTP(recorder, request)
	a := answered{status: recorder.Code, header: recorder.Header(), text: recorder.Body.String()}
	r.contract.check(t, request.Method, request.URL.Path, a.status, a.header, recorder.Body.Bytes())
	if a.header.Get("Content-Type") == "application/json" {
		require.NoError(t, json.Unmarshal([]byte(a.text), &a.body))
	}
	return a
}

// send sends to people and requires a decision.
func (r *rig) send(t testing.TB, body string, headers ...string) answered {
	t.Helper()
	a := r.do(t, "POST", "/v3/messages", body, headers...)
	require.Equal(t, http.StatusAccepted, a.status, a.text)
	return a
}

// text is the body of a send of one text to one person.
func text(to, value string) string {
	body, _ := json.Marshal(map[string]any{
		"to":      []string{to},
		"message": map[string]any{"parts": []any{map[string]any{"type": "text", "value": value}}},
	})
	return string(body)
}

// flag makes a line one that cannot continue.
func (r *rig) flag(t testing.TB, record string) {
	t.Helper()
	r.now = r.now.Add(time.Second)
	_, err := r.fleet.ReportLine(context.Background(), fleet.Event{
		Type: fleet.StatusUpdated, Number: recipients.MustParse(record), Status: line.Flagged, ChangedAt: r.now,
	})
	require.NoError(t, err)
}

// at returns what lies at a path of a JSON value.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (a answered) code() int {
	code, _ := at(a.body, "error", "code").(float64)
	return int(code)
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// newRequest makes a request of the first tenant.
func newRequest(method, url, body string) *http.Request {
	request := httptest.NewRequest(method, url, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	return request
}

// get makes a request below a prefix, or of an endpoint that is switched off,
// which the document does not know; with a body it is a POST.
func (r *rig) get(t testing.TB, url string, body ...string) answered {
	t.Helper()
	method := "GET"
	if len(body) > 0 {
		method = "POST"
	}
	recorder := httptest.NewRecorder()
	r.ServeHTTP(recorder, newRequest(method, url, strings.Join(body, "")))
	return answered{status: recorder.Code, header: recorder.Header(), text: recorder.Body.String()}
}
