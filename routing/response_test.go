package routing_test

import (
	stdjson "encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// What is written is what the standard library writes from plain structs.
func TestResponseForm(t *testing.T) { rapid.Check(t, responseForm) }

func FuzzResponseForm(f *testing.F) { f.Fuzz(rapid.MakeFuzz(responseForm)) }

func responseForm(t *rapid.T) {
	d := answered.Draw(t, "decision")
	body, err := d.AppendResponse([]byte("before"))
	require.NoError(t, err)
	want, err := stdjson.Marshal(bare(d))
	require.NoError(t, err)
	require.Equal(t, "before", string(body[:6]), "it is appended")
	require.JSONEq(t, string(want), string(body[6:]))
}

// The example of the endpoint's page holds no member that is not written, and
// what is written of it no member that it does not hold.
func TestPageResponse(t *testing.T) {
	page, err := os.ReadFile("testdata/page_response.json")
	require.NoError(t, err)
	for _, whole := range []string{string(page), strings.ReplaceAll(string(page), `"is_me"`, `"zzz"`)} {
		decoder := stdjson.NewDecoder(strings.NewReader(whole))
		decoder.DisallowUnknownFields()
		var known bareResponse
		err = decoder.Decode(&known)
		require.Equal(t, whole == string(page), err == nil, "%v", err)
	}
}

// What has no JSON form is an error, and the buffer comes back as it was. The
// first and the last moment that have one are not.
func TestResponseErrors(t *testing.T) {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
	for _, at := range []time.Time{first, last} {
		d := typical(t)
		d.At = at
		_, err := d.AppendResponse(nil)
		require.NoError(t, err, at)
	}
	for name, spoil := range map[string]func(d *routing.Decision){
		"a string that is not UTF-8": func(d *routing.Decision) { d.Message.Parts = []message.Part{message.Text("\xff")} },
		"a service that is none":     func(d *routing.Decision) { d.Service = 9 },
		"a year of five digits":      func(d *routing.Decision) { d.At = last.Add(time.Millisecond) },
		"a year before the first":    func(d *routing.Decision) { d.At = first.Add(-time.Millisecond) },
	} {
		d := typical(t)
		spoil(&d)
		b, err := d.AppendResponse([]byte("before"))
		require.Error(t, err, name)
		require.Equal(t, "before", string(b), name)
	}
}

// A time that is not known is null.
func TestResponseWithoutTimes(t *testing.T) {
	d := typical(t)
	d.At, d.Roster = time.Time{}, store.NewRoster(d.Roster.Set(), time.Time{})
	body, err := d.AppendResponse(nil)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(body), `"joined_at":null`), "of both, and of the line as the sender")
	require.Contains(t, string(body), `"created_at":null`)
}

// What an answer shows of an attachment that was not looked at.
func TestAttachmentsAreDescribed(t *testing.T) {
	shown := func(part *message.MediaPart) message.Media {
		d := typical(t)
		d.Message = &message.Content{Parts: []message.Part{part}}
		body, err := d.AppendResponse(nil)
		require.NoError(t, err)
		var answer bareResponse
		require.NoError(t, stdjson.Unmarshal(body, &answer))
		p := answer.Message.Parts[0]
		return message.Media{ID: *p.ID, Filename: *p.Filename, MimeType: *p.MimeType, SizeBytes: *p.SizeBytes, URL: *p.URL}
	}
	derived := uuid.NewSHA1(typical(t).MessageID, []byte("0"))
	attachment := "550E8400-E29B-41D4-A716-446655440000"
	require.Equal(t,
		message.Media{ID: uuid.MustParse(attachment), Filename: "attachment", MimeType: "application/octet-stream"},
		shown(message.Attachment(attachment)))
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
		require.Equal(t, message.Media{ID: derived, Filename: want[0], MimeType: want[1], URL: url}, shown(message.MediaURL(url)), url)
	}
}

// A response is appended to a buffer that has room without any allocation.
func TestResponseAllocations(t *testing.T) {
	d, room := typical(t), make([]byte, 0, 4096)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = d.AppendResponse(room) }))
}

// The baseline encodes the same response with the library from plain structs.
func BenchmarkResponse(b *testing.B) {
	d := typical(b)
	plain, room := bare(&d), make([]byte, 0, 4096)
	for by, encode := range map[string]func() error{
		"bare":   func() error { _, err := json.Marshal(&plain); return err },
		"append": func() error { _, err := d.AppendResponse(room); return err },
	} {
		b.Run("by="+by, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// typical is a decision about a typical request: one person and one text.
func typical(t testing.TB) routing.Decision {
	set, err := recipients.NewSet(ann)
	require.NoError(t, err)
	return routing.Decision{
		Reason: store.ReusedActiveChat, ChatID: uuid.UUID{3}, Line: dc, MessageID: uuid.UUID{4}, At: noon, Roster: store.NewRoster(set, noon),
		Message: &message.Content{Parts: []message.Part{message.Text("Hi! Thanks for reaching out — how can we help?")}}, Service: message.IMessage,
	}
}

// answered draws decisions of which every member of an answer is something.
var answered = rapid.Custom(func(t *rapid.T) *routing.Decision {
	people := rapid.SliceOfNDistinct(rapid.SampledFrom([]recipients.Handle{ann, bob, boston, recipients.MustParse(`o'brien+a@example.com`)}), 1, 4, recipients.Handle.String).Draw(t, "people")
	set, err := recipients.NewSet(people...)
	if err != nil {
		t.Fatal(err)
	}
	joined := make([]time.Time, set.Len())
	for i := range joined {
		joined[i] = instants.Draw(t, "joined")
	}
	d := &routing.Decision{
		Reason:    rapid.SampledFrom([]store.Reason{store.ReusedActiveChat, store.NewBestNumber, store.FailoverFlagged}).Draw(t, "reason"),
		ChatID:    ids.Draw(t, "chat"),
		Line:      dc,
		MessageID: ids.Draw(t, "message"),
		At:        instants.Draw(t, "at"),
		Roster:    store.NewRosterJoined(set, instants.Draw(t, "since"), joined),
		Service:   rapid.SampledFrom([]message.Service{0, message.IMessage, message.RCS, message.SMS}).Draw(t, "service"),
		Message:   &message.Content{Parts: rapid.SliceOfN(parts, 0, 3).Draw(t, "parts")},
	}
	if rapid.Bool().Draw(t, "another chat before") {
		d.PreviousChatID = ids.Draw(t, "previous")
	}
	if rapid.Bool().Draw(t, "a service preferred") {
		d.Message.PreferredService = new(rapid.SampledFrom([]string{"iMessage", "RCS", "SMS"}).Draw(t, "preferred"))
	}
	if rapid.Bool().Draw(t, "an effect") {
		d.Message.Effect = &message.Effect{Name: perhaps(t, words), Type: perhaps(t, words)}
	}
	if rapid.Bool().Draw(t, "a reply") {
		d.Message.ReplyTo = &message.ReplyTo{MessageID: new(ids.Draw(t, "answered").String()), PartIndex: perhaps(t, rapid.Int64())}
	}
	resolved := rapid.Bool().Draw(t, "attachments resolved")
	for i, part := range d.Message.Parts {
		switch part.(type) {
		case *message.TextPart:
			if rapid.Bool().Draw(t, "a mention") {
				d.Mentions = append(d.Mentions, validate.Mention{Part: i, Handle: rapid.SampledFrom(append(people, dc)).Draw(t, "mentioned")})
			}
		case *message.MediaPart:
			if resolved {
				d.Attachments = append(d.Attachments, message.Media{
					ID: ids.Draw(t, "id"), Filename: words.Draw(t, "file"), MimeType: words.Draw(t, "type"), SizeBytes: rapid.Int64().Draw(t, "size"),
					URL: words.Draw(t, "url"),
				})
			}
		}
	}
	return d
})

var (
	// words have everything that JSON has to escape, and some that it has not.
	words = rapid.OneOf(rapid.String(),
		rapid.SampledFrom([]string{"", "a", "iMessage", "\x00", "\"\\\b\f\n\r\t", "é", "🧑‍🧑‍🧒", "\u2028</script>", "\U0010FFFF"}))

	integers = rapid.SliceOfN(rapid.Int64(), 0, 3)
	ids      = rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) uuid.UUID { return uuid.UUID(b) })
	images   = rapid.Map(rapid.StringMatching("[a-z]{0,3}"), func(folder string) string { return "https://example.com/" + folder + "/a.png" })

	instants = rapid.Custom(func(t *rapid.T) time.Time {
		low, high := time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
		second := rapid.Int64Range(low.Unix(), high.Unix()).Draw(t, "second")
		return time.Unix(second, rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).UTC().Truncate(time.Microsecond)
	})

	parts = rapid.OneOf(
		rapid.Custom(func(t *rapid.T) message.Part {
			p := &message.TextPart{Value: new(words.Draw(t, "value")), Mention: perhaps(t, words), TextDecorations: rapid.SliceOfN(decorated, 0, 2).Draw(t, "decorations")}
			if rapid.Bool().Draw(t, "a range of the mention") {
				p.MentionRange = integers.Draw(t, "range")
			}
			for range rapid.IntRange(0, 2).Draw(t, "stickers") {
				s := message.InlineSticker{Range: integers.Draw(t, "range"), URL: perhaps(t, images)}
				if s.URL == nil {
					s.AttachmentID = new(ids.Draw(t, "attachment").String())
				}
				p.InlineStickers = append(p.InlineStickers, s)
			}
			return p
		}),
		rapid.Custom(func(t *rapid.T) message.Part { return message.MediaURL(images.Draw(t, "url")) }),
		rapid.Custom(func(t *rapid.T) message.Part { return message.Attachment(ids.Draw(t, "attachment").String()) }),
		rapid.Custom(func(t *rapid.T) message.Part { return message.Link(words.Draw(t, "link")) }),
		rapid.Custom(func(t *rapid.T) message.Part { return message.AppClip(words.Draw(t, "app clip")) }),
		rapid.Custom(func(t *rapid.T) message.Part {
			p := &message.AppCardPart{URL: perhaps(t, words), FallbackText: perhaps(t, words)}
			if rapid.Bool().Draw(t, "an app") {
				p.App = &message.App{Name: perhaps(t, words), BundleID: perhaps(t, words), TeamID: perhaps(t, words), AppStoreID: perhaps(t, rapid.Int64())}
			}
			if rapid.Bool().Draw(t, "a layout") {
				p.Layout = &message.Layout{
					Caption: perhaps(t, words), Subcaption: perhaps(t, words), TrailingCaption: perhaps(t, words), TrailingSubcaption: perhaps(t, words),
					ImageURL: perhaps(t, words), ImageTitle: perhaps(t, words), ImageSubtitle: perhaps(t, words),
				}
			}
			return p
		}),
	)

	decorated = rapid.Custom(func(t *rapid.T) message.Decoration {
		return message.Decoration{Range: integers.Draw(t, "range"), Style: perhaps(t, words), Animation: perhaps(t, words)}
	})
)

func perhaps[T any](t *rapid.T, of *rapid.Generator[T]) *T {
	if !rapid.Bool().Draw(t, "given") {
		return nil
	}
	return new(of.Draw(t, "value"))
}
