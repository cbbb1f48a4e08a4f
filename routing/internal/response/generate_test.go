package response_test

import (
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing/internal/response"
)

// text generates strings with everything that JSON has to escape, and some that it has not.
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

var integers = rapid.SliceOfN(rapid.Int64(), 0, 3)

var decoration = rapid.Custom(func(t *rapid.T) message.Decoration {
	return message.Decoration{Range: integers.Draw(t, "range"), Style: optional(t, text, "style"), Animation: optional(t, text, "animation")}
})

var app = rapid.Custom(func(t *rapid.T) message.App {
	return message.App{
		Name: optional(t, text, "name"), BundleID: optional(t, text, "bundle_id"), TeamID: optional(t, text, "team_id"),
		AppStoreID: optional(t, rapid.Int64(), "app_store_id"),
	}
})

var layout = rapid.Custom(func(t *rapid.T) message.Layout {
	return message.Layout{
		Caption: optional(t, text, "caption"), Subcaption: optional(t, text, "subcaption"), TrailingCaption: optional(t, text, "trailing_caption"),
		TrailingSubcaption: optional(t, text, "trailing_subcaption"), ImageURL: optional(t, text, "image_url"),
		ImageTitle: optional(t, text, "image_title"), ImageSubtitle: optional(t, text, "image_subtitle"),
	}
})

var instant = rapid.Custom(func(t *rapid.T) time.Time {
	zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
	low, high := time.Date(0, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
	return time.Unix(rapid.Int64Range(low.Unix(), high.Unix()).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).In(zone)
})

var id = rapid.Custom(func(t *rapid.T) uuid.UUID {
	return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
})

var timestamp = rapid.Custom(func(t *rapid.T) message.Timestamp {
	return message.At(instant.Draw(t, "time"))
})

var service = rapid.SampledFrom([]message.Service{0, message.IMessage, message.RCS, message.SMS})

var chatHandle = rapid.Custom(func(t *rapid.T) response.ChatHandle {
	return response.ChatHandle{
		ID: id.Draw(t, "id"), Handle: text.Draw(t, "handle"), JoinedAt: timestamp.Draw(t, "joined_at"), Service: service.Draw(t, "service"),
		IsMe: rapid.Bool().Draw(t, "is_me"), LeftAt: timestamp.Draw(t, "left_at"), Status: text.Draw(t, "status"),
	}
})

var responsePart = rapid.OneOf(
	rapid.Custom(func(t *rapid.T) response.ResponsePart {
		p := &response.TextResponse{
			Value: text.Draw(t, "value"), TextDecorations: list(t, decoration, "text_decorations"), Mention: optional(t, text, "mention"),
			Mentions: list(t, rapid.Custom(func(t *rapid.T) response.Mention {
				return response.Mention{Handle: text.Draw(t, "handle"), IsMe: rapid.Bool().Draw(t, "is_me"), Range: integers.Draw(t, "range")}
			}), "mentions"),
			InlineStickers: list(t, rapid.Custom(func(t *rapid.T) response.SentSticker {
				return response.SentSticker{
					Range: integers.Draw(t, "range"), ID: id.Draw(t, "id"), FileName: text.Draw(t, "file_name"), MimeType: text.Draw(t, "mime_type"), URL: text.Draw(t, "url"),
				}
			}), "inline_stickers"),
		}
		if rapid.Bool().Draw(t, "mention_range given") {
			p.MentionRange = append([]int64{}, integers.Draw(t, "mention_range")...)
		}
		return p
	}),
	rapid.Custom(func(t *rapid.T) response.ResponsePart {
		return &response.MediaResponse{Media: message.Media{
			ID: id.Draw(t, "id"), Filename: text.Draw(t, "filename"), MimeType: text.Draw(t, "mime_type"), SizeBytes: rapid.Int64().Draw(t, "size_bytes"), URL: text.Draw(t, "url"),
		}}
	}),
	rapid.Custom(func(t *rapid.T) response.ResponsePart {
		return &response.LinkResponse{Value: text.Draw(t, "value")}
	}),
	rapid.Custom(func(t *rapid.T) response.ResponsePart {
		return &response.AppClipResponse{Value: text.Draw(t, "value")}
	}),
	rapid.Custom(func(t *rapid.T) response.ResponsePart {
		p := &response.AppCardResponse{
			App: optional(t, app, "app"), Layout: optional(t, layout, "layout"), URL: text.Draw(t, "url"),
			FallbackText: optional(t, text, "fallback_text"),
		}
		return p
	}),
)

var answers = rapid.Custom(func(t *rapid.T) *response.Response {
	r := &response.Response{
		ChatID: id.Draw(t, "chat_id"), CreatedNewChat: rapid.Bool().Draw(t, "created_new_chat"), From: text.Draw(t, "from"),
		FromSelection: response.FromSelection{Reason: text.Draw(t, "reason"), ReusedExistingChat: rapid.Bool().Draw(t, "reused_existing_chat")},
		Handles:       append([]response.ChatHandle{}, rapid.SliceOfN(chatHandle, 0, 2).Draw(t, "handles")...), IsGroup: rapid.Bool().Draw(t, "is_group"),
		Message: response.SentMessage{
			ID: id.Draw(t, "id"), CreatedAt: timestamp.Draw(t, "created_at"), DeliveryStatus: text.Draw(t, "delivery_status"), IsRead: rapid.Bool().Draw(t, "is_read"),
			Parts:  append(response.ResponseParts{}, rapid.SliceOfN(responsePart, 0, 2).Draw(t, "parts")...),
			SentAt: timestamp.Draw(t, "sent_at"), DeliveredAt: timestamp.Draw(t, "delivered_at"),
			Effect: optional(t, rapid.Custom(func(t *rapid.T) response.SentEffect {
				return response.SentEffect{Name: text.Draw(t, "name"), Type: text.Draw(t, "type")}
			}), "effect"),
			FromHandle: optional(t, chatHandle, "from_handle"), PreferredService: service.Draw(t, "preferred_service"),
			ReplyTo: optional(t, rapid.Custom(func(t *rapid.T) response.SentReplyTo {
				return response.SentReplyTo{MessageID: id.Draw(t, "message_id"), PartIndex: rapid.Int64().Draw(t, "part_index")}
			}), "reply_to"),
			Service: service.Draw(t, "service"),
		},
		Service: service.Draw(t, "service"), PreviousChatID: id.Draw(t, "previous_chat_id"),
	}
	if n := len(r.Handles); n > 0 && rapid.Bool().Draw(t, "from_the_last_handle") {
		r.Message.FromHandle = new(r.Handles[n-1])
	}
	return r
})
