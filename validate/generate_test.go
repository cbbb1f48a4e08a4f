package validate_test

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/message"
)

// Generators of requests that pass. They draw from small sets, so that equal
// requests are met too.

var handles = []string{"+14155559876", "+14155550123", "+442071838750", "ann@example.com", "bob+news@example.com"}

// word generates text without U+0000.
var word = rapid.OneOf(
	rapid.SampledFrom([]string{"Hi", "Hello!", "😀", "👩‍👧 & 🇩🇪", "see https://example.com", "\u2028.", "a\tb"}),
	rapid.Map(rapid.StringN(0, 20, -1), func(s string) string { return "." + strings.ReplaceAll(s, "\x00", "0") }),
)

func maybe[T any](t *rapid.T, gen *rapid.Generator[T], label string) *T {
	if rapid.Bool().Draw(t, label+" given") {
		return new(gen.Draw(t, label))
	}
	return nil
}

var uuids = rapid.SampledFrom([]string{"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", "69a37c7d-af4f-4b5e-af42-e28e98ce873a"})

// ranged generates a range of s that splits no surrogate pair, of at least one
// unit.
func ranged(t *rapid.T, s string) []int64 {
	var starts []int64
	at := int64(0)
	for _, r := range s {
		starts = append(starts, at)
		at += int64(utf16.RuneLen(r))
	}
	starts = append(starts, at)
	i := rapid.IntRange(0, len(starts)-2).Draw(t, "start")
	return []int64{starts[i], starts[rapid.IntRange(i+1, len(starts)-1).Draw(t, "end")]}
}

func validText(t *rapid.T, group []string) *message.TextPart {
	p := message.Text(word.Draw(t, "value"))
	for range rapid.IntRange(-1, 3).Draw(t, "styles") {
		style := rapid.SampledFrom([]decorations.Style{decorations.Bold, decorations.Italic, decorations.Strikethrough, decorations.Underline}).Draw(t, "style")
		p.TextDecorations = append(p.TextDecorations, message.Decoration{Range: ranged(t, *p.Value), Style: new(style.String())})
	}
	if p.TextDecorations == nil {
		switch rapid.IntRange(0, 2).Draw(t, "looks") {
		case 1:
			p.TextDecorations = []message.Decoration{}
		case 2:
			animation := rapid.SampledFrom([]decorations.Animation{decorations.Big, decorations.Jitter}).Draw(t, "animation")
			p.TextDecorations = []message.Decoration{{Range: ranged(t, *p.Value), Animation: new(animation.String())}}
		}
	}
	if group != nil && rapid.Bool().Draw(t, "mention given") {
		mention := rapid.SampledFrom(group).Draw(t, "mention")
		if strings.Contains(mention, "@") && rapid.Bool().Draw(t, "in capitals") {
			mention = strings.ToUpper(mention)
		}
		p.Mention = &mention
		if rapid.Bool().Draw(t, "mention_range given") {
			p.MentionRange = ranged(t, *p.Value)
		}
	}
	if utf16Len(*p.Value) > 1 && rapid.IntRange(0, 3).Draw(t, "stickers") == 0 {
		s := message.InlineSticker{Range: ranged(t, *p.Value)}
		if s.AttachmentID = maybe(t, uuids, "attachment_id"); s.AttachmentID == nil {
			s.URL = new("https://example.com/sticker.png")
		}
		p.InlineStickers = []message.InlineSticker{s}
	}
	return p
}

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

var validCard = rapid.Custom(func(t *rapid.T) message.Part {
	label := rapid.SampledFrom([]string{"", "a", "Your move", "two\nlines"})
	l := &message.Layout{
		Caption: new("Chess"), Subcaption: maybe(t, label, "subcaption"), TrailingCaption: maybe(t, label, "trailing_caption"),
		TrailingSubcaption: maybe(t, label, "trailing_subcaption"),
	}
	if rapid.Bool().Draw(t, "image given") {
		l.ImageURL = new("https://example.com/a.jpg")
		l.ImageTitle, l.ImageSubtitle = maybe(t, label, "image_title"), maybe(t, label, "image_subtitle")
	}
	return &message.AppCardPart{
		App: &message.App{
			Name: new("Chess"), BundleID: new("com.example.chess"), TeamID: new("A1B2C3D4E5"), AppStoreID: maybe(t, rapid.Int64Range(1, 2), "app_store_id"),
		},
		Layout: l, URL: new(rapid.SampledFrom([]string{"https://example.com/", "data:,a"}).Draw(t, "url")),
		FallbackText: maybe(t, label, "fallback_text"), Interactive: maybe(t, rapid.Bool(), "interactive"),
	}
})

var validMedia = rapid.Custom(func(t *rapid.T) message.Part {
	if rapid.Bool().Draw(t, "by url") {
		return message.MediaURL(fmt.Sprintf("https://example.com/%d.jpg", rapid.IntRange(0, 2).Draw(t, "n")))
	}
	m := message.Attachment(uuids.Draw(t, "attachment_id"))
	m.Sticker = maybe(t, rapid.Bool(), "sticker")
	return m
})

func validParts(t *rapid.T, group []string) []message.Part {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return []message.Part{message.Link(rapid.SampledFrom([]string{"https://example.com/", "http://example.com/"}).Draw(t, "link"))}
	case 1:
		clip := message.AppClip("https://example.com/pay")
		clip.Caption = maybe(t, rapid.SampledFrom([]string{"", "Pay"}), "caption")
		return []message.Part{clip}
	case 2:
		return []message.Part{validCard.Draw(t, "card")}
	}
	var parts []message.Part
	text := rapid.Bool().Draw(t, "text first")
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		if text {
			parts = append(parts, validText(t, group))
		} else {
			parts = append(parts, validMedia.Draw(t, "media"))
		}
		text = !text
	}
	return parts
}

// valid generates requests that pass.
var valid = rapid.Custom(func(t *rapid.T) *message.Request {
	to := rapid.SliceOfNDistinct(rapid.SampledFrom(handles), 1, 3, rapid.ID).Draw(t, "to")
	var group []string
	if len(to) > 1 {
		group = to
	}
	m := &message.Content{Parts: validParts(t, group), IdempotencyKey: maybe(t, word, "idempotency_key")}
	switch rapid.IntRange(0, 3).Draw(t, "effect") {
	case 1:
		m.Effect = &message.Effect{}
	case 2:
		m.Effect = &message.Effect{Name: new(rapid.SampledFrom([]string{"love", "slam"}).Draw(t, "name"))}
	case 3:
		m.Effect = &message.Effect{Type: new("screen"), Name: maybe(t, rapid.Just("love"), "name")}
	}
	if rapid.Bool().Draw(t, "reply_to given") {
		m.ReplyTo = &message.ReplyTo{MessageID: new(uuids.Draw(t, "message_id")), PartIndex: maybe(t, rapid.Int64Range(0, 1), "part_index")}
	}
	services := []string{"iMessage"}
	_, card := m.Parts[0].(*message.AppCardPart)
	_, clip := m.Parts[0].(*message.AppClipPart)
	if !card && !clip && !strings.Contains(strings.Join(to, ","), "@") {
		services = append(services, "RCS", "SMS")
	}
	m.PreferredService = maybe(t, rapid.SampledFrom(services), "preferred_service")
	r := &message.Request{To: to, Message: m, OverrideOptOut: maybe(t, rapid.Bool(), "override_optout")}
	if rapid.Bool().Draw(t, "continuation given") {
		r.ContinuationMessage = &message.Continuation{Text: new(word.Draw(t, "text"))}
	}
	if rapid.Bool().Draw(t, "exclude_from given") {
		r.ExcludeFrom = append([]string{}, rapid.SliceOfN(rapid.SampledFrom([]string{"+12025550100", "+12025550101", "+15551234"}), 0, 3).Draw(t, "exclude_from")...)
	}
	return r
})
