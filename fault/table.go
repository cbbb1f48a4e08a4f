package fault

import (
	"strconv"
)

// Columns of rules that many rows share.
var (
	onlyBody      = []Code{CodeBody}
	onlyStructure = []Code{CodeStructure}
	onlyValue     = []Code{CodeValue}
	onlyCard      = []Code{CodeCard}
	onlyImage     = []Code{CodeImage}
	valueOrCard   = []Code{CodeValue, CodeCard}

	urlPlaces = []string{
		"/message/parts/*/url", "/message/parts/*/value", "/message/parts/*/layout/image_url", "/message/parts/*/inline_stickers/*/url",
	}
	rangePlaces = []string{"/message/parts/*/text_decorations/*/range", "/message/parts/*/mention_range", "/message/parts/*/inline_stickers/*/range"}
	imagePlace  = []string{"/message/parts/0/layout/image_url"}
)

// rules is the table of every rule, in the order of the documentation.
var rules = [...]ruleInfo{
	{rule: RuleJSONEmpty, text: "the body is empty; send one JSON object", codes: onlyBody},
	{rule: RuleJSONSyntax, text: "the body is not JSON from byte {found} on", found: true, codes: onlyBody},
	{rule: RuleJSONTruncated, text: "the body ends in the middle of a value, at byte {found}", found: true, codes: onlyBody},
	{rule: RuleJSONTrailing, text: "something follows the JSON value, at byte {found}; send one JSON object alone", found: true, codes: onlyBody},
	{rule: RuleJSONUTF8, text: "the text is not UTF-8 at byte {found}; encode the body in UTF-8", found: true, codes: onlyBody},
	{rule: RuleJSONSurrogate, text: "half of a surrogate pair at byte {found}; write both halves, or the character itself", found: true, codes: onlyBody},
	{rule: RuleJSONDuplicate, text: "{member} is in its object twice, the second time at byte {found}; leave one of them out", found: true, codes: onlyBody},
	{rule: RuleJSONDepth, text: "objects and arrays are nested more than " + strconv.Itoa(MaxDepth) + " deep, at byte {found}; leave this member out", found: true, codes: onlyBody},
	{rule: RuleJSONElements, text: "there are more than 100000 elements of arrays and unknown members, counted up to byte {found}", found: true, codes: onlyBody},
	{rule: RuleJSONType, text: "must be {nearest}, and is of the type {value}, at byte {found}", found: true, codes: onlyBody},
	{rule: RuleJSONNull, text: "null cannot be an element of an array; leave it out", found: true, codes: onlyBody},
	{rule: RuleJSONInteger, text: "must be an integer that fits in 64 bits, at byte {found}", found: true, codes: onlyBody},

	{rule: RuleMissing, text: "{member} is required", nearest: "; write {nearest} instead of '{value}'", codes: []Code{CodeMissing, CodeCard}},
	{rule: RuleUnknown, text: "'{value}' is not known here", nearest: "; did you mean {nearest}?", codes: valueOrCard},
	{rule: RuleFrom, text: "from is not accepted here: the line is picked for you, and exclude_from keeps lines out; POST /v3/chats takes the line in from", codes: onlyValue, pointers: []string{"/from", "/message/from"}},
	{rule: RuleExperience, text: "experiences cannot be sent here: give parts instead", codes: []Code{CodeFeature}, pointers: []string{"/message/experience", "/message/action"}},
	{rule: RuleNUL, text: "must not have the character U+0000; leave it out", codes: valueOrCard},
	{rule: RuleUTF8, text: "must be UTF-8", codes: []Code{CodeBody, CodeValue}},
	{rule: RuleLength, text: "must have {min} to {max} characters, and has {found}", most: "must have at most {max} characters, and has {found}", min: true, max: true, found: true, codes: valueOrCard},
	{rule: RuleBlank, text: "must show something, and has only spaces and invisible characters, the first of which is {value}", codes: valueOrCard, pointers: []string{
		"/message/parts/*/value", "/message/parts/*/caption", "/continuation_message/text", "/message/parts/*/app/name", "/message/parts/*/layout/*", "/message/parts/*/fallback_text",
	}},
	{rule: RuleUUID, text: "must be a UUID in its form with hyphens, such as 550e8400-e29b-41d4-a716-446655440000", codes: onlyValue, pointers: []string{"/message/parts/*/attachment_id", "/message/parts/*/inline_stickers/*/attachment_id", "/message/reply_to/message_id"}},
	{rule: RuleInteger, text: "must be from {min} to {max}, and is {found}", min: true, max: true, found: true, codes: valueOrCard, pointers: []string{"/message/reply_to/part_index", "/message/parts/*/app/app_store_id"}},
	{rule: RuleEnum, text: "'{value}' is not one of {known}", nearest: "; did you mean {nearest}?", codes: onlyValue, pointers: []string{
		"/message/parts/*/type", "/message/parts/*/text_decorations/*/style", "/message/parts/*/text_decorations/*/animation",
		"/message/effect/type", "/message/effect/name", "/message/preferred_service",
	}},
	{rule: RuleCount, text: "must have {min} to {max} elements, and has {found}", most: "must have at most {max} elements, and has {found}", min: true, max: true, found: true, codes: []Code{CodeMissing, CodeStructure, CodeValue}, pointers: []string{
		"/to", "/exclude_from", "/message/parts", "/message/parts/*/text_decorations", "/message/parts/*/inline_stickers",
	}},
	{rule: RuleRecipients, text: "must name at most {max} different people, and names {found}", max: true, found: true, codes: onlyValue, pointers: []string{"/to", ""}},
	{rule: RuleExcludedPhone, text: "must be the number of a line in E.164 form", codes: []Code{CodePhone}, pointers: []string{"/exclude_from/*"}},

	{rule: RuleAdjacent, text: "two text parts must not stand next to each other; join them, or put another part between them", codes: onlyStructure, pointers: []string{"/message/parts/*"}},
	{rule: RuleAlone, text: "a part of the type {value} must be the only part", codes: []Code{CodeStructure, CodeCard}, pointers: []string{"/message/parts/*"}},
	{rule: RuleMediaURLs, text: "at most {max} parts may have a url, and {found} have; upload the rest and give their attachment_id", max: true, found: true, codes: onlyStructure, pointers: []string{"/message/parts"}},
	{rule: RuleVoiceMemo, text: "voice memos cannot be sent here: send the audio file as a media part", codes: onlyValue, pointers: []string{"/message/parts/*/type", "/voice_memo_url"}},
	{rule: RuleMediaNeither, text: "give either url or attachment_id", codes: []Code{CodeMissing}, pointers: []string{"/message/parts/*", "/message/parts/*/inline_stickers/*"}},
	{rule: RuleMediaBoth, text: "give either url or attachment_id, not both", codes: onlyValue, pointers: []string{"/message/parts/*", "/message/parts/*/inline_stickers/*"}},
	{rule: RuleStickerImages, text: "at most {max} different images may stand in a text, and {found} do; copies of one count once", max: true, found: true, codes: onlyValue, pointers: []string{"/message/parts/*/inline_stickers"}},
	{rule: RuleStickerOverlap, text: "must not overlap with another sticker, and here it does with the one at index {found}", found: true, codes: onlyValue, pointers: []string{"/message/parts/*/inline_stickers/*/range"}},

	{rule: RuleURLSyntax, text: "is not a URL; write it as in https://example.com/a", codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLLength, text: "must have at most {max} characters, written in ASCII with percent-encoding, and has {found}", max: true, found: true, codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLAbsolute, text: "must be an absolute URL that begins with {nearest}://", codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLScheme, text: "must begin with {nearest}://, and begins with {value}:", codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLHost, text: "must name a host, as in https://example.com/", codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLUserinfo, text: "must not hold a user name or password; leave them out", codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLCharacter, text: "holds a space, backslash, control or invisible character at byte {found}; percent-encode it", found: true, codes: valueOrCard, pointers: urlPlaces},
	{rule: RuleURLData, text: "a data: URL must have a comma before its data", codes: onlyCard, pointers: []string{"/message/parts/*/url"}},

	{rule: RuleRangeArity, text: "must be exactly two numbers, [start, end), and has {found}", found: true, codes: onlyValue, pointers: rangePlaces},
	{rule: RuleRangeNegative, text: "must not be negative; ranges count from 0", found: true, codes: onlyValue, pointers: rangePlaces},
	{rule: RuleRangeEmpty, text: "covers nothing: it starts where it ends, and the end is not part of a range", codes: onlyValue, pointers: rangePlaces},
	{rule: RuleRangeReversed, text: "must start before it ends", codes: onlyValue, pointers: rangePlaces},
	{rule: RuleRangePastEnd, text: "must end at {max} or before: that is the length of the text in UTF-16 code units", max: true, found: true, codes: onlyValue, pointers: rangePlaces},
	{rule: RuleRangeSplit, text: "cuts a character in two: it is two UTF-16 code units long", nearest: "; the whole one is in {nearest}", codes: onlyValue, pointers: rangePlaces},
	{rule: RuleDecorationNeither, text: "must have a style or an animation", codes: onlyValue, pointers: []string{"/message/parts/*/text_decorations/*"}},
	{rule: RuleDecorationBoth, text: "must have either a style or an animation, not both", codes: onlyValue, pointers: []string{"/message/parts/*/text_decorations/*"}},
	{rule: RuleDecorationOverlap, text: "an animation must not overlap with another decoration, and here it does with the one at index {found}", found: true, codes: onlyValue, pointers: []string{"/message/parts/*/text_decorations/*/range"}},

	{rule: RuleMentionDirect, text: "mentions can only be used in groups, and this send has one recipient; leave mention out", codes: []Code{CodeMentionDirect}, pointers: []string{"/message/parts/*/mention"}},
	{rule: RuleMentionRecipient, text: "must be one of the recipients in to", codes: onlyValue, pointers: []string{"/message/parts/*/mention"}},
	{rule: RuleMentionRange, text: "has no mention beside it; add mention, or leave mention_range out", codes: onlyValue, pointers: []string{"/message/parts/*/mention_range"}},

	{rule: RuleEffectMismatch, text: "'{value}' is not an effect of that type", nearest: "; its type is {nearest}", codes: onlyValue, pointers: []string{"/message/effect/name"}},

	{rule: RuleTeamID, text: "must be exactly ten of the characters A to Z and 0 to 9", codes: onlyCard, pointers: []string{"/message/parts/*/app/team_id"}},
	{rule: RuleBundleID, text: "must not contain a colon", codes: onlyCard, pointers: []string{"/message/parts/*/app/bundle_id"}},
	{rule: RuleLayoutEmpty, text: "must show something: set caption, subcaption, trailing_caption, trailing_subcaption or image_url", codes: onlyCard, pointers: []string{"/message/parts/*/layout"}},
	{rule: RuleImageNeeded, text: "is shown over an image and needs image_url", codes: onlyCard, pointers: []string{"/message/parts/*/layout/image_title", "/message/parts/*/layout/image_subtitle"}},

	{rule: RuleServiceCard, text: "app cards can only be sent over iMessage, and {value} is preferred; leave preferred_service out", codes: []Code{CodeCardService}, pointers: []string{"/message/preferred_service"}},
	{rule: RuleServiceClip, text: "App Clips can only be sent over iMessage, and {value} is preferred; leave preferred_service out", codes: []Code{CodeClipService}, pointers: []string{"/message/preferred_service"}},
	{rule: RuleServiceEmail, text: "an email address can only be reached over iMessage, and {value} is preferred; leave preferred_service out", codes: onlyValue, pointers: []string{"/message/preferred_service"}},

	{rule: RuleKeyDiffers, text: "is not the key of the header Idempotency-Key; give one of them, or the same twice", codes: onlyValue, pointers: []string{"/message/idempotency_key"}},
	{rule: RuleKeyReused, text: "the key was used before, for another request; use a new key for a new message", codes: onlyValue, pointers: []string{"/message/idempotency_key"}},
	{rule: RuleEveryLineBarred, text: "a new chat is needed, and every line that could open one is excluded; leave some line out of exclude_from", codes: onlyValue, pointers: []string{"/exclude_from"}},
	{rule: RuleNoLine, text: "a new chat is needed, and no line can open one now: {value}", codes: []Code{CodeNoLine}, pointers: []string{""}},
	{rule: RuleForeignLine, text: "this tenant has no such line; GET /v3/phone_numbers lists its lines", codes: []Code{CodeForeignLine}, pointers: []string{"/from", ""}},
	{rule: RuleLineBarred, text: "this line is flagged or was taken out of service; leave the choice to POST /v3/messages", codes: []Code{CodeLineBarred}, pointers: []string{"/from", ""}},
	{rule: RuleChatUnknown, text: "there is no such chat; GET /v3/chats lists the chats", codes: []Code{CodeChatNotFound}},
	{rule: RuleChatLeft, text: "our line has left this chat; send with POST /v3/messages, which picks a line and a chat", codes: []Code{CodeChatLeft}},
	{rule: RuleFirstLink, text: "the first message of a chat must have no link part and no URL in a text; send a text without one first", codes: onlyValue, pointers: []string{"/message/parts"}},
	{rule: RuleFirstReply, text: "the first message of a chat cannot answer another one; leave reply_to out", codes: onlyValue, pointers: []string{"/message/reply_to"}},

	{rule: RuleOptedOut, text: "this person opted out with a stop word; the next message of theirs that is not a stop word takes that back (on a server with start words: a start word alone); " +
		"override_optout: true sends this one message nevertheless", codes: []Code{CodeOptedOut}, pointers: []string{"/to", ""}},
	{rule: RuleBlocked, text: "this tenant has blocked every recipient; DELETE /v3/blocked_handles takes a block back", codes: []Code{CodeBlocked}, pointers: []string{"/to", ""}},
	{rule: RuleNotAllowed, text: "a recipient is not on the list of people to whom this tenant may write; those who run the server add people to it, with Router.ChangeConsent",
		codes: []Code{CodeNotAllowed}, pointers: []string{"/to", ""}},

	{rule: RuleImageUnreachable, text: "the image cannot be fetched; check its URL", codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageAddress, text: "the image must be on the public internet, on port 443", codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageStatus, text: "the image cannot be fetched: its server answers {found}", found: true, codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageRedirect, text: "the image is behind too many redirects, or behind one that leads away from https", codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageSize, text: "the image is larger than {max} bytes", max: true, codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageType, text: "the URL does not lead to a JPEG, PNG, HEIF or WebP image", codes: onlyImage, pointers: imagePlace},
	{rule: RuleImageTimeout, text: "the image takes too long to fetch; put it on a faster server", codes: onlyImage, pointers: imagePlace},

	{rule: RuleMore, text: "there are more than " + strconv.Itoa(Max) + " faults; mend those that are listed, and send again"},

	{rule: RuleGraphemeCut, text: "the decoration begins or ends inside what a reader sees as one character", pointers: []string{"/message/parts/*/text_decorations/*/range"}},
	{rule: RulePlainDecorations, text: "decorations do not show on the preferred service: the text arrives plain", pointers: []string{"/message/parts/*/text_decorations"}},
	{rule: RulePlainEffect, text: "effects do not show on the preferred service", pointers: []string{"/message/effect"}},
	{rule: RulePlainMention, text: "mentions do not show on the preferred service: the text arrives plain", pointers: []string{"/message/parts/*/mention"}},
	{rule: RulePlainSticker, text: "stickers do not show on the preferred service: the image arrives as a photo, and the text as it is", pointers: []string{"/message/parts/*/sticker", "/message/parts/*/inline_stickers"}},
	{rule: RulePlainCardFormatting, text: "cards show their text plain, on one line: line breaks and Markdown are not rendered", pointers: []string{"/message/parts/*/layout/*", "/message/parts/*/fallback_text"}},
}
