package message_test

import (
	"encoding"
	stdjson "encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

func TestService(t *testing.T) {
	names := map[message.Service]string{message.IMessage: "iMessage", message.RCS: "RCS", message.SMS: "SMS"}
	for n := range 256 {
		s := message.Service(n)
		name, known := names[s]
		require.Equal(t, known, s.IsValid())
		text, err := s.MarshalText()
		if !known {
			require.Error(t, err)
			require.NotEmpty(t, s.String())
			_, err := message.ParseService(s.String())
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, name, string(text))
		require.Equal(t, name, s.String())
		back := message.SMS
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, s, back)
	}
	for _, name := range []string{"", "imessage", "IMESSAGE", "sms", "Rcs", " SMS", "SMS\x00", "WhatsApp"} {
		s := message.RCS
		require.Error(t, s.UnmarshalText([]byte(name)), "%q", name)
		require.Equal(t, message.RCS, s, "left as it was")
	}
	require.EqualValues(t, 1, message.IMessage, "numbers are kept by stores and never change")
	require.EqualValues(t, 2, message.RCS)
	require.EqualValues(t, 3, message.SMS)
}

func TestFingerprintText(t *testing.T) {
	var (
		_ encoding.TextAppender    = message.Fingerprint{}
		_ encoding.TextUnmarshaler = (*message.Fingerprint)(nil)
	)
	rapid.Check(t, func(t *rapid.T) {
		f := message.Fingerprint{Version: rapid.Uint8Range(1, 255).Draw(t, "version"), Sum: [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))}
		text, err := f.MarshalText()
		require.NoError(t, err)
		require.Equal(t, f.String(), string(text))
		var back message.Fingerprint
		require.NoError(t, back.UnmarshalText(text))
		require.True(t, f == back)
		require.True(t, f.IsValid())

		spoilt := []byte(string(text))
		at := rapid.IntRange(0, len(spoilt)-1).Draw(t, "at")
		spoilt[at] = rapid.Byte().Draw(t, "by")
		if other := back; other.UnmarshalText(spoilt) == nil {
			require.Equal(t, string(spoilt), other.String(), "one spelling")
		} else {
			require.Equal(t, back, other, "left as it was")
		}
	})
	digits := strings.Repeat("0", 64)
	for _, text := range []string{"", ":", "1", "1:", "0:" + digits, "01:" + digits, "256:" + digits, "-1:" + digits, "1:" + digits[1:], "1:" + digits + "0", "1:" + strings.Repeat("A", 64), "1:" + strings.Repeat("g", 64)} {
		var f message.Fingerprint
		require.Error(t, f.UnmarshalText([]byte(text)), "%q", text)
	}
	require.False(t, message.Fingerprint{}.IsValid())
}

func FuzzFingerprintText(f *testing.F) {
	f.Add("1:" + strings.Repeat("0a", 32))
	f.Add("1:" + strings.Repeat("0A", 32))
	f.Add("001:")
	f.Fuzz(func(t *testing.T, text string) {
		var p message.Fingerprint
		if p.UnmarshalText([]byte(text)) == nil {
			require.True(t, p.IsValid())
			require.Equal(t, text, p.String())
		}
	})
}

// A part whose type is missing or not known keeps everything.
func TestUnknownPart(t *testing.T) {
	r, err := message.DecodeRequest([]byte(`{"message":{"parts":[{"a":1,"type":"hologram","b":[2]},{"c":null},{"type":null}]}}`))
	require.NoError(t, err)
	first, second, third := r.Message.Parts[0].(*message.UnknownPart), r.Message.Parts[1].(*message.UnknownPart), r.Message.Parts[2].(*message.UnknownPart)
	require.True(t, first.HasType())
	require.Equal(t, "hologram", first.Type())
	require.Len(t, first.Members(), 2)
	require.Equal(t, "b", first.Members()[1].Name)
	require.Equal(t, "[2]", string(first.Members()[1].Value))
	require.False(t, second.HasType())
	require.Empty(t, second.Type())
	require.Len(t, second.Members(), 1)
	require.False(t, third.HasType())
	again, err := r.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"message":{"parts":[{"type":"hologram","a":1,"b":[2]},{"c":null},{}]}}`, string(again))
}

func TestErrorEnvelope(t *testing.T) {
	page := `{"error":{"status":400,"code":1002,"message":"Phone number must be in E.164 format","doc_url":"https://docs.linqapp.com/error/codes/1xxx/1002/"},"success":false}`
	var e fault.Envelope
	require.NoError(t, json.Unmarshal([]byte(page), &e))
	require.Equal(t, 1002, e.Error.Code)
	out, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, page, string(out), "without violations and trace id it is the page's")
	e.TraceID = strings.Repeat("0", 32)
	e.Error.Violations = []fault.WireFault{{Pointer: "/to", Rule: "list.count", Code: 1001, Status: 400, Message: "m", Found: new(int64(0))}}
	out, err = json.Marshal(e)
	require.NoError(t, err)
	std, err := stdjson.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, string(out), string(std))
	require.Contains(t, string(out), `"found":0`)
	require.NotContains(t, string(out), `"max"`)
}

// A request read into one that was used before keeps nothing of it but the
// header's key.
func TestUnmarshalAgain(t *testing.T) {
	r := message.Request{To: []string{"a"}, HeaderKey: new("k"), Unknown: message.Members{{Name: "x"}}}
	require.NoError(t, stdjson.Unmarshal([]byte(`{"exclude_from":[]}`), &r))
	require.Equal(t, message.Request{ExcludeFrom: []string{}, HeaderKey: new("k")}, r)
	c := message.Content{Parts: []message.Part{message.Text("a")}}
	require.NoError(t, json.Unmarshal([]byte(`{"parts":[]}`), &c))
	require.Equal(t, message.Content{Parts: []message.Part{}}, c)
	require.Error(t, c.UnmarshalJSON([]byte(`{"parts":1}`)))
}
