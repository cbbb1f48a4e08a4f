package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// TestBranches walks reuse, new and failover, with every documented kind of
// part. The rig holds each answer to the schema that was written from the page.
func TestBranches(t *testing.T) {
	for name, example := range loadContract(t).at(t, "paths", "/v3/messages", "post", "requestBody", "content", "application/json", "examples") {
		body, err := json.Marshal(example.(map[string]any)["value"])
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			first := r.send(t, string(body))
			assert.Equal(t, "new_best_number", at(first.body, "from_selection", "reason"))
			assert.Equal(t, true, first.body["created_new_chat"])
			assert.Nil(t, first.body["previous_chat_id"])
			assert.Empty(t, first.header.Get("Idempotent-Replayed"))

			again := r.send(t, string(body))
			if again.header.Get("Idempotent-Replayed") == "" {
				assert.Equal(t, "reused_active_chat", at(again.body, "from_selection", "reason"))
				assert.Equal(t, first.body["chat_id"], again.body["chat_id"])
				assert.NotEqual(t, at(first.body, "message", "id"), at(again.body, "message", "id"))
			} else {
				assert.Equal(t, first.text, again.text, "a replay is the same body")
			}

			r.flag(t, first.body["from"].(string))
			third := r.send(t, withKey(t, string(body), "another key"))
			assert.Equal(t, "failover_flagged", at(third.body, "from_selection", "reason"))
			assert.Equal(t, first.body["chat_id"], third.body["previous_chat_id"])
			assert.NotEqual(t, first.body["from"], third.body["from"])
			assert.Nil(t, at(third.body, "message", "reply_to"), "there is nothing to reply to in a new chat")
		})
	}
}

// withKey gives a send another idempotency key.
func withKey(t testing.TB, body, key string) string {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	v["message"].(map[string]any)["idempotency_key"] = key
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// TestContinuation says that the continuation replaces the message on failover
// and only there.
func TestContinuation(t *testing.T) {
	r := newRig(t)
	const body = `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"one"}],"effect":{"name":"slam"}},"continuation_message":{"text":"two"}}`
	value := func(a answered) any {
		return at(at(a.body, "message").(map[string]any)["parts"].([]any)[0], "value")
	}
	first := r.send(t, body)
	assert.Equal(t, "one", value(first))
	assert.Equal(t, "one", value(r.send(t, body)))
	r.flag(t, first.body["from"].(string))
	failed := r.send(t, body)
	assert.Equal(t, "two", value(failed))
	assert.Nil(t, at(failed.body, "message", "effect"))
	assert.Equal(t, "one", value(r.send(t, body)))
}

// TestKeys says that a key answers with the first decision, whether it came in
// the header or in the body, and is refused for another request.
func TestKeys(t *testing.T) {
	r := newRig(t)
	first := r.send(t, text(person, "hi"), "Idempotency-Key", "k1")
	assert.Empty(t, first.header.Get("Idempotent-Replayed"))
	r.flag(t, first.body["from"].(string))
	for _, again := range []answered{
		r.send(t, text(person, "hi"), "Idempotency-Key", "k1"),
		r.send(t, withKey(t, text(person, "hi"), "k1")),
		r.send(t, withKey(t, text(person, "hi"), "k1"), "Idempotency-Key", "k1"),
	} {
		assert.Equal(t, first.text, again.text)
		assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		assert.NotEqual(t, first.header.Get("X-Trace-ID"), again.header.Get("X-Trace-ID"))
	}
	violation := func(a answered) any { return at(a.body, "error", "violations").([]any)[0] }
	other := r.do(t, "POST", "/v3/messages", text(person, "ho"), "Idempotency-Key", "k1")
	assert.Equal(t, []int{400, 1005}, []int{other.status, other.code()})
	assert.Equal(t, "Idempotency-Key", at(violation(other), "header"))
	assert.Empty(t, at(violation(other), "pointer"), "the fault is not in the body")
	for _, headers := range [][]string{nil, {"Idempotency-Key", "k1"}} {
		inBody := r.do(t, "POST", "/v3/messages", withKey(t, text(person, "ho"), "k1"), headers...)
		assert.Equal(t, []int{400, 1005}, []int{inBody.status, inBody.code()})
		assert.Equal(t, "/message/idempotency_key", at(violation(inBody), "pointer"))
		assert.NotContains(t, violation(inBody), "header")
	}

	differs := r.do(t, "POST", "/v3/messages", withKey(t, text(person, "hi"), "k2"), "Idempotency-Key", "k3")
	assert.Equal(t, []int{400, 1005}, []int{differs.status, differs.code()})

	for key, want := range map[string][]int{"k4": {400, 1005}, "k5": {202, 0}} {
		request := newRequest("POST", "/v3/messages", text(person, "hi"))
		request.Header["Idempotency-Key"] = []string{"k5", key}
		a := r.serve(t, request)
		assert.Equal(t, want, []int{a.status, a.code()}, "two headers, the second with %s", key)
	}

	elsewhere := r.send(t, text(person, "hi"), "Idempotency-Key", "k1", "Authorization", "Bearer "+token2)
	assert.NotEqual(t, first.body["chat_id"], elsewhere.body["chat_id"], "a key belongs to its tenant")
}

func TestPhoneNumbers(t *testing.T) {
	r := newRig(t, func(_ *rig, s *setup) { s.limits = line.Limits{NewChatsPerDay: 20} })
	r.flag(t, lines[1])
	a := r.do(t, "GET", "/v3/phone_numbers", "")
	require.Equal(t, http.StatusOK, a.status)
	var numbers, status []any
	for _, n := range a.body["phone_numbers"].([]any) {
		numbers = append(numbers, at(n, "phone_number"))
		status = append(status, at(n, "status"))
	}
	assert.Equal(t, []any{lines[0], lines[1], lines[2]}, numbers)
	assert.Equal(t, []any{nil, "FLAGGED", nil}, status)

	a = r.do(t, "GET", "/v3/phone_numbers", "", "Authorization", "Bearer "+token2)
	assert.Len(t, a.body["phone_numbers"], 1, "nothing crosses tenants")
}

func TestChats(t *testing.T) {
	r := newRig(t)
	sent := r.send(t, text(person, "hi"))
	id := sent.body["chat_id"].(string)
	a := r.do(t, "GET", "/v3/chats/"+id, "")
	require.Equal(t, http.StatusOK, a.status)
	assert.Equal(t, sent.body["handles"], a.body["handles"], "a chat has the same participants everywhere")
	assert.Equal(t, sent.body["from"], a.body["from"])
	assert.Nil(t, a.body["successor_chat_id"])

	r.flag(t, sent.body["from"].(string))
	next := r.send(t, text(person, "hi"))
	a = r.do(t, "GET", "/v3/chats/"+id, "")
	assert.Equal(t, next.body["chat_id"], a.body["successor_chat_id"])

	chat := uuid.MustParse("550e8400-e29b-41d4-a716-446655440001")
	people, err := recipients.Canonicalize([]string{person, "ann@example.com"})
	require.NoError(t, err)
	require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{
		store.ChatSeen{ID: chat, Line: recipients.MustParse(lines[2]), Participants: people, Named: true, Service: message.RCS, CreatedAt: r.now},
		store.LineLeft{Chat: chat},
	}))
	a = r.do(t, "GET", "/v3/chats/"+chat.String(), "")
	assert.Equal(t, []any{true, "RCS", true, true}, []any{a.body["is_group"], a.body["service"], a.body["is_named"], a.body["line_left"]})
	var status []any
	for _, h := range a.body["handles"].([]any) {
		status = append(status, at(h, "status"))
	}
	assert.Equal(t, []any{"active", "active", "left"}, status)

	for _, wrong := range []answered{
		r.do(t, "GET", "/v3/chats/"+id, "", "Authorization", "Bearer "+token2),
		r.do(t, "GET", "/v3/chats/550e8400-e29b-41d4-a716-446655440000", ""),
		r.do(t, "GET", "/v3/chats/x", ""),
		r.do(t, "GET", "/v3/chats/urn:uuid:"+id, ""),
	} {
		assert.Equal(t, []int{404, 2001}, []int{wrong.status, wrong.code()})
	}
}

// event is the body of a line event.
func event(line, status string, at time.Time) string {
	return `{"event_type":"phone_number.status_updated","event_id":"e1","created_at":"2026-01-05T09:00:00Z","data":{"phone_number":"` + line +
		`","previous_status":"ACTIVE","new_status":"` + status + `","changed_at":"` + at.UTC().Format(time.RFC3339Nano) + `"}}`
}

func TestEvents(t *testing.T) {
	r := newRig(t)
	first := r.send(t, text(person, "hi"))
	line := first.body["from"].(string)
	now := r.now

	a := r.do(t, "POST", "/v3/events", event(line, "FLAGGED", now))
	assert.Equal(t, map[string]any{"event_type": "phone_number.status_updated", "event_id": "e1", "applied": true}, a.body)
	moved := r.send(t, text(person, "hi"))
	assert.Equal(t, "failover_flagged", at(moved.body, "from_selection", "reason"))

	// What changes nothing is acknowledged, with the reason: the vendor does not
	// repeat it.
	for reason, c := range map[string]struct {
		body    string
		headers []string
	}{
		"not_newer":    {event(line, "ACTIVE", now.Add(-time.Second)), nil},
		"unknown_type": {`{"event_type":"call.ringing","event_id":"e1","data":null}`, nil},
		"unknown_line": {event("+12025550199", "FLAGGED", now), nil},
	} {
		a = r.do(t, "POST", "/v3/events", c.body, c.headers...)
		assert.Equal(t, []any{200, false, "e1", reason}, []any{a.status, a.body["applied"], a.body["event_id"], a.body["reason"]})
	}
	a = r.do(t, "POST", "/v3/events", event(line, "FLAGGED", now), "Authorization", "Bearer "+token2)
	assert.Equal(t, []any{200, "unknown_line"}, []any{a.status, a.body["reason"]}, "another tenant's line")

	states, _, err := r.store.LineStates(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Len(t, states, 1, "it is kept, so that a restart knows it")
	assert.Equal(t, recipients.MustParse(line), states[0].Number)

	for name, c := range map[string]struct {
		body         string
		status, code int
		headers      []string
	}{
		"from the future":        {event(line, "FLAGGED", now.Add(6*time.Minute)), 400, 1005, nil},
		"unknown status":         {event(line, "HAPPY", now), 400, 1005, nil},
		"not a number":           {event("2025550199", "FLAGGED", now), 400, 1002, nil},
		"no type":                {`{}`, 400, 1001, nil},
		"no JSON":                {`{`, 400, 1003, nil},
		"nobody":                 {event(line, "FLAGGED", now), 401, 2004, []string{"Authorization", ""}},
		"not JSON by its header": {event(line, "FLAGGED", now), 415, 1003, []string{"Content-Type", "text/plain"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.do(t, "POST", "/v3/events", c.body, c.headers...)
			assert.Equal(t, []int{c.status, c.code}, []int{a.status, a.code()}, a.text)
		})
	}
}

// An event too far ahead is refused with the place, the rule and both times, in
// the answer and in the log.
func TestEventsAhead(t *testing.T) {
	r := newRig(t)
	line := r.send(t, text(person, "hi")).body["from"].(string)
	ahead := r.now.Add(6 * time.Minute).Truncate(time.Microsecond)
	a := r.do(t, "POST", "/v3/events", event(line, "FLAGGED", ahead))
	assert.Equal(t, []int{400, 1005}, []int{a.status, a.code()})
	v := at(a.body, "error", "violations").([]any)[0]
	assert.Equal(t, []any{"/data/changed_at", "event.ahead"}, []any{at(v, "pointer"), at(v, "rule")})
	assert.Equal(t, ahead.UTC().Format(time.RFC3339Nano), at(v, "value"))
	_, clock, told := strings.Cut(at(v, "message").(string), "our clock says ")
	require.True(t, told)
	_, err := time.Parse(time.RFC3339Nano, clock[:strings.Index(clock, ": ")])
	require.NoError(t, err)
	a = r.do(t, "POST", "/v3/events", event(line, "FLAGGED", r.now.Add(4*time.Minute)))
	assert.Equal(t, true, a.body["applied"], "a little ahead is taken")
}
