package main

import (
	"fmt"
	"strings"
)

// contents are the rules of the parts of a message and of its other members.
var contents = []entry{
	{rule: "parts.adjacent", cause: "Two text parts stand next to each other. They would show as one.",
		mend: "Join the texts, or put another part between them.", wrong: parts(`{"type": "text", "value": "Hi"}, {"type": "text", "value": "Ann"}`), right: parts(`{"type": "text", "value": "Hi\nAnn"}`)},
	{rule: "parts.alone", cause: "Other parts stand beside a link, an app card or an App Clip. `value` is its type.",
		mend: "Send that part as a message of its own.", wrong: parts(hi + `, {"type": "link", "value": "https://example.com/"}`), right: link("https://example.com/")},
	{rule: "parts.media_urls", cause: "More than 40 media parts have a `url`.",
		mend: "Send several messages. Or upload the files with the vendor's API, which this server does not replace, and give each `attachment_id`.", wrong: parts(`‹{"type": "media", "url": "https://example.com/a.jpg"},×41›`), right: parts(`‹{"type": "media", "url": "https://example.com/a.jpg"},×40›`)},
	{rule: "part.voice_memo", cause: "The part is a voice memo, which this server does not send.",
		mend: "Send the audio file as a media part. A real voice memo needs the vendor's own endpoint.", wrong: parts(`{"type": "voice_memo", "url": "https://example.com/a.m4a"}`), right: parts(`{"type": "media", "url": "https://example.com/a.m4a"}`)},
	{rule: "media.neither", cause: "The media part or the inline sticker has no `url` and no `attachment_id`.",
		mend: "Give one of them.", wrong: parts(`{"type": "media"}`), right: parts(`{"type": "media", "url": "https://example.com/a.jpg"}`)},
	{rule: "media.both", cause: "The media part or the inline sticker has both a `url` and an `attachment_id`.",
		mend: "Leave one of them out.", wrong: parts(`{"type": "media", "url": "https://example.com/a.jpg", "attachment_id": "` + uuid + `"}`), right: parts(`{"type": "media", "attachment_id": "` + uuid + `"}`)},
	{rule: "stickers.images", cause: "The inline stickers of one text use more than ten different images.",
		mend: "Use fewer images. Copies of one image count once.", wrong: stickers(11), right: stickers(10)},
	{rule: "stickers.overlap", cause: "Two inline stickers cover the same characters of the text.",
		mend: "Give each sticker characters of its own.", wrong: sticker(`[2, 5]`, `[3, 4]`), right: sticker(`[2, 3]`, `[3, 4]`)},

	{rule: "url.syntax", cause: "The text cannot be read as a URL.",
		mend: "Copy the URL from the address line of a browser.", wrong: link("https://example.com:https/"), right: link("https://example.com/")},
	{rule: "url.length", cause: "The URL has more than `max` characters, counted in ASCII: every other character counts as its percent-encoded bytes. `max` is 2048, and 16384 for a data: URL.",
		mend: "Shorten it, for example with a redirect of your own.", wrong: link("https://example.com/‹a×2029›"), right: link("https://example.com/‹a×2028›")},
	{rule: "url.absolute", cause: "The URL has no scheme in front, such as https://.",
		mend: "Put the scheme that `nearest` names in front, and :// behind it.", wrong: link("example.com/a"), right: link("https://example.com/a")},
	{rule: "url.scheme", cause: "This place does not take URLs of this scheme. Links take https and http; App Clips, cards and media take https only. The `url` of a card also takes data:.",
		mend: "Use the scheme that `nearest` names.", wrong: parts(`{"type": "app_clip", "value": "http://example.com/pay"}`), right: parts(`{"type": "app_clip", "value": "https://example.com/pay"}`)},
	{rule: "url.host", cause: "The URL has no host name.",
		mend: "Write the host name after https://.", wrong: link("https:///a"), right: link("https://example.com/a")},
	{rule: "url.userinfo", cause: "The URL has a user name or a password before the host name.",
		mend: "Remove it: every reader of the message would see it.", wrong: link("https://ann@example.com/"), right: link("https://example.com/")},
	{rule: "url.character", cause: "The URL has a space, a backslash, or a control or invisible character.",
		mend: "Percent-encode it: a space is %20.", wrong: link("https://example.com/a b"), right: link("https://example.com/a%20b")},
	{rule: "url.data", cause: "The data: URL has no comma between its media type and its data.",
		mend: "Put a comma before the data.", wrong: card(app, `{"caption": "Your move"}`, `"url": "data:text/plain"`), right: card(app, `{"caption": "Your move"}`, `"url": "data:text/plain,e4"`)},

	{rule: "range.arity", cause: "The range does not have exactly two numbers.",
		mend: "Give two numbers: where the range starts, and where it ends. The character at the end is not part of the range.", wrong: styled(`{"range": [0], "style": "bold"}`), right: styled(`{"range": [0, 1], "style": "bold"}`)},
	{rule: "range.negative", cause: "The range has a number below 0.",
		mend: "Count from 0.", wrong: styled(`{"range": [-1, 3], "style": "bold"}`), right: styled(`{"range": [0, 3], "style": "bold"}`)},
	{rule: "range.empty", cause: "The range starts where it ends, so it covers nothing.",
		mend: "The end is the index after the last code unit. For one code unit, it is the start and 1.", wrong: styled(`{"range": [0, 0], "style": "bold"}`), right: styled(`{"range": [0, 1], "style": "bold"}`)},
	{rule: "range.reversed", cause: "The start comes after the end.",
		mend: "Exchange the two numbers. The second one is the end, not a length.", wrong: styled(`{"range": [4, 2], "style": "bold"}`), right: styled(`{"range": [4, 6], "style": "bold"}`)},
	{rule: "range.past_end", cause: "The range ends after the text.",
		mend: "Count UTF-16 code units, as JavaScript and Java do. Bytes and code points give other numbers.", wrong: styled(`{"range": [0, 7], "style": "bold"}`), right: styled(`{"range": [0, 6], "style": "bold"}`)},
	{rule: "range.split_pair", cause: "The range starts or ends in the middle of a character that takes two UTF-16 code units, such as an emoji.",
		mend: "Use the range that `nearest` gives: it covers the whole character.", wrong: text(`"value": "a😀b", "text_decorations": [{"range": [1, 2], "style": "bold"}]`), right: text(`"value": "a😀b", "text_decorations": [{"range": [1, 3], "style": "bold"}]`)},
	{rule: "decoration.neither", cause: "The decoration has neither a style nor an animation.",
		mend: "Give it one of them.", wrong: styled(`{"range": [0, 5]}`), right: styled(`{"range": [0, 5], "style": "bold"}`)},
	{rule: "decoration.both", cause: "The decoration has both a style and an animation.",
		mend: "Leave one of them out, or make two decorations whose ranges do not overlap.", wrong: styled(`{"range": [0, 5], "style": "bold", "animation": "shake"}`), right: styled(`{"range": [0, 5], "animation": "shake"}`)},
	{rule: "decoration.overlap", cause: "An animation covers characters that another decoration also covers.",
		mend: "Move one of the two ranges. Only styles may overlap with styles.", wrong: styled(`{"range": [0, 4], "animation": "big"}, {"range": [3, 6], "style": "bold"}`), right: styled(`{"range": [0, 3], "animation": "big"}, {"range": [3, 6], "style": "bold"}`)},

	{rule: "mention.direct", cause: "The message mentions a person, but goes to one recipient only. Only groups have mentions.",
		mend: "Leave the mention out.", wrong: text(`"value": "Ann", "mention": "+14155559876"`), right: text(`"value": "Ann"`)},
	{rule: "mention.recipient", cause: "The person in `mention` is not one of the recipients in `to`.",
		mend: "Mention one of the recipients.", wrong: group(`{"type": "text", "value": "Bob", "mention": "bob@example.com"}`), right: group(`{"type": "text", "value": "Ann", "mention": "ann@example.com"}`)},
	{rule: "mention.range_alone", cause: "The text has a `mention_range` and no `mention`.",
		mend: "Add the mention, or leave the range out.", wrong: group(`{"type": "text", "value": "Ann", "mention_range": [0, 3]}`), right: group(`{"type": "text", "value": "Ann", "mention": "ann@example.com", "mention_range": [0, 3]}`)},
	{rule: "effect.mismatch", cause: "The effect is not of the type that the request gives.",
		mend: "Use the type that `nearest` names, or leave the type out.", wrong: message(`"effect": {"type": "bubble", "name": "confetti"}`), right: message(`"effect": {"type": "screen", "name": "confetti"}`)},

	{rule: "card.team_id", cause: "The `team_id` does not have exactly ten characters from A to Z and 0 to 9.",
		mend: "Copy the team id from the developer account of the app.", wrong: card(`{"name": "Chess", "bundle_id": "com.example.chess", "team_id": "a1b2"}`, `{"caption": "Your move"}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.bundle_id", cause: "The `bundle_id` has a colon in it.",
		mend: "Give the bundle id alone, without the team id.", wrong: card(`{"name": "Chess", "bundle_id": "A1B2C3D4E5:com.example.chess", "team_id": "A1B2C3D4E5"}`, `{"caption": "Your move"}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.layout_empty", cause: "The layout has no text and no image, so the card would show nothing.",
		mend: "Set one of the members that the message names.", wrong: card(app, `{}`, url), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "card.image_needed", cause: "The layout has a text that is shown over an image, and no image.",
		mend: "Add `image_url`. Or use `caption` or `subcaption` for the text.", wrong: card(app, `{"caption": "Your move", "image_title": "Chess"}`, url), right: card(app, `{"caption": "Your move", "subcaption": "Chess"}`, url)},
	{rule: "service.card", cause: "The message has an app card, and `preferred_service` is RCS or SMS, which show no cards.",
		mend: "Leave `preferred_service` out.", wrong: preferring(`{"type": "imessage_app", "app": `+app+`, "layout": {"caption": "Your move"}, `+url+`}`, "RCS"), right: card(app, `{"caption": "Your move"}`, url)},
	{rule: "service.app_clip", cause: "The message has an App Clip, and `preferred_service` is RCS or SMS, which show none.",
		mend: "Leave `preferred_service` out, or send a link.", wrong: preferring(`{"type": "app_clip", "value": "https://example.com/pay"}`, "SMS"), right: preferring(`{"type": "link", "value": "https://example.com/pay"}`, "SMS")},
	{rule: "service.email", cause: "A recipient is an email address, and `preferred_service` is RCS or SMS, which reach phone numbers only.",
		mend: "Leave `preferred_service` out, or give the person's phone number.", wrong: body(`"to": ["ann@example.com"], "message": {"parts": [` + hi + `], "preferred_service": "SMS"}`), right: to(`["ann@example.com"]`)},
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
