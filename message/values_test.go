package message_test

import (
	"encoding"
	stdjson "encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
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

// What a response shows of an attachment that nobody has looked at.
func TestDescribeMedia(t *testing.T) {
	derived := uuid.MustParse("69a37c7d-af4f-4b5e-af42-e28e98ce873a")
	attachment := "550E8400-E29B-41D4-A716-446655440000"
	require.Equal(t,
		message.Media{ID: uuid.MustParse(attachment), Filename: "attachment", MimeType: "application/octet-stream"},
		message.DescribeMedia(message.Attachment(attachment), derived))
	for url, want := range map[string][2]string{
		"https://example.com/a/photo.JPG":           {"photo.JPG", "image/jpeg"},
		"https://example.com/a/photo.heic?x=1#y":    {"photo.heic", "image/heic"},
		"https://example.com/a%20b.pdf":             {"a b.pdf", "application/pdf"},
		"https://example.com/archive.tar.gz":        {"archive.tar.gz", "application/octet-stream"},
		"https://example.com/noextension":           {"noextension", "application/octet-stream"},
		"https://example.com/.vcf":                  {".vcf", "text/vcard"},
		"https://example.com/":                      {"attachment", "application/octet-stream"},
		"https://example.com":                       {"attachment", "application/octet-stream"},
		"https://example.com/a/..":                  {"attachment", "application/octet-stream"},
		"https://example.com/a/.":                   {"attachment", "application/octet-stream"},
		"https://example.com/..%2f..%2fetc":         {"attachment", "application/octet-stream"},
		"https://example.com/a%5cb":                 {"attachment", "application/octet-stream"},
		"https://example.com/%00.png":               {"attachment", "application/octet-stream"},
		"https://example.com/%ff.png":               {"\ufffd.png", "image/png"},
		"https://example.com/grüße.mp4":             {"grüße.mp4", "video/mp4"},
		"https://example.com/x;type=image/png":      {"png", "application/octet-stream"},
		"https://example.com/" + "a/b/c/d/clip.mov": {"clip.mov", "video/quicktime"},
	} {
		got := message.DescribeMedia(message.MediaURL(url), derived)
		require.Equal(t, message.Media{ID: derived, Filename: want[0], MimeType: want[1], URL: url}, got, url)
	}
}

// The parts of an answer are those of the request, in order, without reactions.
func TestEcho(t *testing.T) {
	id := uuid.MustParse("550e8400-e29b-41d4-a716-446655440000")
	card := &message.AppCardPart{App: &message.App{Name: new("Chess")}, Layout: &message.Layout{Caption: new("Your move")}, FallbackText: new("f")}
	decorations := []message.Decoration{{Range: []int64{0, 1}, Style: new("bold")}}
	parts := []message.Part{
		&message.TextPart{Value: new("Hi"), TextDecorations: decorations, Mention: new("+14155559876")},
		message.MediaURL("https://example.com/a.jpg"),
		message.Link("https://example.com/"),
		message.AppClip("https://example.com/pay"),
		card,
		&message.AppCardPart{App: card.App, Layout: card.Layout, URL: new("data:,x")},
	}
	want := message.ResponseParts{
		&message.TextResponse{Value: "Hi", TextDecorations: decorations, Mention: new("+14155559876")},
		&message.MediaResponse{Media: message.Media{ID: id, Filename: "1"}},
		&message.LinkResponse{Value: "https://example.com/"},
		&message.AppClipResponse{Value: "https://example.com/pay"},
		&message.AppCardResponse{App: card.App, Layout: card.Layout, FallbackText: new("f")},
		&message.AppCardResponse{App: card.App, Layout: card.Layout, URL: "data:,x"},
	}
	got := message.Echo(parts, func(i int, p *message.MediaPart) message.Media {
		require.Equal(t, 1, i)
		require.Same(t, parts[1], p)
		return message.Media{ID: id, Filename: "1"}
	})
	require.Equal(t, want, got)
	for i, part := range parts {
		require.Equal(t, part.Type(), got[i].Type())
	}
	body, err := (&message.Response{Message: message.SentMessage{Parts: got}}).AppendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, len(parts), strings.Count(string(body), `"reactions":[]`))
	require.Contains(t, string(body), `"url":"","fallback_text":"f"`, "a card without a url shows an empty one")

	require.Nil(t, message.EchoEffect(nil))
	require.Equal(t, &message.SentEffect{Name: "love"}, message.EchoEffect(&message.Effect{Name: new("love")}))
	require.Equal(t, &message.SentEffect{Type: "screen"}, message.EchoEffect(&message.Effect{Type: new("screen")}))
	require.Nil(t, message.EchoReplyTo(nil))
	require.Equal(t, &message.SentReplyTo{MessageID: id}, message.EchoReplyTo(&message.ReplyTo{MessageID: new(strings.ToUpper(id.String()))}))
	require.Equal(t, &message.SentReplyTo{MessageID: id, PartIndex: 2}, message.EchoReplyTo(&message.ReplyTo{MessageID: new(id.String()), PartIndex: new(int64(2))}))
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

// A request read into one that was used before keeps nothing of it but the header's key.
func TestUnmarshalAgain(t *testing.T) {
	r := message.Request{To: []string{"a"}, HeaderKey: new("k"), Unknown: message.Members{{Name: "x"}}}
	require.NoError(t, stdjson.Unmarshal([]byte(`{"exclude_from":[]}`), &r))
	require.Equal(t, message.Request{ExcludeFrom: []string{}, HeaderKey: new("k")}, r)
	c := message.Content{Parts: []message.Part{message.Text("a")}}
	require.NoError(t, json.Unmarshal([]byte(`{"parts":[]}`), &c))
	require.Equal(t, message.Content{Parts: []message.Part{}}, c)
	require.Error(t, c.UnmarshalJSON([]byte(`{"parts":1}`)))
}
