package main

// The lines, chats and people on the server of the examples.
const (
	goodLine    = "+12025550100"
	flaggedLine = "+12025550101"
	knownPerson = "+14155559876"
	knownChat   = "0190a0b1-c2d3-7000-8000-000000000001"
	leftChat    = "0190a0b1-c2d3-7000-8000-000000000002"
	usedKey     = "order-1001"
	optedOut    = "+14155550188"
	blocked     = "+14155550189"
)

// decisions are the rules that only the server can check, because it knows
// lines, chats, earlier keys and images.
var decisions = []entry{
	{rule: "idempotency_key.reused", cause: "An earlier send used the same key, and was another request. If the key came in the header Idempotency-Key alone, the violation names the header instead of a pointer.",
		mend: "Make a new key for each message. Use a key again only to try the same request again.",
		note: `after a send of "Hi!" with the key ` + usedKey, wrong: sample{key: usedKey, body: text(`"value": "Bye!"`).body}, right: sample{key: "order-1002", body: text(`"value": "Bye!"`).body}},
	{rule: "exclude_from.every_line", cause: "The message needs a new chat, and `exclude_from` names every line that could open one.",
		mend: "Take a line out of `exclude_from`.", wrong: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `]}, "exclude_from": ["` + goodLine + `"]}`}, right: sample{body: to(`["+14155550123"]`).body}},
	{rule: "lines.none", cause: "The message needs a new chat, and no line can open one now. The message of the answer counts the lines by cause: flagged, at a limit, paced (held back by the guard) or without the service.",
		mend: "If the answer has the header Retry-After, send again after that many seconds. Otherwise add a line, put one back into service, or leave `preferred_service` out.",
		note: "where no line serves RCS", wrong: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `], "preferred_service": "RCS"}}`}, right: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `], "preferred_service": "SMS"}}`}},
	{rule: "from.foreign", cause: "The number in `from` is not a line of this tenant.",
		mend: "Use a number that GET /v3/phone_numbers lists.", wrong: named("+442071838750", hi), right: named(goodLine, hi)},
	{rule: "from.barred", cause: "The line in `from` is flagged, or is out of service.",
		mend: "Use another line, or send with POST /v3/messages, which picks one.", note: "where " + flaggedLine + " is flagged", wrong: named(flaggedLine, hi), right: named(goodLine, hi)},
	{rule: "chat.unknown", cause: "The tenant has no chat with the id in the path. The answer has no violations.",
		mend: "Use an id that GET /v3/chats lists, or send to the people with POST /v3/messages.", wrong: into("0190a0b1-c2d3-7000-8000-00000000ffff"), right: into(knownChat)},
	{rule: "chat.left", cause: "Our line left the chat or was removed from it, or the chat has no people any more. Nothing can be sent into it.",
		mend: "Send to the people with POST /v3/messages, which finds or opens another chat.", wrong: into(leftChat), right: into(knownChat)},
	{rule: "first.link", cause: "POST /v3/chats would open a chat whose first message has a link. Networks flag lines for that.",
		mend: "Send a text without a URL first, and the link after it. POST /v3/messages takes such a message, with an advisory.", wrong: named(goodLine, `{"type": "link", "value": "https://example.com/"}`), right: named(goodLine, hi)},
	{rule: "first.reply", cause: "POST /v3/chats would open a chat, and `reply_to` names a message. A new chat has no messages to reply to.",
		mend:  "Leave `reply_to` out, or send into the chat of that message.",
		wrong: sample{path: "/v3/chats", body: `{"from": "` + goodLine + `", "to": ["+14155550123"], "message": {"parts": [` + hi + `], "reply_to": {"message_id": "` + uuid + `"}}}`}, right: named(goodLine, hi)},

	{rule: "consent.opted_out", cause: "The person's last message was a stop word, such as STOP. This stops messages to that person alone; groups still get messages.",
		mend: "Wait until the person writes again. Their next message that is not a stop word opts them in; on a server with start words, only a start word does. `override_optout`: true sends this one message nevertheless.",
		note: "after " + optedOut + " wrote STOP", wrong: to(`["` + optedOut + `"]`), right: sample{body: `{"to": ["` + optedOut + `"], "message": {"parts": [` + hi + `]}, "override_optout": true}`}},
	{rule: "consent.blocked", cause: "The tenant has blocked every recipient of the message.",
		mend: "Unblock one of them: DELETE /v3/blocked_handles with the handle in the body.",
		note: "where " + blocked + " is blocked", wrong: to(`["` + blocked + `"]`), right: to(`["+14155559876"]`)},
	{rule: "consent.not_allowed", cause: "This server sends only to people on the tenant's list, and a recipient is not on it.",
		mend: "Ask those who run the server to add the person. A program does so with Router.ChangeConsent.",
		note: "where " + knownPerson + " alone is on the list", server: listed, wrong: to(`["ann@example.com"]`), right: to(`["` + knownPerson + `"]`)},

	{rule: "image.unreachable", cause: "The host of the image cannot be found, or does not answer.", mend: "Open the URL from a machine outside your own network.", wrong: image("https://images.example/unreachable"), right: image("https://images.example/good")},
	{rule: "image.address", cause: "The address of the image is inside a private network, or its port is not 443.", mend: "Put the image on the public internet, at an https URL without a port.", wrong: image("https://images.example/address"), right: image("https://images.example/good")},
	{rule: "image.status", cause: "The server of the image does not answer with status 200. `found` is its status.", mend: "Check that the URL is right, and that it needs no login.", wrong: image("https://images.example/status"), right: image("https://images.example/good")},
	{rule: "image.redirect", cause: "The URL of the image redirects too often, or to a URL that is not https.", mend: "Give the URL where the redirects end.", wrong: image("https://images.example/redirect"), right: image("https://images.example/good")},
	{rule: "image.size", cause: "The image has more bytes than `max`.", mend: "Make it smaller.", wrong: image("https://images.example/size"), right: image("https://images.example/good")},
	{rule: "image.type", cause: "The URL does not lead to a JPEG, PNG, HEIF or WebP image. Often it leads to a web page that shows one.", mend: "Give the URL of the file itself.", wrong: image("https://images.example/type"), right: image("https://images.example/good")},
	{rule: "image.timeout", cause: "The image did not arrive in time.", mend: "Make the image smaller, or put it on a faster server.", wrong: image("https://images.example/timeout"), right: image("https://images.example/good")},
}

// named is a send that opens a chat on a line.
func named(from, part string) sample {
	return sample{path: "/v3/chats", body: `{"from": "` + from + `", "to": ["+14155550123"], "message": {"parts": [` + part + `]}}`}
}

// into is a send into a chat.
func into(chat string) sample {
	return sample{path: "/v3/chats/" + chat + "/messages", body: `{"message": {"parts": [` + hi + `]}}`}
}
