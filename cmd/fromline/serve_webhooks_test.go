//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Webhooks of ours are posted, signed, and again by the next process where the
// one before was killed before they were taken.
func TestServeWebhooks(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	var mu sync.Mutex
	tried, taken := 0, map[string]map[string]any{}
	open := false
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		assert.NoError(t, verifier.Verify(body, r.Header))
		assert.Regexp(t, `^fromline/[^ ()]+$`, r.UserAgent())
		tried++
		if !open {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var event map[string]any
		assert.NoError(t, json.Unmarshal(body, &event))
		assert.Equal(t, r.Header.Get("webhook-id"), event["event_id"])
		taken[event["event_id"].(string)] = event
	}))
	defer host.Close()
	dir := t.TempDir()
	args := []string{
		"-fleet", fleetOf(t, lineOf("+12052535597", "")), "-store", "sqlite:" + filepath.Join(dir, "chats.db"), "-addr", "127.0.0.1:0",
		"-deliveries", filepath.Join(dir, "out"), "-webhooks-to", host.URL, "-deliver-secret", "@" + write(t, "secret", secret),
	}
	within := func(what string, holds func() bool) {
		require.Eventually(t, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return holds()
		}, time.Minute, 20*time.Millisecond, what)
	}
	p := start(t, args...)
	sent := map[string]bool{}
	for _, person := range []string{"+14155550101", "+14155550102", "+14155550103"} {
		status, answer := p.send(t, "POST", "/v3/messages", sendTo(person, "hi"))
		require.Equal(t, 202, status, answer)
		sent[answer["message"].(map[string]any)["id"].(string)] = true
	}
	within("all were handed over, and told in vain", func() bool { return tried >= 3 })
	_ = p.kill()
	mu.Lock()
	open = true
	mu.Unlock()
	p = start(t, args...)
	within("the next process tells them", func() bool { return len(taken) == 3 })
	status, answer := p.send(t, "POST", "/v3/events", `{"event_type":"phone_number.status_updated","event_id":"e","data":{"phone_number":"+12052535597",`+
		`"previous_status":"ACTIVE","new_status":"FLAGGED","changed_at":"`+time.Now().UTC().Format(time.RFC3339Nano)+`"}}`)
	require.Equal(t, 200, status, answer)
	within("and that a line changed", func() bool { return len(taken) == 4 })
	require.Equal(t, 0, p.stop(t))
	kinds := map[any]int{}
	for _, event := range taken {
		kinds[event["event_type"]]++
		data := event["data"].(map[string]any)
		if event["event_type"] == "message.sent" {
			assert.True(t, sent[data["id"].(string)], data)
			delete(sent, data["id"].(string))
		}
	}
	assert.Equal(t, map[any]int{"message.sent": 3, "phone_number.status_updated": 1}, kinds)

	for _, wrong := range [][]string{{"-webhooks-to", "nowhere"}, {"-webhooks-to", "ftp://a/b"}} {
		r := runWith("", append([]string{"serve", "-fleet", args[1], "-addr", "127.0.0.1:0"}, wrong...)...)
		assert.Equal(t, exitUsage, r.status)
		assert.Contains(t, r.stderr, "-webhooks-to")
	}
}
