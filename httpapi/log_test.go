package httpapi_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLogJoins says that a send can be followed through the log: its own line
// holds the trace id of the answer and, once it is decided, the ids that the
// lines of the decision and of its delivery hold; that a replay names the first
// message; and that what was not decided names none. Times are milliseconds.
func TestLogJoins(t *testing.T) {
	var logged bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := newRig(t, func(_ *rig, s *setup) { s.api.Logger, s.routing.Logger = l, l })
	first := r.send(t, text(person, "hi"), "Idempotency-Key", "k")
	again := r.send(t, text(person, "hi"), "Idempotency-Key", "k")
	refused := r.do(t, "POST", "/v3/messages", text("4155559876", "hi"))

	var requests, decisions []map[string]any
	for text := range bytes.Lines(logged.Bytes()) {
		var line map[string]any
		require.NoError(t, json.Unmarshal(text, &line))
		switch line["msg"] {
		case "request":
			requests = append(requests, line)
		case "decided":
			decisions = append(decisions, line)
		}
	}
	require.Len(t, requests, 3)
	require.Len(t, decisions, 2)
	for i, a := range []answered{first, again} {
		assert.Equal(t, a.header.Get("X-Trace-ID"), requests[i]["trace_id"])
		assert.Equal(t, at(a.body, "message", "id"), requests[i]["message_id"])
		assert.Equal(t, a.body["chat_id"], requests[i]["chat_id"])
		for _, id := range []string{"message_id", "chat_id", "line", "reason", "replay"} {
			assert.Equal(t, decisions[i][id], requests[i][id])
		}
	}
	assert.Equal(t, requests[0]["message_id"], requests[1]["message_id"])
	assert.Equal(t, refused.header.Get("X-Trace-ID"), requests[2]["trace_id"])
	assert.NotContains(t, requests[2], "message_id")
	assert.NotContains(t, requests[2], "chat_id")
	assert.NotContains(t, requests[2], "line")
	for _, line := range requests {
		assert.NotContains(t, line, "took", "its unit would have to be guessed")
		assert.IsType(t, 1.0, line["took_ms"])
	}
}

// That there is no line of a type is the answer to the client's question: the
// log has it at the level of other answers, and without an error.
func TestNoLineOfATypeIsNoError(t *testing.T) {
	var logged bytes.Buffer
	r := newRig(t, func(_ *rig, s *setup) { s.api.Logger = slog.New(slog.NewJSONHandler(&logged, nil)) })
	require.Equal(t, 503, r.do(t, "GET", "/v3/available_number?type=RCS", "").status)
	var line map[string]any
	require.NoError(t, json.Unmarshal(logged.Bytes(), &line))
	assert.Equal(t, []any{"INFO", 503.0, nil}, []any{line["level"], line["status"], line["error"]})
}
