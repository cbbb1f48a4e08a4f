package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

// bare is a request as a program would write it down that leaves everything to the JSON library: no unknown members, no union, no place of a fault.
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
	for i := range recipients.MaxRecipients {
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

// variants returns bodies that differ.
func variants(body func(i int) []byte) [][]byte {
	var bodies [256][]byte
	for i := range bodies {
		bodies[i] = body(1000 + 7*i)
	}
	return bodies[:]
}

// The baseline decodes the same bytes with the same library into plain structs, and checks nothing.
func BenchmarkRequest(b *testing.B) {
	for _, size := range []struct {
		name string
		body func(i int) []byte
	}{{"typical", typical}, {"maximal", maximal}} {
		bodies := variants(size.body)
		run := func(name string, work func(body []byte) error) {
			b.Run("size="+size.name+"/by="+name, func(b *testing.B) {
				b.SetBytes(int64(len(bodies[0])))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := work(bodies[i%len(bodies)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("bare", func(body []byte) error {
			var r bare
			return json.Unmarshal(body, &r)
		})
		run("decode", func(body []byte) error {
			_, err := message.DecodeRequest(body)
			return err
		})
		run("decode+validate", func(body []byte) error {
			r, err := message.DecodeRequest(body)
			if err == nil {
				_, err = validate.Request(r, validate.Options{})
			}
			return err
		})
		run("decode+validate+fingerprint", func(body []byte) error {
			r, err := message.DecodeRequest(body)
			if err == nil {
				var c validate.Checked
				c, err = validate.Request(r, validate.Options{})
				if err == nil && !c.Fingerprint().IsValid() {
					b.Fatal("no fingerprint")
				}
			}
			return err
		})
	}
}

// A request that fails costs what it shows.
func BenchmarkFaults(b *testing.B) {
	body := []byte(`{"to":["nobody"],"message":{"parts":[{"type":"text"},{"type":"link","value":"ftp://x"}],"efect":{}},"exclude_from":["x"]}`)
	b.ReportAllocs()
	for b.Loop() {
		r, err := message.DecodeRequest(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := validate.Request(r, validate.Options{}); err == nil {
			b.Fatal("passed")
		}
	}
}

// Checking a typical request allocates its answer, its recipient set and its key, and a fingerprint nothing.
func TestAllocations(t *testing.T) {
	r, err := message.DecodeRequest(typical(1234))
	require.NoError(t, err)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = validate.Request(r, validate.Options{}) }), 3.0)
	c := mustPass(t, r)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = c.Fingerprint() }))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = c.Continuation()
		_, _, _, _ = c.HasLink(), c.HasReply(), c.Images(), c.IsExcluded(recipients.Handle{})
	}))

	whole, err := message.DecodeRequest(maximal(1234))
	require.NoError(t, err)
	mustPass(t, whole)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = validate.Request(whole, validate.Options{}) }), 6.0)
}

// A crowd of faults costs what is shown of it, not what was sent.
func TestCrowdIsCheap(t *testing.T) {
	for name, body := range map[string]string{
		"parts":       `{"to":["x"],"message":{"parts":[` + strings.Repeat("{},", 50_000) + `{}]}}`,
		"decorations": `{"to":["x"],"message":{"parts":[{"type":"text","value":"a","text_decorations":[` + strings.Repeat("{},", 50_000) + `{}]}]}}`,
		"members":     `{"to":["x"]` + strings.Join(manyMembers(50_000), "") + `}`,
	} {
		r, err := message.DecodeRequest([]byte(body))
		require.NoError(t, err)
		_, err = validate.Request(r, validate.Options{})
		require.Len(t, lines(t, err), validate.MaxViolations+1)
		require.Less(t, testing.AllocsPerRun(3, func() { _, _ = validate.Request(r, validate.Options{}) }), 5000.0, name)
	}
}

// manyMembers are members of an object, each after a comma.
func manyMembers(n int) []string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`,"mesage%d":1`, i)
	}
	return members
}
