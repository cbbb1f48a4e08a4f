package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The person who writes first is answered on the line and in the chat of their
// message, in both versions of the vendor's webhooks.
func TestWhoWritesFirstIsAnsweredInTheirChat(t *testing.T) {
	const network = "6f6f7a0e-8a3b-4c55-9a0e-0f5b1d7e7a11"
	for version, data := range map[string]string{
		"2026-02-03": `{"id":"m","chat":{"id":"%s","is_group":false,"owner_handle":{"handle":"%s","is_me":true}},"direction":"inbound",
			"sender_handle":{"handle":"%s"},"service":"iMessage","parts":[{"type":"text","value":"hi"}],"sent_at":"%s"}`,
		"2025-01-01": `{"chat_id":"%s","is_group":false,"recipient_handle":{"handle":"%s"},"from_handle":{"handle":"%s"},"is_from_me":false,
			"service":"iMessage","message":{"id":"m","parts":[{"type":"text","value":"hi"}],"sent_at":"%s"}}`,
	} {
		t.Run(version, func(t *testing.T) {
			r := newRig(t)
			best := r.send(t, text("+14155559811", "hi")).body["from"].(string)
			for _, l := range r.do(t, "GET", "/v3/phone_numbers", "").body["phone_numbers"].([]any) {
				line := l.(map[string]any)["phone_number"].(string)
				if line == best {
					continue // a line that would not have been picked first
				}
				sent := r.now.UTC().Format(time.RFC3339Nano)
				body := fmt.Sprintf(`{"api_version":"v3","webhook_version":"%s","event_type":"message.received","event_id":"e1","created_at":"%s","data":`+data+`}`,
					version, sent, network, line, person, sent)
				got := r.do(t, "POST", "/v3/events", body)
				assert.Equal(t, map[string]any{"event_type": "message.received", "event_id": "e1", "applied": true}, got.body)
				again := r.do(t, "POST", "/v3/events", body)
				assert.Equal(t, []any{200, false, "not_newer"}, []any{again.status, again.body["applied"], again.body["reason"]})

				answer := r.send(t, text(person, "hello"))
				assert.Equal(t, []any{line, network, "reused_active_chat"},
					[]any{answer.body["from"], answer.body["chat_id"], at(answer.body, "from_selection", "reason")})
				return
			}
			t.Fatal("the fleet of the test needs a second line")
		})
	}
}

// Events of chats that cannot be meant for us are acknowledged with a reason,
// and what is no event is refused with its place.
func TestEventsOfChats(t *testing.T) {
	r := newRig(t)
	line := r.send(t, text(person, "hi")).body["from"].(string)
	event := func(kind, data string) string {
		return fmt.Sprintf(`{"event_type":"%s","event_id":"e1","created_at":"%s","data":%s}`, kind, r.now.UTC().Format(time.RFC3339Nano), data)
	}
	for reason, body := range map[string]string{
		"unknown_line":         event("message.received", `{"chat":{"id":"c","owner_handle":{"handle":"+12025550199"}},"sender_handle":{"handle":"+14155550144"}}`),
		"unknown_chat":         event("chat.group_name_updated", `{"chat_id":"c","new_value":"Dinner"}`),
		"participants_unknown": event("message.received", `{"chat":{"id":"c","is_group":true,"owner_handle":{"handle":"`+line+`"}},"sender_handle":{"handle":"+14155550144"}}`),
		"unknown_chat ":        event("participant.added", `{"handle":"+14155550144"}`),
		"unknown_chat  ":       event("participant.removed", `{"chat_id":null,"handle":"+14155550144","participant":{"handle":"+14155550144"}}`),
		"not_kept":             event("message.read", `{"id":"m","chat":{"id":"c","owner_handle":{"handle":"`+line+`"}}}`),
	} {
		a := r.do(t, "POST", "/v3/events", body)
		assert.Equal(t, []any{200, false, strings.TrimSpace(reason)}, []any{a.status, a.body["applied"], a.body["reason"]}, a.text)
	}
	for body, code := range map[string]int{
		event("message.received", `{"sent_at":"yesterday"}`):                          1005,
		event("message.received", `{"parts":7}`):                                      1003,
		event("message.received", `{"sender_handle":{"handle":"+14155550144"}}`):      1001,
		event("message.received", `{"chat_id":"c","sent_at":"2126-01-01T00:00:00Z"}`): 1005,
	} {
		a := r.do(t, "POST", "/v3/events", body)
		assert.Equal(t, []int{400, code}, []int{a.status, a.code()}, a.text)
	}
}

// The vendor's message.failed must name only a code and a time. What it names
// of the message is enough to find it, and an event that names nothing is taken
// too: the vendor tells no event again that was refused.
func TestAFailureNeedsNoChat(t *testing.T) {
	r := newRig(t)
	id := at(r.send(t, text(person, "hi")).body, "message", "id").(string)
	failed := func(data string) answered {
		return r.do(t, "POST", "/v3/events", fmt.Sprintf(`{"event_type":"message.failed","event_id":"e1","created_at":"%[1]s","data":{"code":4002,"failed_at":"%[1]s"%s}}`,
			r.now.UTC().Format(time.RFC3339Nano), data))
	}
	for data, want := range map[string][]any{
		``:                                  {200, false, "not_kept"},
		`,"chat_id":null,"message_id":null`: {200, false, "not_kept"},
		`,"message_id":"net-7"`:             {200, false, "not_kept"},
	} {
		a := failed(data)
		require.Equal(t, want, []any{a.status, a.body["applied"], a.body["reason"]}, a.text)
	}
	a := failed(`,"message_id":"` + id + `"`)
	require.Equal(t, []any{200, true}, []any{a.status, a.body["applied"]}, a.text)
	require.Equal(t, "failed", r.do(t, "GET", "/v3/messages/"+id, "").body["delivery_status"])
}
