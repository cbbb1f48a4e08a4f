package corpus

// Rich is a valid request with almost every member.
const Rich = `{
	"to": ["+14155559876", "ann@example.com", "+442071838750"],
	"message": {
		"parts": [
			{"type": "text", "value": "one"},
			{"type": "media", "url": "https://example.com/a.jpg"},
			{"type": "text", "value": "Hello Ann!", "mention": "ann@example.com", "mention_range": [6, 9], "text_decorations": [
				{"range": [0, 5], "style": "bold"}, {"range": [0, 3], "style": "italic"}, {"range": [9, 10], "animation": "big"}
			]},
			{"type": "media", "attachment_id": "550e8400-e29b-41d4-a716-446655440000"}
		],
		"effect": {"type": "screen", "name": "confetti"},
		"reply_to": {"message_id": "550e8400-e29b-41d4-a716-446655440000", "part_index": 1},
		"preferred_service": "iMessage",
		"idempotency_key": "k"
	},
	"continuation_message": {"text": "We are on a new number."},
	"exclude_from": ["+12025550100"],
	"override_optout": false
}`

// Pieces returns the JSON values of hostile requests.
func Pieces() []string {
	return []string{
		`null`, `true`, `0`, `-1`, `1.5`, `1e400`, `99999999999999999999`, `""`, `"x"`, `"\u0000"`, `"\ud83d\ude00"`, `[]`, `[null]`, `{}`, `[0,1]`, `[1,0,2]`,
		`"text"`, `"link"`, `"imessage_app"`, `"app_clip"`, `"SMS"`, `"+14155559876"`, `"ann@example.com"`, `"https://example.com/"`, `"data:,x"`,
		`{"type":"text","value":"a"}`, `{"type":"link","value":"https://example.com/"}`, `{"type":"imessage_app","app":{},"layout":{"caption":""}}`,
		`{"range":[0,1],"style":"bold"}`, `{"range":[0,2],"animation":"big","x":1}`, `{"value":"late type","type":"text","text_decorations":[{"range":[3,1]}]}`,
	}
}

// Requests returns bodies that can be decoded as sends: Rich, and each piece in
// every place where the decoder is lenient.
func Requests() []string {
	all := []string{Rich}
	for _, piece := range Pieces() {
		all = append(all,
			`{"to":["+14155559876"],"message":{"parts":[`+piece+`]}}`,
			`{"to":`+piece+`,"message":{"effect":`+piece+`},"exclude_from":`+piece+`}`)
	}
	return all
}
