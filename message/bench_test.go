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
		b.Run(size.name+"/bare", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var r bare
				if err := json.Unmarshal(bodies[i%len(bodies)], &r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(size.name+"/message", func(b *testing.B) {
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

// variants returns bodies that differ.
func variants(body func(i int) []byte) [][]byte {
	var bodies [256][]byte
	for i := range bodies {
		bodies[i] = body(1000 + 7*i)
	}
	return bodies[:]
}

// The decoder must not pay for what it keeps: fewer allocations than the library alone.
func TestDecodeAllocations(t *testing.T) {
	bodies := variants(typical)
	i := 0
	next := func() []byte { i++; return bodies[i%len(bodies)] }
	ours := testing.AllocsPerRun(1000, func() { _, _ = message.DecodeRequest(next()) })
	library := testing.AllocsPerRun(1000, func() { var r bare; _ = json.Unmarshal(next(), &r) })
	require.LessOrEqual(t, ours, library)
}
