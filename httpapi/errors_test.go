package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// failing answers every send with an error.
func failing(err error) func(*rig, *setup) {
	return func(_ *rig, s *setup) {
		s.route = routerFunc(func(context.Context, fromline.Outgoing) (routing.Decision, error) { return routing.Decision{}, err })
	}
}

// gate answers every send with an admission.
type gate fromline.Admission

func (g gate) Admit(context.Context, string, recipients.Set) (fromline.Admission, error) {
	return fromline.Admission(g), nil
}

func gated(a fromline.Admission) func(*rig, *setup) {
	return func(_ *rig, s *setup) { s.routing.Gate = gate(a) }
}

// badImage is a checker that finds no image anywhere.
type badImage struct{}

func (badImage) CheckImage(context.Context, string, string) error {
	return &validate.ImageFault{Rule: fault.RuleImageType}
}

const card = `{"to":["` + person + `"],"message":{"parts":[{"type":"imessage_app","app":{"name":"A","bundle_id":"com.example","team_id":"A1B2C3D4E5"},` +
	`"layout":{"caption":"x","image_url":"https://example.com/a.png"},"url":"https://example.com/"}]%s}}`

const aChat = "/v3/chats/550e8400-e29b-41d4-a716-446655440000"

const aMessage = "/v3/messages/550e8400-e29b-41d4-a716-446655440000"

// away is a Router that reaches neither its store nor its lines.
type away struct{ httpapi.Router }

func (away) err() error {
	return &fromline.UnavailableError{Err: errors.New("secret: nobody there"), Retry: true}
}

func (a away) ReadBack(context.Context, string, uuid.UUID) (fromline.ReadBack, error) {
	return fromline.ReadBack{}, a.err()
}

func (a away) SendInto(context.Context, string, uuid.UUID, *message.Request) (routing.Decision, error) {
	return routing.Decision{}, a.err()
}

// leave makes aChat known, and that its line has left it.
func leave(r *rig) {
	people, _ := recipients.Canonicalize([]string{person})
	id := uuid.MustParse(aChat[len("/v3/chats/"):])
	err := r.store.Apply(context.Background(), tenant, []store.Event{
		store.ChatSeen{ID: id, Line: recipients.MustParse(lines[0]), Participants: people, CreatedAt: r.now}, store.LineLeft{Chat: id}})
	if err != nil {
		panic(err)
	}
}

func (a away) Lines(context.Context, string) ([]line.Line, error) { return nil, a.err() }

func (a away) Chat(context.Context, string, uuid.UUID) (store.Chat, error) {
	return store.Chat{}, a.err()
}

func (a away) Acknowledge(context.Context, fleet.Event) (fromline.Receipt, error) {
	return fromline.Receipt{}, a.err()
}

func (a away) Receive(context.Context, string, inbound.Event) (fromline.Receipt, error) {
	return fromline.Receipt{}, a.err()
}

func without(_ *rig, s *setup) { s.away = true }

// TestErrorTable has a row for each code of docs/rules.md §14, with the advice
// that official clients obey.
func TestErrorTable(t *testing.T) {
	free := func(in time.Duration) func(*rig, *setup) {
		return func(r *rig, s *setup) {
			failing(&routing.Refusal{Code: fault.CodeNoLine, NextFree: r.now.Add(in)})(r, s)
		}
	}
	flagAll := func(r *rig) {
		for _, l := range lines {
			r.flag(t, l)
		}
	}
	hi := text(person, "hi")
	part := func(p string) string { return `{"to":["` + person + `"],"message":{"parts":[` + p + `]}}` }
	covered := map[int]bool{}
	for name, c := range map[string]struct {
		change       func(*rig, *setup)
		before       func(*rig)
		method, url  string // POST /v3/messages
		body         string
		headers      []string
		status, code int
		retryAfter   string
		never        bool // X-Should-Retry: false
		pointer      string
	}{
		"missing member":          {body: `{"to":["` + person + `"]}`, status: 400, code: 1001, pointer: "/message"},
		"not E.164":               {body: text("4155559876", "hi"), status: 400, code: 1002, pointer: "/to/0"},
		"not JSON":                {body: `{"to":`, status: 400, code: 1003},
		"no body":                 {body: "", headers: []string{"Content-Type", "application/json"}, status: 400, code: 1003},
		"structure":               {body: part(""), status: 400, code: 1004, pointer: "/message/parts"},
		"value":                   {body: part(`{"type":"text","value":""}`), status: 400, code: 1005, pointer: "/message/parts/0/value"},
		"unknown member":          {body: `{"too":[],` + hi[1:], status: 400, code: 1005, pointer: "/too"},
		"from":                    {body: `{"from":"x",` + hi[1:], status: 400, code: 1005, pointer: "/from"},
		"card":                    {body: strings.Replace(fmt.Sprintf(card, ""), "A1B2C3D4E5", "a1", 1), status: 400, code: 1008, pointer: "/message/parts/0/app/team_id"},
		"every line excluded":     {body: `{"exclude_from":["` + strings.Join(lines, `","`) + `"],` + hi[1:], status: 400, code: 1005, pointer: "/exclude_from"},
		"card image":              {change: func(_ *rig, s *setup) { s.routing.Images = badImage{} }, body: fmt.Sprintf(card, ""), status: 400, code: 5007, pointer: "/message/parts/0/layout/image_url"},
		"no token":                {body: hi, headers: []string{"Authorization", ""}, status: 401, code: 2004},
		"wrong token":             {body: hi, headers: []string{"Authorization", "Bearer " + token + "x"}, status: 401, code: 2004},
		"no token beats all":      {body: "{", headers: []string{"Authorization", "", "Content-Type", "text/plain"}, status: 401, code: 2004},
		"unknown tenant":          {change: func(_ *rig, s *setup) { s.api.Authenticate = httpapi.Open("nobody") }, body: hi, status: 403, code: 2005},
		"forbidden":               {change: denies(httpapi.ErrForbidden), body: hi, status: 403, code: 2005},
		"no token, lines":         {method: "GET", url: "/v3/phone_numbers", headers: []string{"Authorization", ""}, status: 401, code: 2004},
		"no token, chats":         {method: "GET", url: aChat, headers: []string{"Authorization", ""}, status: 401, code: 2004},
		"unknown tenant, lines":   {change: func(_ *rig, s *setup) { s.api.Authenticate = httpapi.Open("nobody") }, method: "GET", url: "/v3/phone_numbers", status: 403, code: 2005},
		"cannot authenticate":     {change: denies(errors.New("directory down")), body: hi, status: 503, code: 4004, retryAfter: "1"},
		"opted out":               {change: gated(fromline.OptedOut), body: hi, status: 403, code: 2024, pointer: "/to"},
		"blocked":                 {change: gated(fromline.Blocked), body: hi, status: 403, code: 2026, pointer: "/to"},
		"not allowed":             {change: gated(fromline.NotAllowed), body: hi, status: 403, code: 2008, pointer: "/to"},
		"no line":                 {before: flagAll, body: hi, status: 409, code: 2015, never: true},
		"no line for 29.5 s":      {change: free(29500 * time.Millisecond), body: hi, status: 409, code: 2015, retryAfter: "30"},
		"no line for 31 s":        {change: free(31 * time.Second), body: hi, status: 409, code: 2015, retryAfter: "31", never: true},
		"no line, over":           {change: free(-time.Second), body: hi, status: 409, code: 2015, retryAfter: "1"},
		"card over SMS":           {body: fmt.Sprintf(card, `,"preferred_service":"SMS"`), status: 409, code: 2018, never: true},
		"clip over RCS":           {body: `{"to":["` + person + `"],"message":{"preferred_service":"RCS","parts":[{"type":"app_clip","value":"https://example.com"}]}}`, status: 409, code: 2028, never: true},
		"mention in a direct one": {body: part(`{"type":"text","value":"hi","mention":"` + person + `"}`), status: 409, code: 2023, never: true},
		"internal":                {change: failing(errors.New("secret cause")), body: hi, status: 500, code: 3006, never: true},
		"internal, with a key":    {change: failing(errors.New("secret cause")), body: hi, headers: []string{"Idempotency-Key", "k"}, status: 500, code: 3006},
		"store":                   {change: failing(&fromline.UnavailableError{Err: errors.New("secret cause"), Retry: true}), body: hi, status: 503, code: 4004, retryAfter: "1"},
		"store, outcome unknown":  {change: failing(&fromline.UnavailableError{Err: errors.New("secret cause"), Unknown: true}), body: hi, status: 503, code: 4004, never: true},
		"store, lines":            {change: without, method: "GET", url: "/v3/phone_numbers", status: 503, code: 4004, retryAfter: "1"},
		"store, chats":            {change: without, method: "GET", url: aChat, status: 503, code: 4004, retryAfter: "1"},
		"store, events":           {change: without, url: "/v3/events", body: event(lines[0], "FLAGGED", time.Now()), status: 503, code: 4004, retryAfter: "1"},
		"no endpoint":             {method: "GET", url: "/v3/nothing", status: 404, code: 1003},
		"root":                    {method: "GET", url: "/", status: 404, code: 1003},
		"slash behind":            {url: "/v3/messages/", body: hi, status: 404, code: 1003},
		"wrong method":            {method: "PUT", body: hi, status: 405, code: 1003},
		"wrong method, numbers":   {method: "POST", url: "/v3/phone_numbers", body: "{}", status: 405, code: 1003},
		"wrong method, chats":     {method: "DELETE", url: aChat, status: 405, code: 1003},
		"store, message":          {change: without, method: "GET", url: aMessage, status: 503, code: 4004, retryAfter: "1"},
		"no such message":         {method: "GET", url: aMessage, status: 404, code: 2002},
		"no id of a message":      {method: "GET", url: "/v3/messages/x", status: 404, code: 2002},
		"no token, message":       {method: "GET", url: aMessage, headers: []string{"Authorization", ""}, status: 401, code: 2004},
		"a line of another":       {url: "/v3/chats", body: `{"from":"+442071838750",` + hi[1:], status: 403, code: 2006, pointer: "/from"},
		"a line that is flagged":  {before: flagAll, url: "/v3/chats", body: `{"from":"` + lines[0] + `",` + hi[1:], status: 403, code: 2027, pointer: "/from"},
		"a chat that we left":     {before: leave, url: aChat + "/messages", body: `{"message":{"parts":[{"type":"text","value":"hi"}]}}`, status: 409, code: 2013, never: true},
		"store, a chat's message": {change: without, url: aChat + "/messages", body: `{"message":{"parts":[{"type":"text","value":"hi"}]}}`, status: 503, code: 4004, retryAfter: "1"},
		"no such chat":            {method: "GET", url: aChat, status: 404, code: 2001},
		"too large":               {change: func(_ *rig, s *setup) { s.api.MaxBody = 100 }, body: text(person, strings.Repeat("x", 100)), status: 413, code: 1003},
		"form":                    {body: hi, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: 1003},
		"no type":                 {body: hi, headers: []string{"Content-Type", ""}, status: 415, code: 1003},
		"Latin-1":                 {body: hi, headers: []string{"Content-Type", "application/json; charset=iso-8859-1"}, status: 415, code: 1003},
		"compressed":              {body: hi, headers: []string{"Content-Encoding", "gzip"}, status: 415, code: 1003},
		"experience":              {body: `{"to":["` + person + `"],"message":{"experience":{"id":"x"}}}`, status: 403, code: 2011, pointer: "/message/experience"},
		"an experience of before": {body: `{"to":["` + person + `"],"message":{"action":{"name":"x"}}}`, status: 403, code: 2011, pointer: "/message/action"},
		"blank":                   {body: text(person, "\u200b"), status: 400, code: 1005, pointer: "/message/parts/0/value"},
		"over the rate for long":  {change: func(_ *rig, s *setup) { s.api.Rate, s.api.Burst = 0.0247, 1 }, before: func(r *rig) { r.send(t, hi) }, body: hi, status: 429, code: 1007, retryAfter: "41", never: true},
		"over the rate":           {change: func(_ *rig, s *setup) { s.api.Rate, s.api.Burst = 0.4, 1 }, before: func(r *rig) { r.send(t, hi) }, body: hi, status: 429, code: 1007, retryAfter: "3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, append([]func(*rig, *setup){}, nonNil(c.change)...)...)
			if c.before != nil {
				c.before(r)
			}
			method, url := "POST", "/v3/messages"
			if c.method != "" {
				method = c.method
			}
			if c.url != "" {
				url = c.url
			}
			a := r.do(t, method, url, c.body, c.headers...)
			assert.Equal(t, []int{c.status, c.code}, []int{a.status, a.code()}, a.text)
			covered[c.code] = true
			assert.Equal(t, c.retryAfter, a.header.Get("Retry-After"))
			assert.Equal(t, c.never, a.header.Get("X-Should-Retry") == "false")
			if c.code == 1007 {
				assert.Equal(t, c.retryAfter, fmt.Sprint(at(a.body, "error", "retry_after")))
			} else {
				assert.NotContains(t, a.text, "retry_after")
			}
			title := fault.Code(c.code).Message()
			switch c.code {
			case 1001, 1004, 1005, 1008, 2008, 2011, 2024, 2026:
				assert.Regexp(t, "^"+regexp.QuoteMeta(title)+": .+ \\(at "+regexp.QuoteMeta(c.pointer)+"\\)$", at(a.body, "error", "message"))
			case 2002: // says why too
				assert.Regexp(t, "^"+title+": .*record", at(a.body, "error", "message"))
			case 1003: // some have texts of their own
			default:
				assert.Equal(t, title, at(a.body, "error", "message"))
			}
			assert.NotContains(t, a.text, "secret", "a cause never leaves")
			assert.Equal(t, a.header.Get("X-Trace-ID"), a.body["trace_id"])
			assert.EqualValues(t, c.status, at(a.body, "error", "status"))
			assert.Equal(t, "https://docs.example.com"+fault.Code(c.code).DocPath(), at(a.body, "error", "doc_url"))
			if c.pointer != "" {
				violations := at(a.body, "error", "violations").([]any)
				assert.Equal(t, c.pointer, at(violations[0], "pointer"))
			}
		})
	}
	for code := range fault.Codes() {
		if code == fault.CodeLineNotFound {
			continue // for hosts that call the Router: the endpoint acknowledges such events
		}
		assert.True(t, covered[int(code)], "no row for code %d", code)
	}
}

func nonNil(f func(*rig, *setup)) []func(*rig, *setup) {
	if f == nil {
		return nil
	}
	return []func(*rig, *setup){f}
}

func denies(err error) func(*rig, *setup) {
	return func(_ *rig, s *setup) {
		s.api.Authenticate = func(*http.Request) (string, error) { return "", fmt.Errorf("no: %w", err) }
	}
}

// TestPageExamples holds the error bodies that the page shows to the letter.
func TestPageExamples(t *testing.T) {
	docs := func(_ *rig, s *setup) { s.api.DocBase = "https://docs.linqapp.com" }
	for want, a := range map[string]answered{
		`{"status":400,"code":1002,"message":"Phone number must be in E.164 format","doc_url":"https://docs.linqapp.com/error/codes/1xxx/1002/"}`:                   newRig(t, docs).do(t, "POST", "/v3/messages", text("1", "x")),
		`{"status":401,"code":2004,"message":"Unauthorized - missing or invalid authentication token","doc_url":"https://docs.linqapp.com/error/codes/2xxx/2004/"}`: newRig(t, docs).do(t, "POST", "/v3/messages", "{}", "Authorization", "Bearer x"),
		`{"status":403,"code":2005,"message":"Access denied - insufficient permissions for this resource","doc_url":"https://docs.linqapp.com/error/codes/2xxx/2005/"}`: newRig(t, docs, denies(httpapi.ErrForbidden)).
			do(t, "POST", "/v3/messages", "{}"),
		`{"status":409,"code":2015,"message":"no eligible sending line available","doc_url":"https://docs.linqapp.com/error/codes/2xxx/2015/"}`: newRig(t, docs, failing(&routing.Refusal{Code: fault.CodeNoLine})).
			do(t, "POST", "/v3/messages", text(person, "x")),
		`{"status":500,"code":3006,"message":"Internal server error","doc_url":"https://docs.linqapp.com/error/codes/3xxx/3006/"}`: newRig(t, docs, failing(errors.New("x"))).
			do(t, "POST", "/v3/messages", text(person, "x")),
	} {
		got := at(a.body, "error").(map[string]any)
		delete(got, "violations")
		assert.JSONEq(t, want, jsonOf(t, got))
		assert.Equal(t, false, a.body["success"])
	}
}

// TestPanics says that a panic is a 500 that says nothing, and the next request
// is answered as if nothing had been.
func TestPanics(t *testing.T) {
	var logged bytes.Buffer
	var seen []httpapi.Answered
	panics := true
	r := newRig(t, func(_ *rig, s *setup) {
		s.route = routerFunc(func(context.Context, fromline.Outgoing) (routing.Decision, error) {
			if panics {
				panic("hello from " + person)
			}
			return routing.Decision{}, &fromline.GateError{Admission: fromline.Blocked}
		})
		s.api.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
		s.api.Observe = func(a httpapi.Answered) { seen = append(seen, a) }
	})
	a := r.do(t, "POST", "/v3/messages", text(person, "hi"))
	assert.Equal(t, []int{500, 3006}, []int{a.status, a.code()})
	assert.Equal(t, "false", a.header.Get("X-Should-Retry"), "without a key it may have been sent")
	assert.NotContains(t, logged.String(), person[1:])
	assert.Contains(t, logged.String(), a.header.Get("X-Trace-ID"))
	panics = false
	a = r.do(t, "POST", "/v3/messages", text(person, "hi"))
	assert.Equal(t, 2026, a.code())
	require.Len(t, seen, 2)
	assert.Equal(t, []any{"messages", 500, 3006}, []any{seen[0].Endpoint, seen[0].Status, seen[0].Code})
	assert.Equal(t, []any{"messages", 403, 2026}, []any{seen[1].Endpoint, seen[1].Status, seen[1].Code})
}

// TestAborted says that a connection whose answer was begun and not finished is
// cut: a client must not take half an answer for one.
func TestAborted(t *testing.T) {
	for name, writer := range map[string]http.ResponseWriter{
		"the router aborts":      httptest.NewRecorder(),
		"the answer cannot pass": brokenWriter{httptest.NewRecorder()},
	} {
		r := newRig(t, func(_ *rig, s *setup) {
			if name == "the router aborts" {
				s.route = routerFunc(func(context.Context, fromline.Outgoing) (routing.Decision, error) { panic(http.ErrAbortHandler) })
			}
		})
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { r.ServeHTTP(writer, newRequest("POST", "/v3/messages", text(person, "hi"))) }, name)
	}
}

// brokenWriter is a connection whose writer panics.
type brokenWriter struct{ *httptest.ResponseRecorder }

func (brokenWriter) Write([]byte) (int, error) { panic("half an answer") }

// TestLogNamesNobody says that what is logged holds neither handles nor text
// nor keys nor tokens; our own lines are named.
func TestLogNamesNobody(t *testing.T) {
	var logged bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := newRig(t, func(_ *rig, s *setup) { s.api.Logger, s.routing.Logger = l, l })
	r.send(t, text(person, "private words"), "Idempotency-Key", "private key")
	r.do(t, "POST", "/v3/messages", text("4155559876", "private words"), "Idempotency-Key", "private key")
	r.do(t, "POST", "/v3/messages", text(person, "other private words"), "Idempotency-Key", "private key")
	r.do(t, "POST", "/v3/messages", "{"+person)
	r.do(t, "GET", "/v3/"+person, "")
	for _, l := range lines {
		r.flag(t, l)
	}
	r.do(t, "POST", "/v3/messages", text(person, "private words"))
	require.GreaterOrEqual(t, strings.Count(logged.String(), "\n"), 6)
	for _, secret := range []string{person, "4155559876", "private", token} {
		assert.NotContains(t, logged.String(), strings.TrimPrefix(secret, "+"))
	}
}
