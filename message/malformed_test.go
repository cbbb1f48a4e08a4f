package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/corpus"
	"github.com/fromline/fromline/message"
)

func TestMalformed(t *testing.T) {
	names := map[string]bool{}
	for _, row := range corpus.AllMalformed() {
		require.False(t, names[row.Name], "the name %q is there twice", row.Name)
		names[row.Name] = true
		t.Run(row.Name, func(t *testing.T) {
			body, offset := row.Body()
			_, err := message.DecodeRequest([]byte(body))
			var wrong *message.DecodeError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, fmt.Sprintf("%s at %q, byte %d", row.Rule, row.Pointer, offset), fmt.Sprintf("%s at %q, byte %d", wrong.Rule, wrong.Pointer, wrong.Offset))
			if row.Rule == fault.RuleJSONType {
				require.NotEmpty(t, wrong.Want)
				require.NotEmpty(t, wrong.Got)
			}
		})
	}
}

// Next to each row of malformed there is something like it that is fine.
func TestWellFormed(t *testing.T) {
	deep := strings.Repeat("[", message.MaxDepth-2) + strings.Repeat("]", message.MaxDepth-2)
	for name, body := range map[string]string{
		"no member":                        `{}`,
		"white space around":               "\r\n\t {} \r\n\t ",
		"null for an optional member":      `{"to":null,"message":null,"continuation_message":null,"exclude_from":null,"override_optout":null}`,
		"null in a message":                `{"message":{"parts":null,"effect":null,"reply_to":null,"preferred_service":null,"idempotency_key":null}}`,
		"null in a part":                   `{"message":{"parts":[{"type":null},{"type":"text","value":null,"text_decorations":null,"mention":null,"mention_range":null}]}}`,
		"null in an unknown member":        `{"x":null,"y":[null]}`,
		"both halves of a pair":            `{"to":["\ud83d\ude00"]}`,
		"a noncharacter":                   `{"to":["\uffff"]}`,
		"an escaped NUL":                   `{"to":["\u0000"]}`,
		"names that differ in case":        `{"to":[],"To":[],"TO":[]}`,
		"the same name in two objects":     `{"x":{"a":1},"y":{"a":1}}`,
		"any number of ends of a range":    `{"message":{"parts":[{"type":"text","mention_range":[1,2,3]},{"type":"text","mention_range":[]}]}}`,
		"the greatest number":              `{"message":{"reply_to":{"part_index":9223372036854775807}}}`,
		"minus nought":                     `{"message":{"reply_to":{"part_index":-0}}}`,
		"any number in an unknown member":  `{"x":1e999}`,
		"any type for an unknown member":   `{"message":{"parts":[{"type":"link","url":5}]}}`,
		"that, before the type":            `{"message":{"parts":[{"url":5,"type":"link"}]}}`,
		"any type in a part without type":  `{"message":{"parts":[{"value":5}]}}`,
		"nested as deeply as may be":       `{"x":` + strings.Repeat("[", message.MaxDepth-1) + strings.Repeat("]", message.MaxDepth-1) + `}`,
		"many values nested like that":     `{"x":[` + strings.Repeat(deep+`,`, 100) + deep + `]}`,
		"brackets in strings":              `{"to":["` + strings.Repeat(`[{\\\"`, 1000) + `"],"{[\\":"` + strings.Repeat("[", 1000) + `"}`,
		"a type that nobody knows":         `{"message":{"parts":[{"value":5,"type":"voice_memo","parts":[]}]}}`,
		"as many elements as may be":       `{"to":[` + strings.Repeat(`"",`, 99_999) + `""]}`,
		"as many members as may be":        corpus.Crowd(99_999) + `"last":1}`,
		"an empty name":                    `{"":1}`,
		"a name that has to be escaped":    `{"a/b~c\u0000":1}`,
		"a name of a million characters":   `{"` + strings.Repeat("a", 1_000_000) + `":1}`,
		"members after those that are odd": `{"x":1,"to":["a"]}`,
	} {
		_, err := message.DecodeRequest([]byte(body))
		require.NoError(t, err, name)
	}
}

// What is not JSON is never decoded, and what is decoded is JSON: the verdict
// of the library on the whole body is the oracle.
func FuzzDecode(f *testing.F) {
	for _, row := range corpus.AllMalformed() {
		body, _ := row.Body()
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"to":["+14155559876"],"message":{"parts":[{"value":"a","type":"text","text_decorations":[{"range":[0,1],"style":"bold"}]},{"type":"x"}]},"x":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := message.DecodeRequest(body)
		if err != nil {
			var wrong *message.DecodeError
			require.ErrorAs(t, err, &wrong)
			require.True(t, 0 <= wrong.Offset && wrong.Offset <= int64(len(body)), "offset %d", wrong.Offset)
			require.True(t, jsontext.Pointer(wrong.Pointer).IsValid(), "pointer %q", wrong.Pointer)
			switch wrong.Rule {
			case fault.RuleJSONType, fault.RuleJSONNull, fault.RuleJSONInteger, fault.RuleJSONElements, fault.RuleJSONDepth: // of JSON that means something else
			default:
				require.False(t, jsontext.Value(body).IsValid(), "%v", err)
			}
			return
		}
		require.True(t, jsontext.Value(body).IsValid())
		again, err := r.MarshalJSON()
		require.NoError(t, err)
		back, err := message.DecodeRequest(again)
		require.NoError(t, err, "%s", again)
		require.Equal(t, r, back)
	})
}
