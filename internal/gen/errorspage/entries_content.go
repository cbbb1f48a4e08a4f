package main

import (
	"fmt"
	"strings"
)

// contents are the rules of the parts of a message and of its other members.
var contents = []entry{
	{rule: "parts.adjacent", cause: "Two text parts stand next to each other. They would show as one.",
		mend: "Join the texts, or put another part between them.", wrong: parts(`{"type": "text", "value": "Hi"}, {"type": "text", "value": "Ann"}`), right: parts(`{"type": "text", "value": "Hi\nAnn"}`)},
	{rule: "parts.alone", cause: "A link, a card, or another part of the type in value stands next to other parts.",
		mend: "Send it as a message of its own.", wrong: parts(hi + `, {"type": "link", "value": "https://example.com/"}`), right: link("https://example.com/")},
	{rule: "parts.media_urls", cause: "More than 40 parts have a url.",
		mend: "Upload the rest and give their attachment_id, or send several messages.", wrong: parts(`‹{"type": "media", "url": "https://example.com/a.jpg"},×41›`), right: parts(`‹{"type": "media", "url": "https://example.com/a.jpg"},×40›`)},
	{rule: "part.voice_memo", cause: "The message is a voice memo. Its line cannot be picked.",
		mend: "Send an audio file as a media part, or use the hosted API's endpoint for voice memos.", wrong: parts(`{"type": "voice_memo", "url": "https://example.com/a.m4a"}`), right: parts(`{"type": "media", "url": "https://example.com/a.m4a"}`)},
	{rule: "media.neither", cause: "The part has no url and no attachment_id.",
		mend: "Give one of them.", wrong: parts(`{"type": "media"}`), right: parts(`{"type": "media", "url": "https://example.com/a.jpg"}`)},
	{rule: "media.both", cause: "The part has a url and an attachment_id.",
		mend: "Leave one of them out.", wrong: parts(`{"type": "media", "url": "https://example.com/a.jpg", "attachment_id": "` + uuid + `"}`), right: parts(`{"type": "media", "attachment_id": "` + uuid + `"}`)},
	{rule: "stickers.images", cause: "The text has more than ten different images in it.",
		mend: "Use fewer images. Copies of one image count once.", wrong: stickers(11), right: stickers(10)},
	{rule: "stickers.overlap", cause: "Two images stand on the same characters of the text.",
		mend: "Give each image characters of its own.", wrong: sticker(`[2, 5]`, `[3, 4]`), right: sticker(`[2, 3]`, `[3, 4]`)},

	{rule: "url.syntax", cause: "The text cannot be read as a URL.",
		mend: "Write the URL as a browser shows it.", wrong: link("https://example.com:https/"), right: link("https://example.com/")},
	{rule: "url.length", cause: "The URL is too long when it is written in ASCII.",
		mend: "Shorten it.", wrong: link("https://example.com/‹a×2029›"), right: link("https://example.com/‹a×2028›")},
	{rule: "url.absolute", cause: "The URL has no scheme.",
		mend: "Put the scheme of nearest in front.", wrong: link("example.com/a"), right: link("https://example.com/a")},
	{rule: "url.scheme", cause: "The URL has a scheme that is not taken here. App Clips, cards and media take https only.",
		mend: "Use the scheme in nearest.", wrong: parts(`{"type": "app_clip", "value": "http://example.com/pay"}`), right: parts(`{"type": "app_clip", "value": "https://example.com/pay"}`)},
	{rule: "url.host", cause: "The URL names no host.",
		mend: "Add the host.", wrong: link("https:///a"), right: link("https://example.com/a")},
	{rule: "url.userinfo", cause: "The URL has a user name or a password before the host.",
		mend: "Remove it: every reader of the message would see it.", wrong: link("https://ann@example.com/"), right: link("https://example.com/")},
	{rule: "url.character", cause: "The URL has a space, a backslash, or a control or invisible character.",
		mend: "Percent-encode it: a space is %20.", wrong: link("https://example.com/a b"), right: link("https://example.com/a%20b")},
	{rule: "url.data", cause: "A data: URL has no comma before its data.",
		mend: "Put a comma between the media type and the data.", wrong: card(app, `{"caption": "Your move"}`, `"url": "data:text/plain"`), right: card(app, `{"caption": "Your move"}`, `"url": "data:text/plain,e4"`)},

	{rule: "range.arity", cause: "The range has not exactly two numbers.",
		mend: "Give the start and the end. The end is not part of the range.", wrong: styled(`{"range": [0], "style": "bold"}`), right: styled(`{"range": [0, 1], "style": "bold"}`)},
	{rule: "range.negative", cause: "The range has a number below 0.",
		mend: "Count from 0.", wrong: styled(`{"range": [-1, 3], "style": "bold"}`), right: styled(`{"range": [0, 3], "style": "bold"}`)},
	{rule: "range.empty", cause: "Start and end are the same.",
		mend: "Add 1 to the end for one code unit.", wrong: styled(`{"range": [0, 0], "style": "bold"}`), right: styled(`{"range": [0, 1], "style": "bold"}`)},
	{rule: "range.reversed", cause: "The start comes after the end.",
		mend: "Exchange the two. The second number is an end, not a length.", wrong: styled(`{"range": [4, 2], "style": "bold"}`), right: styled(`{"range": [4, 6], "style": "bold"}`)},
	{rule: "range.past_end", cause: "The range ends after the text.",
		mend: "Count UTF-16 code units, as JavaScript and Java do: not bytes, not code points.", wrong: styled(`{"range": [0, 7], "style": "bold"}`), right: styled(`{"range": [0, 6], "style": "bold"}`)},
	{rule: "range.split_pair", cause: "The range begins or ends inside of a character that takes two UTF-16 code units, as an emoji does.",
		mend: "Use the range in nearest.", wrong: text(`"value": "a😀b", "text_decorations": [{"range": [1, 2], "style": "bold"}]`), right: text(`"value": "a😀b", "text_decorations": [{"range": [1, 3], "style": "bold"}]`)},
	{rule: "decoration.neither", cause: "The decoration has no style and no animation.",
		mend: "Give one of them.", wrong: styled(`{"range": [0, 5]}`), right: styled(`{"range": [0, 5], "style": "bold"}`)},
	{rule: "decoration.both", cause: "The decoration has a style and an animation.",
		mend: "Make two decorations of different ranges, or leave one out.", wrong: styled(`{"range": [0, 5], "style": "bold", "animation": "shake"}`), right: styled(`{"range": [0, 5], "animation": "shake"}`)},
	{rule: "decoration.overlap", cause: "An animation covers characters that another decoration covers too.",
		mend: "Move one of them. Styles may overlap with styles.", wrong: styled(`{"range": [0, 4], "animation": "big"}, {"range": [3, 6], "style": "bold"}`), right: styled(`{"range": [0, 3], "animation": "big"}, {"range": [3, 6], "style": "bold"}`)},

	{rule: "mention.direct", cause: "The message mentions a person and goes to one recipient.",
		mend: "Leave the mention out.", wrong: text(`"value": "Ann", "mention": "+14155559876"`), right: text(`"value": "Ann"`)},
	{rule: "mention.recipient", cause: "The person who is mentioned is not in to.",
		mend: "Mention one of the recipients.", wrong: group(`{"type": "text", "value": "Bob", "mention": "bob@example.com"}`), right: group(`{"type": "text", "value": "Ann", "mention": "ann@example.com"}`)},
	{rule: "mention.range_alone", cause: "The text has a mention_range and no mention.",
		mend: "Add the mention, or leave the range out.", wrong: group(`{"type": "text", "value": "Ann", "mention_range": [0, 3]}`), right: group(`{"type": "text", "value": "Ann", "mention": "ann@example.com", "mention_range": [0, 3]}`)},
	{rule: "effect.mismatch", cause: "The effect has another type than the one given.",
		mend: "Use the type in nearest, or leave the type out.", wrong: message(`"effect": {"type": "bubble", "name": "confetti"}`), right: message(`"effect": {"type": "screen", "name": "confetti"}`)},

	{rule: "card.team_id", cause: "The team_id is not ten of the characters A to Z and 0 to 9.",
		mend: "Copy it from the developer account of the app.", wrong: card(`{"name": "Chess", "bundle_id": "com.example.chess", "team_id": "a1b2"}`, `{"caption": "Your move"}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.bundle_id", cause: "The bundle_id has a colon.",
		mend: "Give the bundle id alone, without the team id.", wrong: card(`{"name": "Chess", "bundle_id": "A1B2C3D4E5:com.example.chess", "team_id": "A1B2C3D4E5"}`, `{"caption": "Your move"}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.layout_empty", cause: "The layout has no text and no image: the card would be empty.",
		mend: "Set one of the members that the text names.", wrong: card(app, `{}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.image_needed", cause: "The layout has an image_title or image_subtitle and no image_url.",
		mend: "Add image_url, or use caption.", wrong: card(app, `{"caption": "Your move", "image_title": "Chess"}`, url), right: card(app, `{"caption": "Your move", "subcaption": "Chess"}`, url)},
	{rule: "service.card", cause: "The message has an app card, and the preferred service is RCS or SMS.",
		mend: "Leave preferred_service out.", wrong: preferring(`{"type": "imessage_app", "app": `+app+`, "layout": {"caption": "Your move"}, `+url+`}`, "RCS"), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "service.app_clip", cause: "The message has an App Clip, and the preferred service is RCS or SMS.",
		mend: "Leave preferred_service out, or send a link.", wrong: preferring(`{"type": "app_clip", "value": "https://example.com/pay"}`, "SMS"), right: preferring(`{"type": "link", "value": "https://example.com/pay"}`, "SMS")},
	{rule: "service.email", cause: "A recipient is an email address, and the preferred service is RCS or SMS.",
		mend: "Leave preferred_service out, or give the phone number of the person.", wrong: body(`"to": ["ann@example.com"], "message": {"parts": [` + hi + `], "preferred_service": "SMS"}`), right: to(`["ann@example.com"]`)},
}

// preferring is a message of one part with a preferred service.
func preferring(part, service string) sample {
	return body(one + `, "message": {"parts": [` + part + `], "preferred_service": "` + service + `"}`)
}

// sticker is a text with two images.
func sticker(first, second string) sample {
	return text(`"value": "Hi :)", "inline_stickers": [{"range": ` + first + `, "url": "https://example.com/a.png"}, {"range": ` + second + `, "url": "https://example.com/b.png"}]`)
}

// stickers is a text with n different images.
func stickers(n int) sample {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"range": [%d, %d], "url": "https://example.com/%d.png"}`, i, i+1, i))
	}
	return text(`"value": "0123456789a", "inline_stickers": [` + strings.Join(list, ", ") + `]`)
}
