package message_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/plain"
	"github.com/fromline/fromline/message"
)

// The baseline decodes the same bytes with the same library into plain structs.
func BenchmarkDecode(b *testing.B) {
	for _, size := range []struct {
		name string
		body func(i int) []byte
	}{{"typical", plain.Typical}, {"maximal", plain.Maximal}} {
		bodies := plain.Variants(size.body)
		b.Run("size="+size.name+"/by=bare", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var r plain.Request
				if err := json.Unmarshal(bodies[i%len(bodies)], &r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("size="+size.name+"/by=message", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := message.DecodeRequest(bodies[i%len(bodies)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// answer is the response to a typical request: two handles and one text.
func answer() *message.Response {
	at := message.At(time.Date(2026, 11, 21, 12, 0, 0, 123e6, time.UTC))
	handle := message.ChatHandle{ID: uuid.UUID{1}, Handle: "+14155559876", JoinedAt: at, Service: message.IMessage, Status: "active"}
	line := message.ChatHandle{ID: uuid.UUID{2}, Handle: "+12052535597", JoinedAt: at, Service: message.IMessage, IsMe: true, Status: "active"}
	return &message.Response{
		ChatID: uuid.UUID{3}, From: "+12052535597", FromSelection: message.FromSelection{Reason: "reused_active_chat", ReusedExistingChat: true},
		Handles: []message.ChatHandle{handle, line}, Service: message.IMessage,
		Message: message.SentMessage{
			ID: uuid.UUID{4}, CreatedAt: at, DeliveryStatus: "pending", FromHandle: &line,
			Parts: message.Echo([]message.Part{message.Text("Hi! Thanks for reaching out — how can we help?")}, nil),
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

// A response is appended to a buffer that has room without any allocation, and so is content.
func TestEncodeAllocations(t *testing.T) {
	r, room := answer(), make([]byte, 0, 4096)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = r.AppendJSON(room) }))
	c := &message.Content{Parts: []message.Part{message.Text("Hi!")}, ReplyTo: &message.ReplyTo{MessageID: new("550e8400-e29b-41d4-a716-446655440000")}}
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = message.AppendContent(room, c) }))
}

// The decoder must not pay for what it keeps: no more allocations than the library alone, give or take one, since the library's pool of decoders is emptied
// at random under the race detector.
func TestDecodeAllocations(t *testing.T) {
	bodies := plain.Variants(plain.Typical)
	i := 0
	next := func() []byte { i++; return bodies[i%len(bodies)] }
	ours := testing.AllocsPerRun(1000, func() { _, _ = message.DecodeRequest(next()) })
	library := testing.AllocsPerRun(1000, func() { var r plain.Request; _ = json.Unmarshal(next(), &r) })
	require.LessOrEqual(t, ours, library+1)
}
