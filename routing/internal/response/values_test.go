package response_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing/internal/response"
)

// What a response shows of an attachment that nobody has looked at.
func TestDescribeMedia(t *testing.T) {
	derived := uuid.MustParse("69a37c7d-af4f-4b5e-af42-e28e98ce873a")
	attachment := "550E8400-E29B-41D4-A716-446655440000"
	require.Equal(t,
		message.Media{ID: uuid.MustParse(attachment), Filename: "attachment", MimeType: "application/octet-stream"},
		response.DescribeMedia(message.Attachment(attachment), derived))
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
		got := response.DescribeMedia(message.MediaURL(url), derived)
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
	want := response.ResponseParts{
		&response.TextResponse{Value: "Hi", TextDecorations: decorations, Mention: new("+14155559876")},
		&response.MediaResponse{Media: message.Media{ID: id, Filename: "1"}},
		&response.LinkResponse{Value: "https://example.com/"},
		&response.AppClipResponse{Value: "https://example.com/pay"},
		&response.AppCardResponse{App: card.App, Layout: card.Layout, FallbackText: new("f")},
		&response.AppCardResponse{App: card.App, Layout: card.Layout, URL: "data:,x"},
	}
	got := response.Echo(parts, func(i int, p *message.MediaPart) message.Media {
		require.Equal(t, 1, i)
		require.Same(t, parts[1], p)
		return message.Media{ID: id, Filename: "1"}
	})
	require.Equal(t, want, got)
	for i, part := range parts {
		require.Equal(t, part.Type(), got[i].Type())
	}
	body, err := (&response.Response{Message: response.SentMessage{Parts: got}}).AppendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, len(parts), strings.Count(string(body), `"reactions":[]`))
	require.Contains(t, string(body), `"url":"","fallback_text":"f"`, "a card without a url shows an empty one")

	require.Nil(t, response.EchoEffect(nil))
	require.Equal(t, &response.SentEffect{Name: "love"}, response.EchoEffect(&message.Effect{Name: new("love")}))
	require.Equal(t, &response.SentEffect{Type: "screen"}, response.EchoEffect(&message.Effect{Type: new("screen")}))
	require.Nil(t, response.EchoReplyTo(nil))
	require.Equal(t, &response.SentReplyTo{MessageID: id}, response.EchoReplyTo(&message.ReplyTo{MessageID: new(strings.ToUpper(id.String()))}))
	require.Equal(t, &response.SentReplyTo{MessageID: id, PartIndex: 2}, response.EchoReplyTo(&message.ReplyTo{MessageID: new(id.String()), PartIndex: new(int64(2))}))
}

// Everything that has no JSON form is an error, and the buffer comes back as it
// was.
func TestEncodeErrors(t *testing.T) {
	bad := "\xff"
	year := message.At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	before := message.At(time.Date(-1, 12, 31, 23, 59, 59, 999e6, time.UTC))
	for _, at := range []time.Time{year.Time().Add(-time.Millisecond), before.Time().Add(time.Millisecond)} {
		_, err := (&response.Response{Message: response.SentMessage{SentAt: message.At(at)}}).AppendJSON(nil)
		require.NoError(t, err, at)
	}
	for name, r := range map[string]*response.Response{
		"a string that is not UTF-8": {From: bad},
		"a service that is none":     {Service: 9},
		"a year of five digits":      {Message: response.SentMessage{SentAt: year}},
		"a year before the first":    {Message: response.SentMessage{SentAt: before}},
	} {
		b, err := r.AppendJSON([]byte("before"))
		require.Error(t, err, name)
		require.Equal(t, "before", string(b), name)
	}
}
