package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
)

// bare is a request as a program would write it down that leaves everything to the library: no unknown members, no union, no place of a fault.
type bare struct {
	To      []string `json:"to"`
	Message *struct {
		Parts []struct {
			Type            string `json:"type"`
			Value           string `json:"value"`
			TextDecorations []struct {
				Range     []int  `json:"range"`
				Style     string `json:"style"`
				Animation string `json:"animation"`
			} `json:"text_decorations"`
			Mention      string `json:"mention"`
			MentionRange []int  `json:"mention_range"`
			URL          string `json:"url"`
			AttachmentID string `json:"attachment_id"`
		} `json:"parts"`
		Effect *struct {
			Type string `json:"type"`
			Name string `json:"name"`
		} `json:"effect"`
		ReplyTo *struct {
			MessageID string `json:"message_id"`
			PartIndex int    `json:"part_index"`
		} `json:"reply_to"`
		PreferredService string `json:"preferred_service"`
		IdempotencyKey   string `json:"idempotency_key"`
	} `json:"message"`
	ContinuationMessage *struct {
		Text string `json:"text"`
	} `json:"continuation_message"`
	ExcludeFrom    []string `json:"exclude_from"`
	OverrideOptout bool     `json:"override_optout"`
}

// typical is the request of the endpoint's page with a key. Every i makes another of the same length, since the library remembers the strings it saw last.
func typical(i int) []byte {
	return fmt.Appendf(nil, `{"to":["+1415555%04d"],"message":{"parts":[{"type":"text","value":"Hi %04d! Thanks for reaching out — how can we help?"}],"idempotency_key":"8c9f3c1e-5b1d-4a52-9a39-0c2f6f0a%04d"}}`, i, i, i)
}

// maximal is a request at the bounds of a request with text: 31 recipients, 100 parts, 10,000 code points and 100 decorations.
func maximal(seed int) []byte {
	var to, parts, decorations []string
	for i := range 31 {
		to = append(to, fmt.Sprintf(`"+14155%04d%02d"`, seed, i))
	}
	for i := range 100 {
		decorations = append(decorations, fmt.Sprintf(`{"range":[%d,%d],"style":"bold"}`, i*24, i*24+8))
	}
	for i := range 50 {
		text, looks := "short", ""
		if i == 0 {
			text, looks = strings.Repeat("Ünïcode 🧑‍🚀 and text. ", 454), `,"text_decorations":[`+strings.Join(decorations, ",")+`]`
		}
		parts = append(parts, fmt.Sprintf(`{"type":"text","value":%q%s}`, text, looks),
			`{"type":"media","attachment_id":"550e8400-e29b-41d4-a716-446655440000"}`)
	}
	return []byte(`{"to":[` + strings.Join(to, ",") + `],"message":{"parts":[` + strings.Join(parts, ",") + `],"effect":{"type":"screen","name":"confetti"},"reply_to":{"message_id":"550e8400-e29b-41d4-a716-446655440000","part_index":3}},"continuation_message":{"text":"We are on a new number."},"exclude_from":["+12025550100"]}`)
}

// The baseline decodes the same bytes with the same library into plain structs.
func BenchmarkDecode(b *testing.B) {
	for _, size := range []struct {
		name string
		body func(i int) []byte
	}{{"typical", typical}, {"maximal", maximal}} {
		bodies := variants(size.body)
		b.Run("size="+size.name+"/by=bare", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var r bare
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

// bareResponse is a response as a program would write it down that leaves everything to the library.
type bareResponse struct {
	ChatID         uuid.UUID `json:"chat_id"`
	CreatedNewChat bool      `json:"created_new_chat"`
	From           string    `json:"from"`
	FromSelection  struct {
		Reason             string `json:"reason"`
		ReusedExistingChat bool   `json:"reused_existing_chat"`
	} `json:"from_selection"`
	Handles []bareHandle `json:"handles"`
	IsGroup bool         `json:"is_group"`
	Message struct {
		ID             uuid.UUID `json:"id"`
		CreatedAt      time.Time `json:"created_at"`
		DeliveryStatus string    `json:"delivery_status"`
		IsRead         bool      `json:"is_read"`
		Parts          []struct {
			Reactions []struct{} `json:"reactions"`
			Type      string     `json:"type"`
			Value     string     `json:"value"`
		} `json:"parts"`
		SentAt           *time.Time  `json:"sent_at"`
		DeliveredAt      *time.Time  `json:"delivered_at"`
		Effect           *struct{}   `json:"effect"`
		FromHandle       *bareHandle `json:"from_handle"`
		PreferredService *string     `json:"preferred_service"`
		ReplyTo          *struct{}   `json:"reply_to"`
		Service          *string     `json:"service"`
	} `json:"message"`
	Service        string     `json:"service"`
	PreviousChatID *uuid.UUID `json:"previous_chat_id"`
}

type bareHandle struct {
	ID       uuid.UUID  `json:"id"`
	Handle   string     `json:"handle"`
	JoinedAt time.Time  `json:"joined_at"`
	Service  string     `json:"service"`
	IsMe     bool       `json:"is_me"`
	LeftAt   *time.Time `json:"left_at"`
	Status   string     `json:"status"`
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
	var plain bareResponse
	require.NoError(b, json.Unmarshal(body, &plain))
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

// variants returns bodies that differ.
func variants(body func(i int) []byte) [][]byte {
	var bodies [256][]byte
	for i := range bodies {
		bodies[i] = body(1000 + 7*i)
	}
	return bodies[:]
}

// The decoder must not pay for what it keeps: no more allocations than the library alone, give or take one, since the library's pool of decoders is emptied
// at random under the race detector.
func TestDecodeAllocations(t *testing.T) {
	bodies := variants(typical)
	i := 0
	next := func() []byte { i++; return bodies[i%len(bodies)] }
	ours := testing.AllocsPerRun(1000, func() { _, _ = message.DecodeRequest(next()) })
	library := testing.AllocsPerRun(1000, func() { var r bare; _ = json.Unmarshal(next(), &r) })
	require.LessOrEqual(t, ours, library+1)
}
