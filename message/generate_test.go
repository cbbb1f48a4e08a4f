package message_test

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
)

// text generates strings with everything that JSON has to escape, and some that
// it has not.
var text = rapid.OneOf(
	rapid.String(),
	rapid.SampledFrom([]string{"", "a", "iMessage", "\x00", "\"\\\b\f\n\r\t", "é", "🧑‍🧑‍🧒", "\u2028</script>", "\U0010FFFF"}),
)

func optional[T any](t *rapid.T, gen *rapid.Generator[T], label string) *T {
	if !rapid.Bool().Draw(t, label+" given") {
		return nil
	}
	return new(gen.Draw(t, label))
}

func list[T any](t *rapid.T, gen *rapid.Generator[T], label string) []T {
	if !rapid.Bool().Draw(t, label+" given") {
		return nil
	}
	return append([]T{}, rapid.SliceOfN(gen, 0, 3).Draw(t, label)...)
}

// unknown generates members of names that no object knows.
func unknown(t *rapid.T) message.Members {
	var members message.Members
	for i := range rapid.IntRange(-3, 2).Draw(t, "unknown members") {
		value := rapid.SampledFrom([]string{"null", "1", `"x"`, "[ ]", `{ "a" : [1e9, {"b":null}] }`, "-0.0"}).Draw(t, "value")
		members = append(members, message.Member{
			Name:  "x" + strconv.Itoa(i) + text.Draw(t, "name"),
			Value: jsontext.Value(value),
		})
	}
	return members
}

var integers = rapid.SliceOfN(rapid.Int64(), 0, 3)

var decoration = rapid.Custom(func(t *rapid.T) message.Decoration {
	d := message.Decoration{Style: optional(t, text, "style"), Animation: optional(t, text, "animation"), Unknown: unknown(t)}
	if rapid.Bool().Draw(t, "range given") {
		d.Range = append([]int64{}, integers.Draw(t, "range")...)
	}
	return d
})

var sticker = rapid.Custom(func(t *rapid.T) message.InlineSticker {
	s := message.InlineSticker{URL: optional(t, text, "url"), AttachmentID: optional(t, text, "attachment_id"), Unknown: unknown(t)}
	if rapid.Bool().Draw(t, "range given") {
		s.Range = append([]int64{}, integers.Draw(t, "range")...)
	}
	return s
})

var part = rapid.OneOf(
	rapid.Custom(func(t *rapid.T) message.Part {
		p := &message.TextPart{
			Value: optional(t, text, "value"), TextDecorations: list(t, decoration, "text_decorations"), Mention: optional(t, text, "mention"), Unknown: unknown(t),
			InlineStickers: list(t, sticker, "inline_stickers"),
		}
		if rapid.Bool().Draw(t, "mention_range given") {
			p.MentionRange = append([]int64{}, integers.Draw(t, "mention_range")...)
		}
		return p
	}),
	rapid.Custom(func(t *rapid.T) message.Part {
		return &message.MediaPart{URL: optional(t, text, "url"), AttachmentID: optional(t, text, "attachment_id"), Sticker: optional(t, rapid.Bool(), "sticker"), Unknown: unknown(t)}
	}),
	rapid.Custom(func(t *rapid.T) message.Part {
		return &message.LinkPart{Value: optional(t, text, "value"), Unknown: unknown(t)}
	}),
	rapid.Custom(func(t *rapid.T) message.Part {
		return &message.AppClipPart{Value: optional(t, text, "value"), Caption: optional(t, text, "caption"), Unknown: unknown(t)}
	}),
	rapid.Custom(func(t *rapid.T) message.Part {
		return &message.AppCardPart{
			App: optional(t, app, "app"), Layout: optional(t, layout, "layout"), URL: optional(t, text, "url"),
			FallbackText: optional(t, text, "fallback_text"), Interactive: optional(t, rapid.Bool(), "interactive"), Unknown: unknown(t),
		}
	}),
)

var app = rapid.Custom(func(t *rapid.T) message.App {
	return message.App{
		Name: optional(t, text, "name"), BundleID: optional(t, text, "bundle_id"), TeamID: optional(t, text, "team_id"),
		AppStoreID: optional(t, rapid.Int64(), "app_store_id"), Unknown: unknown(t),
	}
})

var layout = rapid.Custom(func(t *rapid.T) message.Layout {
	return message.Layout{
		Caption: optional(t, text, "caption"), Subcaption: optional(t, text, "subcaption"), TrailingCaption: optional(t, text, "trailing_caption"),
		TrailingSubcaption: optional(t, text, "trailing_subcaption"), ImageURL: optional(t, text, "image_url"),
		ImageTitle: optional(t, text, "image_title"), ImageSubtitle: optional(t, text, "image_subtitle"), Unknown: unknown(t),
	}
})

var content = rapid.Custom(func(t *rapid.T) message.Content {
	return message.Content{
		Parts: list(t, part, "parts"),
		Effect: optional(t, rapid.Custom(func(t *rapid.T) message.Effect {
			return message.Effect{Type: optional(t, text, "type"), Name: optional(t, text, "name"), Unknown: unknown(t)}
		}), "effect"),
		ReplyTo: optional(t, rapid.Custom(func(t *rapid.T) message.ReplyTo {
			return message.ReplyTo{MessageID: optional(t, text, "message_id"), PartIndex: optional(t, rapid.Int64(), "part_index"), Unknown: unknown(t)}
		}), "reply_to"),
		PreferredService: optional(t, text, "preferred_service"),
		IdempotencyKey:   optional(t, text, "idempotency_key"),
		Unknown:          unknown(t),
	}
})

var request = rapid.Custom(func(t *rapid.T) *message.Request {
	return &message.Request{
		To: list(t, text, "to"), Message: optional(t, content, "message"),
		ContinuationMessage: optional(t, rapid.Custom(func(t *rapid.T) message.Continuation {
			return message.Continuation{Text: optional(t, text, "text"), Unknown: unknown(t)}
		}), "continuation_message"),
		ExcludeFrom: list(t, text, "exclude_from"), OverrideOptOut: optional(t, rapid.Bool(), "override_optout"), Unknown: unknown(t),
	}
})
