package plain

import (
	"fmt"
	"strings"
)

// Typical returns the request of the endpoint's page, with a key. Each i gives
// another one of the same length, because the JSON library caches strings.
func Typical(i int) []byte {
	return fmt.Appendf(nil, `{"to":["+1415555%04d"],"message":{"parts":[{"type":"text","value":"Hi %04d! Thanks for reaching out — how can we help?"}],"idempotency_key":"8c9f3c1e-5b1d-4a52-9a39-0c2f6f0a%04d"}}`, i, i, i)
}

// Maximal returns a request with the most text: 31 recipients, 100 parts,
// 10,000 code points and 100 decorations.
func Maximal(seed int) []byte {
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

// Variants returns 256 different bodies, because the JSON library caches
// strings.
func Variants(body func(i int) []byte) [][]byte {
	var bodies [256][]byte
	for i := range bodies {
		bodies[i] = body(1000 + 7*i)
	}
	return bodies[:]
}
