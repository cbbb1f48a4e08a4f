package message_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/message"
)

func ExampleDecodeRequest() {
	r, err := message.DecodeRequest([]byte(`{
		"to": ["+14155559876"],
		"message": {"parts": [{"type": "text", "value": "Hi!"}]},
		"mesage": "misspelt, and kept to be reported"
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.To[0], r.Message.Parts[0].Type(), r.Unknown[0].Name)
	// Output: +14155559876 text mesage
}

func ExampleDecodeError() {
	_, err := message.DecodeRequest([]byte(`{"to": ["+14155559876", 5]}`))
	var wrong *message.DecodeError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Rule, wrong.Pointer, wrong.Offset, "want", wrong.Want, "got", wrong.Got)
	}
	// Output: json.type /to/1 24 want a string got number
}

func ExampleRequest() {
	r := &message.Request{
		To: []string{"+14155559876"},
		Message: &message.Content{
			Parts: []message.Part{
				message.Text("Look at this"),
				message.MediaURL("https://example.com/a.jpg"),
			},
			PreferredService: new("iMessage"),
		},
	}
	body, _ := r.MarshalJSON()
	fmt.Println(string(body))
	// Output: {"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Look at this"},{"type":"media","url":"https://example.com/a.jpg"}],"preferred_service":"iMessage"}}
}

func ExampleEncodeContent() {
	c := &message.Content{Parts: []message.Part{message.Text("Hi!")}, IdempotencyKey: new("not delivered")}
	body, _ := message.EncodeContent(c)
	fmt.Println(string(body))
	back, _ := message.DecodeContent(body)
	fmt.Println(*back.Parts[0].(*message.TextPart).Value)
	// Output:
	// {"parts":[{"type":"text","value":"Hi!"}]}
	// Hi!
}

func ExampleAt() {
	berlin := time.FixedZone("CET", 3600)
	fmt.Println(message.At(time.Date(2026, 11, 21, 13, 7, 55, 19_999_999, berlin)))
	// Output: 2026-11-21T12:07:55.019Z
}

func ExampleParseService() {
	s, _ := message.ParseService("RCS")
	fmt.Println(s, s == message.RCS)
	_, err := message.ParseService("rcs")
	fmt.Println(err != nil)
	// Output:
	// RCS true
	// true
}

func ExampleFingerprint() {
	var f message.Fingerprint
	err := f.UnmarshalText([]byte("1:85f25872bd52c6624770c0958d62d7d24f5b5a271978f0bbe4864360bcfa7f97"))
	fmt.Println(err, f.Version, f.IsValid())
	// Output: <nil> 1 true
}

// A text with a picture below it, as it is handed over.
func ExampleContent() {
	content := &message.Content{Parts: []message.Part{
		message.Text("Your table is ready."),
		message.MediaURL("https://example.com/table.jpg"),
	}}
	sent, err := message.EncodeContent(content)
	fmt.Println(string(sent), err)

	back, err := message.DecodeContent(sent)
	text, is := back.Parts[0].(*message.TextPart)
	fmt.Println(*text.Value, is, err)
	// Output:
	// {"parts":[{"type":"text","value":"Your table is ready."},{"type":"media","url":"https://example.com/table.jpg"}]} <nil>
	// Your table is ready. true <nil>
}
