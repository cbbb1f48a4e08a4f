//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

const twoLines = `{"phone_numbers":[{"id":"1","phone_number":"+12052535597"},{"id":"2","phone_number":"+12052535598"}]}`

func sendTo(to, text string) string {
	return `{"to":["` + to + `"],"message":{"parts":[{"type":"text","value":"` + text + `"}]}}`
}

func flagEvent(line, status string, at time.Time) string {
	return `{"event_type":"phone_number.status_updated","event_id":"e","data":{"phone_number":"` + line + `","new_status":"` + status +
		`","changed_at":"` + at.UTC().Format(time.RFC3339Nano) + `"}}`
}

// stores are the stores to serve from, by name; those that can be served from
// again by another process say so.
func stores(t *testing.T) map[string]string {
	return map[string]string{"memory": "memory:", "sqlite": "sqlite:" + filepath.Join(t.TempDir(), "chats.db")}
}

// TestServe walks once through everything that is served, over each store.
func TestServe(t *testing.T) {
	all := stores(t)
	all["postgres"] = ""
	for name, dsn := range all {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				dsn = pgtest.Database(t)
			}
			file := filepath.Join(t.TempDir(), "deliveries")
			p := start(t, "-fleet", "private-tenant="+write(t, "fleet.json", twoLines), "-store", dsn, "-deliveries", file, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
			status, first := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "private one"), "Idempotency-Key", "private key")
			require.Equal(t, 202, status, first)
			eventually(t, func() bool { return len(deliveries(t, file)) == 1 }) // else it would be rerouted, and the second be no failover
			status, _ = p.send(t, "POST", "/v3/events", flagEvent(first["from"].(string), "FLAGGED", time.Now()))
			require.Equal(t, 200, status)
			status, second := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "private two"))
			require.Equal(t, 202, status)
			assert.Equal(t, first["chat_id"], second["previous_chat_id"])
			status, _ = p.send(t, "POST", "/v3/messages", sendTo("4155559876", "private three"))
			assert.Equal(t, 400, status)
			status, _ = p.send(t, "POST", "/v3/messages", strings.Replace(sendTo("+14155559870", "private four"), "{", `{"exclude_from":["+12052535597","+12052535598"],`, 1))
			assert.Equal(t, 400, status)
			status, numbers := p.send(t, "GET", "/v3/phone_numbers", "")
			assert.Equal(t, 200, status)
			assert.Len(t, numbers["phone_numbers"], 2)
			status, chat := p.send(t, "GET", "/v3/chats/"+first["chat_id"].(string), "")
			assert.Equal(t, 200, status)
			assert.Equal(t, second["chat_id"], chat["successor_chat_id"])

			metrics := get(t, p.ops+"/metrics")
			for _, want := range []string{
				`fromline_decisions_total{reason="new_best_number",replay="false"} 1`,
				`fromline_decisions_total{reason="failover_flagged",replay="false"} 1`,
				`fromline_lines{state="flagged"} 1`, `fromline_lines{state="open"} 1`,
				`fromline_request_seconds_count{endpoint="messages",status="202"} 2`,
				`fromline_request_seconds_count{endpoint="messages",status="400"} 2`,
				`fromline_no_line_total{cause="flagged"} 1`, `fromline_no_line_total{cause="excluded"} 1`,
				`fromline_refusals_total{code="1002",endpoint="messages"} 1`,
				"fromline_route_seconds_bucket", "fromline_outbox_waiting", "fromline_outbox_oldest_seconds", "go_goroutines", "go_gc_heap_live_bytes",
			} {
				assert.Contains(t, metrics, want)
			}
			assert.Regexp(t, `(?m)^go_build_info\{.*version="[^"]+"\} 1$`, metrics)
			assert.Equal(t, `{"status":"ready"}`, get(t, p.ops+"/readyz"))
			assert.Equal(t, `{"status":"alive"}`, get(t, p.ops+"/livez"))
			require.Eventually(t, func() bool { return len(deliveries(t, file)) == 2 }, time.Minute, 20*time.Millisecond)
			assert.Equal(t, 0, p.stop(t))
			assert.Subset(t, labels, labelsOf(metrics))

			sent := deliveries(t, file)
			require.Len(t, sent, 2)
			assert.Equal(t, "failover_flagged", sent[1].Reason)
			assert.Equal(t, []string{"+14155559876"}, sent[1].To)
			assert.JSONEq(t, `{"parts":[{"type":"text","value":"private two"}]}`, string(sent[1].Message))
			for _, secret := range []string{"4155559876", "private one", "private two", "private three", "private key"} {
				assert.NotContains(t, p.logged(), secret)
				assert.NotContains(t, metrics, secret)
			}
			assert.NotContains(t, metrics, "private-tenant")
			assert.NotContains(t, metrics, "20525355", "no line is a label")
			assert.Regexp(t, `"msg":"listening",.*"version":"[^"]+","store":"`+name+`","tenants":1,"lines":2,`, p.logged())
			for line := range strings.Lines(p.logged()) {
				assert.True(t, json.Valid([]byte(line)), "a log line is no JSON: %s", line)
			}
		})
	}
}

// labels are all that metrics may have: none holds a handle, a key, a line or a
// tenant.
var labels = []string{
	"reason", "replay", "endpoint", "code", "kind", "outcome", "status", "result", "state", "to", "cause", // ours
	"le", "quantile", "version", "path", "checksum", // of the client library
}

// labelsOf returns the names of the labels of metrics.
func labelsOf(metrics string) (names []string) {
	for _, found := range regexp.MustCompile(`[{,](\w+)="`).FindAllStringSubmatch(metrics, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

func get(t testing.TB, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// TestRestartKnowsWhatWasLearned says that a flagged line is flagged, a chat
// known and a key remembered after a kill. The message stays where it is here:
// a reroute may come before its first attempt, or after the kill.
func TestRestartKnowsWhatWasLearned(t *testing.T) {
	args := []string{"-fleet", write(t, "fleet.json", twoLines), "-store", "sqlite:" + filepath.Join(t.TempDir(), "chats.db"),
		"-deliveries", filepath.Join(t.TempDir(), "deliveries"), "-addr", "127.0.0.1:0", "-reroute=false"}
	p := start(t, args...)
	_, first := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "one"), "Idempotency-Key", "k")
	status, _ := p.send(t, "POST", "/v3/events", flagEvent(first["from"].(string), "FLAGGED", time.Now()))
	require.Equal(t, 200, status)
	_ = p.kill()

	p = start(t, args...)
	_, again := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "one"), "Idempotency-Key", "k")
	assert.Equal(t, first, again)
	_, next := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "two"))
	assert.Equal(t, first["chat_id"], next["previous_chat_id"], "the line is still flagged")
	assert.Equal(t, 0, p.stop(t))
}

// TestTokens says who is let in as whom, by token and by signature, with all
// settings from one file but for the address, of which the command line has
// another.
func TestTokens(t *testing.T) {
	one := write(t, "one.json", `{"phone_numbers":[{"id":"1","phone_number":"+12052535597"}]}`)
	two := write(t, "two.json", `{"phone_numbers":[{"id":"2","phone_number":"+12052535598"}]}`)
	tokenOne, tokenTwo := write(t, "one", "token-of-one-0123\nolder-token-of-one\n"), write(t, "two", "token-of-two-0123")
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"
	config := write(t, "config.json", `{"fleet":["one=`+one+`","two=`+two+`"],"token":["one=@`+tokenOne+`","two=@`+tokenTwo+`"],
		"webhook-secret":"two=@`+write(t, "secret", secret+"\n")+`","addr":"203.0.113.1:1","rate":1000,"burst":2000,"store":"memory:","prefix":"/api"}`)
	p := start(t, "-config", config, "-addr", "127.0.0.1:0", "-deliveries", filepath.Join(t.TempDir(), "d"))
	for token, want := range map[string]string{"token-of-one-0123": "+12052535597", "older-token-of-one": "+12052535597", "token-of-two-0123": "+12052535598"} {
		status, answer := p.send(t, "POST", "/api/v3/messages", sendTo("+14155559876", "hi"), "Authorization", "Bearer "+token)
		require.Equal(t, 202, status)
		assert.Equal(t, want, answer["from"])
	}
	status, _ := p.send(t, "POST", "/api/v3/messages", sendTo("+14155559876", "hi"))
	assert.Equal(t, 401, status)

	webhook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	now := time.Now()
	report := func(line string) string {
		body := flagEvent(line, "FLAGGED", now)
		signature, err := webhook.Sign("msg_1", now, []byte(body))
		require.NoError(t, err)
		status, answer := p.send(t, "POST", "/api/v3/events", body,
			"webhook-id", "msg_1", "webhook-timestamp", strconv.FormatInt(now.Unix(), 10), "webhook-signature", signature)
		require.Equal(t, 200, status)
		reason, _ := answer["reason"].(string)
		return reason
	}
	assert.Empty(t, report("+12052535598"))
	assert.Equal(t, "unknown_line", report("+12052535597"), "a line of the other tenant")
	status, _ = p.send(t, "POST", "/api/v3/events", flagEvent("+12052535598", "ACTIVE", now))
	assert.Equal(t, 401, status)
	assert.Equal(t, 0, p.stop(t))
}

// TestRateOfTenants says that each tenant has a rate of its own.
func TestRateOfTenants(t *testing.T) {
	p := start(t, "-fleet", "one="+write(t, "one.json", twoLines), "-fleet", "two="+write(t, "two.json", `{"phone_numbers":[]}`), "-addr", "127.0.0.1:0",
		"-token", "one=@"+write(t, "one", "token-of-one-0123"), "-token", "two=@"+write(t, "two", "token-of-two-0123"), "-rate", "0.001", "-burst", "2")
	for _, want := range []int{200, 200, 429} {
		for _, token := range []string{"token-of-one-0123", "token-of-two-0123"} {
			status, _ := p.send(t, "GET", "/v3/phone_numbers", "", "Authorization", "Bearer "+token)
			assert.Equal(t, want, status)
		}
	}
	assert.Equal(t, 0, p.stop(t))
}

// TestServeStatus holds what cannot be used apart: each is exit status 2, says
// why, and shows no secret.
func TestServeStatus(t *testing.T) {
	fleet := write(t, "fleet.json", twoLines)
	secret := write(t, "secret", "0123456789-secret-secret")
	short := write(t, "short", "secret")
	for name, args := range map[string][]string{
		"no fleet":                  {},
		"fleet missing":             {"-fleet", "nowhere.json"},
		"fleet broken":              {"-fleet", write(t, "broken.json", `{"phone_numbers":[{}]}`)},
		"two fleets of one":         {"-fleet", "a=" + fleet, "-fleet", "a=" + fleet, "-token", "a=@" + secret},
		"a number in two fleets":    {"-fleet", "a=" + fleet, "-fleet", "b=" + fleet, "-token", "a=@" + secret},
		"a token without a fleet":   {"-fleet", "a=" + fleet, "-token", "a=@" + secret, "-token", "b=@" + secret},
		"a secret without a fleet":  {"-fleet", "a=" + fleet, "-webhook-secret", "b=@" + secret},
		"two tenants, no token":     {"-fleet", "a=" + fleet, "-fleet", "b=" + write(t, "b.json", `{"phone_numbers":[]}`)},
		"open to the world":         {"-fleet", fleet, "-addr", "0.0.0.0:0"},
		"open to every address":     {"-fleet", fleet, "-addr", ":0"},
		"token on the command line": {"-fleet", "a=" + fleet, "-token", "a=0123456789-secret-secret"},
		"token too short":           {"-fleet", "a=" + fleet, "-token", "a=@" + short},
		"token file missing":        {"-fleet", "a=" + fleet, "-token", "a=@nowhere"},
		"token file empty":          {"-fleet", "a=" + fleet, "-token", "a=@" + write(t, "empty", "\n \n")},
		"webhook secret":            {"-fleet", "a=" + fleet, "-webhook-secret", "a=@" + short},
		"store":                     {"-fleet", fleet, "-store", "cassandra://secret@host"},
		"store, no file":            {"-fleet", fleet, "-store", "sqlite:"},
		"store, nobody there":       {"-fleet", fleet, "-store", "postgres://u:secret@127.0.0.1:1/x?connect_timeout=1"},
		"deliveries":                {"-fleet", fleet, "-deliveries", "/nowhere/at/all"},
		"two ways to deliver":       {"-fleet", fleet, "-deliveries", "-", "-deliver-url", "http://127.0.0.1:1/"},
		"delivery URL":              {"-fleet", fleet, "-deliver-url", "ftp://u:secret@host/"},
		"delivery secret":           {"-fleet", fleet, "-deliver-url", "http://127.0.0.1:1/", "-deliver-secret", "secret-secret"},
		"delivery secret, short":    {"-fleet", fleet, "-deliver-url", "http://127.0.0.1:1/", "-deliver-secret", "@" + short},
		"delivery secret, no URL":   {"-fleet", fleet, "-deliver-secret", "@" + secret},
		"delivery authorization":    {"-fleet", fleet, "-deliver-url", "http://127.0.0.1:1/", "-deliver-authorization", "@nowhere"},
		"two authorizations":        {"-fleet", fleet, "-deliver-url", "http://127.0.0.1:1/", "-deliver-authorization", "@" + write(t, "two", "secret-secret\nb\n")},
		"a negative backlog":        {"-fleet", fleet, "-max-backlog", "-1"},
		"no delivery at once":       {"-fleet", fleet, "-deliver-concurrency", "0"},
		"address without a port":    {"-fleet", fleet, "-addr", "127.0.0.1"},
		"no address":                {"-fleet", fleet, "-addr", ""},
		"address of others":         {"-fleet", "a=" + fleet, "-token", "a=@" + secret, "-addr", "203.0.113.1:80"},
		"ops address":               {"-fleet", fleet, "-addr", "127.0.0.1:0", "-ops-addr", "nowhere"},
		"prefix":                    {"-fleet", fleet, "-addr", "127.0.0.1:0", "-prefix", "api/"},
		"a doc base that is a path": {"-fleet", fleet, "-addr", "127.0.0.1:0", "-doc-base", "/docs"},
		"burst without rate":        {"-fleet", fleet, "-burst", "3"},
		"negative rate":             {"-fleet", fleet, "-rate", "-3"},
		"argument":                  {"-fleet", fleet, "more"},
		"config missing":            {"-config", "nowhere"},
		"config is no object":       {"-config", write(t, "c1", `[]`)},
		"config, unknown":           {"-config", write(t, "c2", `{"fleets":"x"}`)},
		"config, wrong type":        {"-config", write(t, "c3", `{"fleet":{"a":"b"}}`)},
		"config, wrong value":       {"-config", write(t, "c4", `{"rate":"fast"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			r := runWith("", append([]string{"serve"}, args...)...)
			assert.Equal(t, exitUsage, r.status)
			assert.NotEmpty(t, r.stderr)
			assert.NotContains(t, r.stderr, "secret-secret")
			assert.NotContains(t, r.stderr, ":secret@")
			assert.Empty(t, r.stdout)
		})
	}
	assert.Equal(t, exitOK, runWith("", "serve", "-h").status)
}

// TestParkedCanBeReleased says that a message that was refused for good is
// listed for those who run the server, and goes out when they say so.
func TestParkedCanBeReleased(t *testing.T) {
	var broken atomic.Bool
	var got atomic.Int32
	broken.Store(true)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(400)
			return
		}
		got.Add(1)
	}))
	defer receiver.Close()
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	_, sent := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"))
	id := sent["message"].(map[string]any)["id"].(string)
	eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/parked"), id) })
	assert.NotContains(t, get(t, p.ops+"/parked"), "5559876")
	broken.Store(false)
	release := func(id string) int {
		answer, err := http.Post(p.ops+"/parked/"+id+"/release", "", nil)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	assert.Equal(t, 404, release("550e8400-e29b-41d4-a716-446655440000"))
	assert.Equal(t, 200, release(id))
	eventually(t, func() bool { return got.Load() == 1 })
	assert.Equal(t, `{"parked":[]}`, get(t, p.ops+"/parked"))
	assert.Equal(t, 0, p.stop(t))
}

// TestDeliveriesAreSigned says that what serve posts carries the signature and
// the Authorization of the files, and that a receiver that refuses them parks
// nothing: it gets the message when it takes it.
func TestDeliveriesAreSigned(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	verified := make(chan string, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Regexp(t, `^fromline/[^ ()]+$`, r.UserAgent())
		webhook, err := standardwebhooks.NewWebhook(secret)
		if err != nil || webhook.Verify(body, r.Header) != nil || r.Header.Get("Authorization") != "Bearer abc" {
			w.WriteHeader(401)
			return
		}
		verified <- r.Header.Get("webhook-id")
	}))
	defer receiver.Close()
	fleet := write(t, "fleet.json", twoLines)
	store := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	p := start(t, "-fleet", fleet, "-store", store, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"))
	require.Equal(t, 202, status)
	eventually(t, func() bool {
		return regexp.MustCompile(`fromline_deliveries_total\{result="retrying"\} [1-9]`).MatchString(get(t, p.ops+"/metrics"))
	})
	assert.Equal(t, `{"parked":[]}`, get(t, p.ops+"/parked"))
	assert.Equal(t, 0, p.stop(t))

	p = start(t, "-fleet", fleet, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-deliver-concurrency", "2",
		"-deliver-secret", "@"+write(t, "secret", secret+"\n"), "-deliver-authorization", "@"+write(t, "authorization", "Bearer abc\n"))
	_, sent := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"))
	assert.Equal(t, sent["message"].(map[string]any)["id"], <-verified)
	assert.Equal(t, 0, p.stop(t))
}

// TestFlaggedByTheNetwork says that a receiver that refuses a message because
// the network has flagged the line makes the next send of that chat fail over,
// and that the line is still flagged when the process starts again. The message
// itself stays where it is here: no reroute takes it along.
func TestFlaggedByTheNetwork(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "first") {
			w.Header().Set("X-Line-Flagged", "true")
			w.WriteHeader(409)
		}
	}))
	defer receiver.Close()
	args := []string{"-fleet", write(t, "fleet.json", twoLines), "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0",
		"-reroute=false", "-store", "sqlite:" + filepath.Join(t.TempDir(), "chats.db")}
	p := start(t, args...)
	_, first := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "first"))
	eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/metrics"), `fromline_lines{state="flagged"} 1`) })
	_, second := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "second"))
	assert.Equal(t, first["chat_id"], second["previous_chat_id"])
	assert.Equal(t, 0, p.stop(t))
	p = start(t, args...)
	assert.Contains(t, get(t, p.ops+"/metrics"), `fromline_lines{state="flagged"} 1`)
	assert.Equal(t, 0, p.stop(t))
}
