package httpapi_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/httpapi"
)

// TestTokens is the law of the supplied authentication: exactly the tokens
// given let in, each as its tenant, and nothing that is like one.
func TestTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.SliceOfNDistinct(rapid.StringMatching(`[!-~]{16,40}`), 1, 6, rapid.ID[string]).Draw(t, "tokens")
		ofTenant := map[string][]string{}
		owner := map[string]string{}
		for i, token := range tokens {
			name := strconv.Itoa(i % 3)
			ofTenant[name] = append(ofTenant[name], token)
			owner[token] = name
		}
		authenticate, err := httpapi.Tokens(ofTenant)
		require.NoError(t, err)
		ask := func(header string) (string, error) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Authorization"] = []string{header}
			return authenticate(r)
		}
		for _, token := range tokens {
			for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  "} {
				name, err := ask(scheme + token)
				require.NoError(t, err)
				require.Equal(t, owner[token], name)
			}
			for _, wrong := range []string{token, "Basic " + token, "Bearer" + token, "Bearer " + token[1:], "Bearer " + token + "x", "Bearer ", ""} {
				if _, is := owner[strings.TrimPrefix(wrong, "Bearer ")]; is && strings.HasPrefix(wrong, "Bearer ") {
					continue // another token by chance
				}
				_, err := ask(wrong)
				require.ErrorIs(t, err, httpapi.ErrUnauthenticated, "%q", wrong)
			}
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Authorization"] = []string{"Bearer " + tokens[0], "Bearer " + tokens[0]}
		_, err = authenticate(r)
		require.ErrorIs(t, err, httpapi.ErrUnauthenticated, "two headers are one too many")
	})
}

func TestTokensThatAreRefused(t *testing.T) {
	for name, tokens := range map[string]map[string][]string{
		"none":         {},
		"no token":     {"a": {}},
		"no tenant":    {"": {"0123456789abcdef"}},
		"short":        {"a": {"0123456789abcde"}},
		"empty":        {"a": {""}},
		"white space":  {"a": {"0123456789abcdef\n"}},
		"not ASCII":    {"a": {"0123456789abcdefß"}},
		"in two hands": {"a": {"0123456789abcdef"}, "b": {"0123456789abcdef"}},
	} {
		_, err := httpapi.Tokens(tokens)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "456789", "a token is no business of a log")
	}
}

// A request without a good token is answered in the form of every other error:
// the title that the vendor has, to the letter, and a fault that names the
// header and says what to send. No word of it is from the request.
func TestABadTokenIsToldAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string // Authorization
		rule    string
		says    string
	}{
		"none":           {nil, "token.missing", "send Authorization: Bearer TOKEN"},
		"empty":          {[]string{""}, "token.missing", "send Authorization: Bearer TOKEN"},
		"no scheme":      {[]string{token}, "token.form", "send Authorization: Bearer TOKEN"},
		"another scheme": {[]string{"Basic " + token}, "token.form", "send Authorization: Bearer TOKEN"},
		"no token":       {[]string{"Bearer "}, "token.form", "send Authorization: Bearer TOKEN"},
		"two":            {[]string{"Bearer " + token, "Bearer " + token}, "token.form", "send one"},
		"unknown":        {[]string{"Bearer " + token + "x"}, "token.unknown", "-token"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"POST /v3/messages", "POST /v3/events", "GET /v3/chats", "POST /v3/chats/x/read"} {
				method, url, _ := strings.Cut(path, " ")
				r := httptest.NewRequest(method, url, strings.NewReader("{}"))
				r.Header["Authorization"], r.Header["Content-Type"] = c.headers, []string{"application/json"}
				w := newRig(t).serve(t, r)
				var a fault.Envelope
				require.NoError(t, json.Unmarshal([]byte(w.text), &a))
				assert.Equal(t, []int{401, 401, 2004}, []int{w.status, a.Error.Status, a.Error.Code}, path)
				assert.Equal(t, []any{false, "Bearer", "application/json"}, []any{a.Success, w.header.Get("WWW-Authenticate"), w.header.Get("Content-Type")})
				assert.Equal(t, fault.CodeUnauthenticated.Message(), a.Error.Message)
				assert.Equal(t, w.header.Get("X-Trace-Id"), a.TraceID)
				require.Len(t, a.Error.Violations, 1, path)
				v := a.Error.Violations[0]
				assert.Equal(t, []string{c.rule, "Authorization", ""}, []string{v.Rule, v.Header, v.Pointer})
				assert.Contains(t, v.Message, "Authorization")
				assert.Contains(t, v.Message, c.says)
				assert.Equal(t, c.rule == "token.missing" && url == "/v3/events", strings.Contains(v.Message, "webhook-signature"), "%s: %s", path, v.Message)
				assert.NotContains(t, w.text, token)
			}
		})
	}
}

// A host's own authentication that returns no tenant and no error is at fault
// itself: nothing is decided, and the log names it.
func TestAnAuthenticationWithoutATenant(t *testing.T) {
	for _, of := range []string{"", "a\x00b", "\xff"} {
		var log bytes.Buffer
		r := newRig(t, func(_ *rig, s *setup) {
			s.api.Authenticate = httpapi.Open(of)
			s.api.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		})
		for _, path := range []string{"POST /v3/messages", "GET /v3/phone_numbers", "POST /v3/events"} {
			method, url, _ := strings.Cut(path, " ")
			a := r.do(t, method, url, text(person, "hi"))
			assert.Equal(t, []int{500, 3006}, []int{a.status, a.code()}, a.text)
			assert.NotContains(t, a.text, "Authenticate")
		}
		assert.Equal(t, 3, strings.Count(log.String(), "Options.Authenticate"), log.String())
	}
}

const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"
	secretB = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBBBB"
	secretC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwCCCC"
)

// signature returns the headers of a webhook.
func signature(t testing.TB, secret, id string, at time.Time, body string) []string {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	s, err := w.Sign(id, at, []byte(body))
	require.NoError(t, err)
	return []string{"Authorization", "", "webhook-id", id, "webhook-timestamp", strconv.FormatInt(at.Unix(), 10), "webhook-signature", s}
}

// legacySignature returns the headers of a webhook that is signed in the older
// way, with a text as the key.
func legacySignature(key string, at time.Time, body string) []string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(timestamp + "." + body))
	return []string{"Authorization", "", "X-Webhook-Event", "phone_number.status_updated", "X-Webhook-Subscription-ID", "sub_1",
		"X-Webhook-Timestamp", timestamp, "X-Webhook-Signature", hex.EncodeToString(h.Sum(nil))}
}

func TestLegacySignatures(t *testing.T) {
	signed, err := httpapi.NewSignatures(map[string][]string{tenant: {secretA, secretB}, tenant2: {secretC}})
	require.NoError(t, err)
	legacy := newRig(t, func(_ *rig, s *setup) { s.api.Signatures, s.api.LegacySignatures = signed, true })
	now := legacy.now
	body := event(lines[0], "FLAGGED", now.Add(-time.Minute))
	with := func(headers []string, pairs ...string) []string { return append(slices.Clone(headers), pairs...) }
	bareA := strings.TrimPrefix(secretA, "whsec_")
	rawA, err := base64.StdEncoding.DecodeString(bareA)
	require.NoError(t, err)
	good := legacySignature(secretA, now, body)
	standard := signature(t, secretA, "msg_1", now, body)
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"first secret":                    {body, good, 200},
		"first secret, bare":              {body, legacySignature(bareA, now, body), 200},
		"second secret":                   {body, legacySignature("whsec_"+secretB, now, body), 200},
		"second secret, bare":             {body, legacySignature(secretB, now, body), 200},
		"just old enough":                 {body, legacySignature(secretA, now.Add(-5*time.Minute).Add(time.Second), body), 200},
		"just early enough":               {body, legacySignature(secretA, now.Add(5*time.Minute), body), 200},
		"another tenant's":                {body, legacySignature(secretC, now, body), 200},
		"both, as the vendor sends them":  {body, with(standard, good[2:]...), 200},
		"an unknown secret":               {body, legacySignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwDDDD", now, body), 401},
		"the bytes of the secret":         {body, legacySignature(string(rawA), now, body), 401},
		"another body":                    {body + " ", good, 401},
		"another timestamp":               {body, with(good, "X-Webhook-Timestamp", strconv.FormatInt(now.Unix()+1, 10)), 401},
		"too old":                         {body, legacySignature(secretA, now.Add(-5*time.Minute-time.Second), body), 401},
		"from the future":                 {body, legacySignature(secretA, now.Add(5*time.Minute+time.Second), body), 401},
		"no timestamp":                    {body, with(good, "X-Webhook-Timestamp", ""), 401},
		"timestamp is no time":            {body, with(good, "X-Webhook-Timestamp", "now"), 401},
		"no signature":                    {body, with(good, "X-Webhook-Signature", ""), 401},
		"signature with a name before it": {body, with(good, "X-Webhook-Signature", "sha256="+good[len(good)-1]), 401},
		"half a signature":                {body, with(good, "X-Webhook-Signature", good[len(good)-1][:32]), 401},

		"beside a wrong standard one":        {body, with(good, signature(t, secretC, "msg_1", now, body+" ")[2:]...), 401},
		"beside a standard one that is old":  {body, with(good, signature(t, secretA, "msg_1", now.Add(-time.Hour), body)[2:]...), 401},
		"beside an id alone":                 {body, with(good, "webhook-id", "msg_1"), 401},
		"beside an empty standard signature": {body, with(good, "webhook-signature", "-"), 401},
		"garbage, and a token":               {body, with(good, "Authorization", "Bearer "+token, "X-Webhook-Signature", "x"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			a := legacy.do(t, "POST", "/v3/events", c.body, c.headers...)
			assert.Equal(t, c.status, a.status, a.text)
			if name == "another tenant's" {
				assert.Equal(t, "unknown_line", a.body["reason"])
			}
		})
	}
	a := legacy.do(t, "POST", "/v3/messages", text(person, "hi"), legacySignature(secretA, now, text(person, "hi"))...)
	assert.Equal(t, 401, a.status, "a signature is good for events only")

	strict := newRig(t, func(_ *rig, s *setup) { s.api.Signatures = signed })
	assert.Equal(t, 401, strict.do(t, "POST", "/v3/events", body, good...).status, "nobody asked for older signatures")
	assert.Equal(t, 200, strict.do(t, "POST", "/v3/events", body, with(standard, good[2:]...)...).status)
}

func TestSignatures(t *testing.T) {
	signed, err := httpapi.NewSignatures(map[string][]string{tenant: {secretA, secretB}, tenant2: {secretC}})
	require.NoError(t, err)
	r := newRig(t, func(_ *rig, s *setup) { s.api.Signatures = signed })
	now := r.now
	body := event(lines[0], "FLAGGED", now.Add(-time.Minute))
	with := func(headers []string, pairs ...string) []string { return append(headers, pairs...) }
	good := signature(t, secretA, "msg_1", now, body)
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"first secret":         {body, good, 200},
		"second secret":        {body, signature(t, secretB, "msg_2", now, body), 200},
		"old enough":           {body, signature(t, secretA, "msg_3", now.Add(-5*time.Minute).Add(time.Second), body), 200},
		"among others":         {body, with(good, "webhook-signature", "v1a,xxxx v1,AAAA "+good[len(good)-1]), 200},
		"another tenant's":     {body, signature(t, secretC, "msg_4", now, body), 200},
		"an unknown secret":    {body, signature(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwDDDD", "msg_5", now, body), 401},
		"another body":         {body + " ", good, 401},
		"another id":           {body, with(good, "webhook-id", "msg_9"), 401},
		"another version":      {body, with(good, "webhook-signature", "v2"+good[len(good)-1][2:]), 401},
		"too old":              {body, signature(t, secretA, "msg_6", now.Add(-5*time.Minute-2*time.Second), body), 401},
		"from the future":      {body, signature(t, secretA, "msg_7", now.Add(5*time.Minute+2*time.Second), body), 401},
		"no id":                {body, with(good, "webhook-id", ""), 401},
		"no timestamp":         {body, with(good, "webhook-timestamp", ""), 401},
		"no signature":         {body, with(good, "webhook-signature", ""), 401},
		"timestamp is no time": {body, with(good, "webhook-timestamp", "now"), 401},
		"garbage, and a token": {body, with(good, "Authorization", "Bearer "+token, "webhook-signature", "v1,x"), 200},
		"large": {body + strings.Repeat(" ", 300<<10), signature(t, secretA, "msg_8", now,
			body+strings.Repeat(" ", 300<<10)), 413},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.do(t, "POST", "/v3/events", c.body, c.headers...)
			assert.Equal(t, c.status, a.status, a.text)
			if name == "another tenant's" {
				assert.Equal(t, "unknown_line", a.body["reason"])
			}
		})
	}
	_, err = httpapi.NewSignatures(map[string][]string{tenant: {secretA, secretB, secretA}})
	require.NoError(t, err, "a tenant may be given a secret twice")
	a := r.do(t, "POST", "/v3/messages", text(person, "hi"), signature(t, secretA, "msg_1", now, text(person, "hi"))...)
	assert.Equal(t, 401, a.status, "a signature is good for events only")

	r = newRig(t, func(_ *rig, s *setup) { s.api.Signatures, s.api.Rate, s.api.Burst = signed, 0.001, 1 })
	for i := range 3 {
		id := fmt.Sprint("msg_", i)
		assert.Equal(t, 200, r.do(t, "POST", "/v3/events", body, signature(t, secretA, id, r.now, body)...).status, "signed events are not counted")
	}
	assert.Equal(t, 200, r.do(t, "POST", "/v3/events", body).status)
	assert.Equal(t, 429, r.do(t, "POST", "/v3/events", body).status, "those with a token are")

	for name, secrets := range map[string]map[string][]string{
		"no tenant": {"": {secretA}},
		"short":     {"a": {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La"}},
		"bare":      {"a": {"whsec_"}},
		"empty":     {"a": {""}},
		"no base64": {"a": {"whsec_!fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"}},
		"23 bytes":  {"a": {"whsec_" + base64.StdEncoding.EncodeToString([]byte("ILPZ-456789012345678901"))}},

		"in two hands":               {"a": {secretA}, "b": {secretB, secretA}},
		"in two hands, without name": {"a": {secretA}, "b": {strings.TrimPrefix(secretA, "whsec_")}},
		"in two hands, as an equal":  {"a": {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA=="}, "b": {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB=="}},
		"in two hands, padded":       {"a": {secretA}, "b": {secretA + "AAAA"}},
	} {
		_, err := httpapi.NewSignatures(secrets)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "ILPZ")
	}
}
