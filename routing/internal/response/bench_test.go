package response_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing/internal/response"
)

// answer is the response to a typical request: two handles and one text.
func answer() *response.Response {
	at := message.At(time.Date(2026, 11, 21, 12, 0, 0, 123e6, time.UTC))
	handle := response.ChatHandle{ID: uuid.UUID{1}, Handle: "+14155559876", JoinedAt: at, Service: message.IMessage, Status: "active"}
	line := response.ChatHandle{ID: uuid.UUID{2}, Handle: "+12052535597", JoinedAt: at, Service: message.IMessage, IsMe: true, Status: "active"}
	return &response.Response{
		ChatID: uuid.UUID{3}, From: "+12052535597", FromSelection: response.FromSelection{Reason: "reused_active_chat", ReusedExistingChat: true},
		Handles: []response.ChatHandle{handle, line}, Service: message.IMessage,
		Message: response.SentMessage{
			ID: uuid.UUID{4}, CreatedAt: at, DeliveryStatus: "pending", FromHandle: &line,
			Parts: response.Echo([]message.Part{message.Text("Hi! Thanks for reaching out — how can we help?")}, nil),
		},
	}
}

// The baseline encodes the same response with the library from plain structs.
func BenchmarkEncode(b *testing.B) {
	r := answer()
	body, err := r.AppendJSON(nil)
	require.NoError(b, err)
	plain := bare(r)
	b.Run("size=typical/by=bare", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&plain); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("size=typical/by=append", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.AppendJSON(nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A response is appended to a buffer that has room without any allocation.
func TestEncodeAllocations(t *testing.T) {
	r, room := answer(), make([]byte, 0, 4096)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = r.AppendJSON(room) }))
}
