package httpapi_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/httpapi"
)

// A webhook whose signature is not good is told so, and not that its token is
// bad: which rule, which header, and how to mend it; in the log too. Nothing of
// a secret shows.
func TestABadSignatureIsToldAsOne(t *testing.T) {
	const unknown = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwDDDD"
	signed, err := httpapi.NewSignatures(map[string][]string{tenant: {secretA}})
	require.NoError(t, err)
	body := event(lines[0], "FLAGGED", time.Now().Add(-time.Minute))
	without := func(headers []string, name string) []string { return append(headers, name, "") }
	for name, c := range map[string]struct {
		secrets *httpapi.Signatures
		legacy  bool
		headers func(now time.Time) []string
		rule    string
		header  string
	}{
		"an unknown secret": {signed, false, func(now time.Time) []string { return signature(t, unknown, "msg_1", now, body) }, "signature.wrong", "webhook-signature"},
		"another body":      {signed, false, func(now time.Time) []string { return signature(t, secretA, "msg_1", now, body+" ") }, "signature.wrong", "webhook-signature"},
		"too old": {signed, false, func(now time.Time) []string { return signature(t, secretA, "msg_1", now.Add(-time.Hour), body) },
			"signature.time", "webhook-timestamp"},
		"too early": {signed, false, func(now time.Time) []string { return signature(t, secretA, "msg_1", now.Add(time.Hour), body) },
			"signature.time", "webhook-timestamp"},
		"no id": {signed, false, func(now time.Time) []string {
			return without(signature(t, secretA, "msg_1", now, body), "webhook-id")
		}, "signature.headers", "webhook-id"},
		"no time": {signed, false, func(now time.Time) []string {
			return without(signature(t, secretA, "msg_1", now, body), "webhook-timestamp")
		}, "signature.headers", "webhook-timestamp"},
		"an id alone":     {signed, false, func(time.Time) []string { return []string{"Authorization", "", "webhook-id", "msg_1"} }, "signature.headers", "webhook-timestamp"},
		"no secrets here": {nil, false, func(now time.Time) []string { return signature(t, secretA, "msg_1", now, body) }, "signature.none", "webhook-signature"},
		"older, not taken": {signed, false, func(now time.Time) []string { return legacySignature(secretA, now, body) },
			"signature.legacy", "X-Webhook-Signature"},
		"older, wrong": {signed, true, func(now time.Time) []string { return legacySignature(unknown, now, body) }, "signature.wrong", "X-Webhook-Signature"},
		"older, no time": {signed, true, func(now time.Time) []string {
			return without(legacySignature(secretA, now, body), "X-Webhook-Timestamp")
		},
			"signature.time", "X-Webhook-Timestamp"},
		"a bad token besides": {signed, false, func(now time.Time) []string {
			return append(signature(t, unknown, "msg_1", now, body), "Authorization", "Bearer "+token+"x")
		}, "signature.wrong", "webhook-signature"},
		"a bad token alone": {signed, false, func(time.Time) []string { return []string{"Authorization", "Bearer " + token + "x"} }, "token.unknown", "Authorization"},
		"nothing":           {signed, true, func(time.Time) []string { return []string{"Authorization", ""} }, "token.missing", "Authorization"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			r := newRig(t, func(_ *rig, s *setup) {
				s.api.Signatures, s.api.LegacySignatures = c.secrets, c.legacy
				s.api.Logger = slog.New(slog.NewJSONHandler(&log, nil))
			})
			a := r.do(t, "POST", "/v3/events", body, c.headers(r.now)...)
			require.Equal(t, []int{401, 2004}, []int{a.status, a.code()}, a.text)
			assert.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
			says := at(a.body, "error", "message").(string)
			v := at(a.body, "error").(map[string]any)["violations"].([]any)[0]
			assert.Equal(t, []any{c.rule, c.header}, []any{at(v, "rule"), at(v, "header")})
			assert.Equal(t, c.header == "Authorization", strings.Contains(says, "authentication token"), says)
			words := at(v, "message").(string)
			assert.Contains(t, log.String(), strings.Trim(strconv.Quote(words), `"`), "the log says it too")
			for _, secret := range []string{secretA, unknown, token} {
				assert.NotContains(t, a.text+log.String(), strings.TrimPrefix(secret, "whsec_")[:8])
			}
		})
	}
}
