package httpapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbersOfTheSchema sends numbers in all spellings to every place of a
// request that takes one: the server takes as a number what the document does.
func TestNumbersOfTheSchema(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("x", 2000)
	textPart := func(more string) string { return `{"type":"text","value":"` + long + `",` + more + `}` }
	sends := func(to, message string) string { return `{"to":[` + to + `],"message":{` + message + `}}` }
	one, two := `"`+person+`"`, `"`+person+`","ann@example.com"`
	places := map[string]string{
		"start of a decoration": sends(one, `"parts":[`+textPart(`"text_decorations":[{"range":[▮,2000],"style":"bold"}]`)+`]`),
		"end of a decoration":   sends(one, `"parts":[`+textPart(`"text_decorations":[{"range":[0,▮],"style":"bold"}]`)+`]`),
		"end of a mention":      sends(two, `"parts":[`+textPart(`"mention":"ann@example.com","mention_range":[0,▮]`)+`]`),
		"end of a sticker":      sends(one, `"parts":[`+textPart(`"inline_stickers":[{"range":[0,▮],"url":"https://example.com/a.png"}]`)+`]`),
		"index of a part":       sends(one, `"parts":[{"type":"text","value":"hi"}],"reply_to":{"message_id":"550e8400-e29b-41d4-a716-446655440000","part_index":▮}`),
		"id of an app": sends(one, `"parts":[{"type":"imessage_app","url":"https://example.com/","layout":{"caption":"x"},`+
			`"app":{"name":"A","bundle_id":"com.example","team_id":"A1B2C3D4E5","app_store_id":▮}}]`),
	}
	taken := 0
	for name, body := range places {
		for _, number := range []string{
			"0", "-0", "0.0", "0e9", "1", "6", "6.0", "6.00", "6e0", "6E+0", "60e-1", "0.6e1", "1e3", "1.0e3",
			"6.5", "65e-1", "1e-1", "0.1", "-1", "-1.0", "-1e0", "2147483647", "2147483648", "21474836480e-1",
			"9223372036854775807", "9223372036854775807.0", "9223372036854775808", "1e19", "1e400", `"6"`, "true", "[]",
		} {
			text := strings.ReplaceAll(body, "▮", number)
			allowed := r.contract.schema(t, "SendRequest").Validate(valueOf(t, text)) == nil
			a := r.do(t, "POST", "/v3/messages", text)
			if !allowed {
				require.Equal(t, 400, a.status, "%s: %s is none by the document", name, number)
				continue
			}
			taken++
			for _, rule := range []string{"json.", "integer.range", "range.negative", "range.arity"} {
				require.NotContains(t, a.text, `"rule":"`+rule, "%s: %s is one by the document", name, number)
			}
		}
	}
	require.Greater(t, taken, 60)
}

// A number in another spelling is the same request under a key.
func TestSpellingsAreOneRequest(t *testing.T) {
	r := newRig(t)
	body := func(end string) string {
		return `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"hello!","text_decorations":[{"range":[0,` + end + `],"style":"bold"}]}]}}`
	}
	first := r.send(t, body("6"), "Idempotency-Key", "k")
	for _, end := range []string{"6.0", "6e0", "60e-1"} {
		again := r.send(t, body(end), "Idempotency-Key", "k")
		require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		require.Equal(t, first.text, again.text)
	}
	require.Equal(t, 400, r.do(t, "POST", "/v3/messages", body("5"), "Idempotency-Key", "k").status)
	other := r.send(t, body("6"), "Idempotency-Key", `"k"`)
	require.Empty(t, other.header.Get("Idempotent-Replayed"), "a key counts byte for byte")
}

// What a group's text mentions is answered as it was sent, and as a person.
func TestMentionsAreEchoed(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ members, want string }{
		{`"mention":"Ann@Example.COM","mention_range":[4,7]`, `{"mention":"Ann@Example.COM","mention_range":[4,7],"mentions":[{"handle":"ann@example.com","is_me":false,"range":[4,7]}]}`},
		{`"mention":"` + person + `"`, `{"mention":"` + person + `","mentions":[{"handle":"` + person + `","is_me":false,"range":[0,9]}]}`},
		{`"mention":null`, `{}`},
	} {
		body := `{"to":["` + person + `","ann@example.com"],"message":{"parts":[{"type":"media","url":"https://example.com/a.png"},{"type":"text","value":"Hey Ann 😀",` + c.members + `}]}}`
		for _, replayed := range []string{"", "true"} {
			a := r.send(t, strings.Replace(body, "😀", "!", 1), "Idempotency-Key", c.members)
			require.Equal(t, replayed, a.header.Get("Idempotent-Replayed"))
			part := at(a.body, "message", "parts").([]any)[1].(map[string]any)
			delete(part, "type")
			delete(part, "value")
			delete(part, "reactions")
			require.JSONEq(t, c.want, jsonOf(t, part))
		}
	}
}
