package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
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

const typical = `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}],"idempotency_key":"8c9f3c1e-5b1d-4a52-9a39-0c2f6f0a7b11"}}`

// maximal is a request at the bounds of a request with text: 31 recipients, 100 parts, 10,000 code points and 100 decorations.
func maximal() string {
	var to, parts, decorations []string
	for i := range 31 {
		to = append(to, fmt.Sprintf(`"+141555501%02d"`, i))
	}
	for i := range 100 {
		decorations = append(decorations, fmt.Sprintf(`{"range":[%d,%d],"style":"bold"}`, i*20, i*20+10))
	}
	for i := range 50 {
		text, looks := "short", ""
		if i == 0 {
			text, looks = strings.Repeat("Ünïcode 🧑‍🚀 and text. ", 476), `,"text_decorations":[`+strings.Join(decorations, ",")+`]`
		}
		parts = append(parts, fmt.Sprintf(`{"type":"text","value":%q%s}`, text, looks),
			`{"type":"media","attachment_id":"550e8400-e29b-41d4-a716-446655440000"}`)
	}
	return `{"to":[` + strings.Join(to, ",") + `],"message":{"parts":[` + strings.Join(parts, ",") + `],"effect":{"type":"screen","name":"confetti"},"reply_to":{"message_id":"550e8400-e29b-41d4-a716-446655440000","part_index":3}},"continuation_message":{"text":"We are on a new number."},"exclude_from":["+12025550100"]}`
}

// The baseline decodes the same bytes with the same library into plain structs.
func BenchmarkDecode(b *testing.B) {
	for _, body := range []struct{ name, text string }{{"typical", typical}, {"maximal", maximal()}} {
		data := []byte(body.text)
		b.Run(body.name+"/bare", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var r bare
				if err := json.Unmarshal(data, &r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(body.name+"/message", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := message.DecodeRequest(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The decoder must not pay for what it keeps: fewer allocations than the library alone.
func TestDecodeAllocations(t *testing.T) {
	data := []byte(typical)
	ours := testing.AllocsPerRun(100, func() { _, _ = message.DecodeRequest(data) })
	library := testing.AllocsPerRun(100, func() { var r bare; _ = json.Unmarshal(data, &r) })
	require.LessOrEqual(t, ours, library)
}
