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
	{rule: "idempotency_key.reused", cause: "An earlier send used the key, and its request was another one.",
		mend: "Make a new key for each message. Only a retry of the same request has the same key.",
		note: `after a send of "Hi!" with the key ` + usedKey, wrong: sample{key: usedKey, body: text(`"value": "Bye!"`).body}, right: sample{key: "order-1002", body: text(`"value": "Bye!"`).body}},
	{rule: "exclude_from.every_line", cause: "No chat can be reused, and exclude_from names every line that could open one.",
		mend: "Leave some line out of exclude_from.", wrong: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `]}, "exclude_from": ["` + goodLine + `"]}`}, right: sample{body: to(`["+14155550123"]`).body}},
	{rule: "lines.none", cause: "No chat can be reused, and no line can open one: each is flagged, full, held back by its pace or without the service. The text counts them.",
		mend: "Where the header Retry-After is there, wait so long. Otherwise add a line, or give a line back that was taken out of service.",
		note: "where no line serves RCS", wrong: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `], "preferred_service": "RCS"}}`}, right: sample{body: `{"to": ["+14155550123"], "message": {"parts": [` + hi + `], "preferred_service": "SMS"}}`}},
	{rule: "from.foreign", cause: "The number in from is no line of this tenant.",
		mend: "Use a number that GET /v3/phone_numbers lists.", wrong: named("+442071838750", hi), right: named(goodLine, hi)},
	{rule: "from.barred", cause: "The line in from is flagged or was taken out of service.",
		mend: "Use another line, or let POST /v3/messages pick.", note: "where " + flaggedLine + " is flagged", wrong: named(flaggedLine, hi), right: named(goodLine, hi)},
	{rule: "chat.unknown", cause: "The tenant has no chat of this id.",
		mend: "Use an id that GET /v3/chats lists, or send to the people with POST /v3/messages.", wrong: into("0190a0b1-c2d3-7000-8000-00000000ffff"), right: into(knownChat)},
	{rule: "chat.left", cause: "Our line left the chat or was removed from it. It cannot come back.",
		mend: "Send to the people with POST /v3/messages, which opens another chat.", wrong: into(leftChat), right: into(knownChat)},
	{rule: "first.link", cause: "POST /v3/chats would open a chat with a link, which makes networks flag a line.",
		mend: "Send a text first, and the link after it. POST /v3/messages allows it and advises against it.", wrong: named(goodLine, `{"type": "link", "value": "https://example.com/"}`), right: named(goodLine, hi)},
	{rule: "first.reply", cause: "POST /v3/chats would open a chat with an answer to a message, and the new chat has none.",
		mend:  "Leave reply_to out, or send into the chat of that message.",
		wrong: sample{path: "/v3/chats", body: `{"from": "` + goodLine + `", "to": ["+14155550123"], "message": {"parts": [` + hi + `], "reply_to": {"message_id": "` + uuid + `"}}}`}, right: named(goodLine, hi)},

	{rule: "consent.opted_out", cause: "The last message of this person was a stop word, such as STOP. Only messages to this person alone are stopped.",
		mend: "Wait until the person writes again: each message that is no stop word takes it back, or a start word alone where the server has such. With override_optout this message is sent nevertheless.",
		note: "after " + optedOut + " wrote STOP", wrong: to(`["` + optedOut + `"]`), right: sample{body: `{"to": ["` + optedOut + `"], "message": {"parts": [` + hi + `]}, "override_optout": true}`}},
	{rule: "consent.blocked", cause: "This tenant blocked every recipient of the message.",
		mend: "Take the block back: DELETE /v3/blocked_handles with the handle.",
		note: "where " + blocked + " is blocked", wrong: to(`["` + blocked + `"]`), right: to(`["+14155559876"]`)},
	{rule: "consent.not_allowed", cause: "The server sends to people on the tenant's list alone, and a recipient is not on it.",
		mend: "Ask those who run the server to put the person on the list. A program does it with Router.ChangeConsent.",
		note: "where " + knownPerson + " alone is on the list", server: listed, wrong: to(`["ann@example.com"]`), right: to(`["` + knownPerson + `"]`)},

	{rule: "image.unreachable", cause: "The host of the image cannot be found or does not answer.", mend: "Check the URL from outside of your network.", wrong: image("https://images.example/unreachable"), right: image("https://images.example/good")},
	{rule: "image.address", cause: "The image is at an address inside of a network, or on another port than 443.", mend: "Put the image on the public internet.", wrong: image("https://images.example/address"), right: image("https://images.example/good")},
	{rule: "image.status", cause: "The server of the image answers with another status than 200.", mend: "Check that the image can be read without a login.", wrong: image("https://images.example/status"), right: image("https://images.example/good")},
	{rule: "image.redirect", cause: "The image is behind more redirects than are followed, or one leads away from https.", mend: "Give the URL that the last redirect names.", wrong: image("https://images.example/redirect"), right: image("https://images.example/good")},
	{rule: "image.size", cause: "The image has more bytes than max.", mend: "Make it smaller.", wrong: image("https://images.example/size"), right: image("https://images.example/good")},
	{rule: "image.type", cause: "The URL leads to something that is no JPEG, PNG, HEIF or WebP image, often a web page.", mend: "Give the URL of the file itself.", wrong: image("https://images.example/type"), right: image("https://images.example/good")},
	{rule: "image.timeout", cause: "The image did not arrive in time.", mend: "Put it on a faster server.", wrong: image("https://images.example/timeout"), right: image("https://images.example/good")},
}

// named is a send that opens a chat on a line.
func named(from, part string) sample {
	return sample{path: "/v3/chats", body: `{"from": "` + from + `", "to": ["+14155550123"], "message": {"parts": [` + part + `]}}`}
}

// into is a send into a chat.
func into(chat string) sample {
	return sample{path: "/v3/chats/" + chat + "/messages", body: `{"message": {"parts": [` + hi + `]}}`}
}
