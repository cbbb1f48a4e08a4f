package validate_test

import (
	"errors"
	"fmt"

	"github.com/fromline/fromline/decorations/graphemes"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

func ExampleRequest() {
	r, err := message.DecodeRequest([]byte(`{
		"to": ["+14155559876", "ann@example.com"],
		"message": {"parts": [{"type": "text", "value": "Hi!"}]},
		"continuation_message": {"text": "This is us, on a new number."}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	checked, err := validate.Request(r, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(checked.Recipients().IsGroup(), len(checked.Message().Parts), checked.HasLink())
	fmt.Println(checked.Continuation())
	// Output:
	// true 1 false
	// This is us, on a new number. true
}

func ExampleError() {
	r := &message.Request{
		To: []string{"+14155559876"},
		Message: &message.Content{
			Parts:            []message.Part{message.Text("one"), message.Text("")},
			PreferredService: new("sms"),
		},
	}
	_, err := validate.Request(r, validate.Options{})
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		for _, v := range wrong.Faults {
			fmt.Printf("%s %s at %s, nearest %q\n", v.Code, v.Rule, v.Pointer, v.Nearest)
		}
		fmt.Println("answer:", wrong.Primary().Status(), wrong.Primary().Code)
	}
	// Output:
	// 1004 parts.adjacent at /message/parts/1, nearest ""
	// 1005 string.length at /message/parts/1/value, nearest ""
	// 1005 enum.unknown at /message/preferred_service, nearest "SMS"
	// answer: 400 1004
}

func ExampleChecked_FingerprintAs() {
	send := func(to ...string) validate.Checked {
		c, _ := validate.Request(&message.Request{To: to, Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}}}, validate.Options{})
		return c
	}
	stored := send("+14155559876", "ann@example.com").Fingerprint() // kept with the record

	again, known := send("ann@example.com", "+14155559876", "+14155559876").FingerprintAs(stored.Version)
	fmt.Println(known, again == stored)
	// Output: true true
}

func ExampleOptions() {
	r := &message.Request{
		To: []string{"+14155559876"},
		Message: &message.Content{
			Parts:  []message.Part{&message.TextPart{Value: new("👩‍👧"), TextDecorations: []message.Decoration{{Range: []int64{0, 2}, Style: new("bold")}}}},
			Effect: &message.Effect{Name: new("snow")},
		},
	}
	checked, err := validate.Request(r, validate.Options{
		ExtraEffects: []validate.EffectName{{Type: "screen", Name: "snow"}},
		GraphemeCuts: graphemes.Cuts,
	})
	fmt.Println(err)
	for _, a := range checked.Advisories() {
		fmt.Println(a.Rule, a.Pointer, a.Start, a.End)
	}
	// Output:
	// <nil>
	// advisory.grapheme_cut /message/parts/0/text_decorations/0/range 0 5
}

func Example_undecodable() {
	_, err := message.DecodeRequest([]byte(`{"to": "+14155559876"}`))
	var wrong *fault.Error
	if !errors.As(err, &wrong) {
		return
	}
	envelope := wrong.Envelope("https://docs.example.com", "")
	fmt.Println(envelope.Error.Status, envelope.Error.Code, envelope.Error.DocURL, envelope.Error.Violations[0].Pointer)
	// Output: 400 1003 https://docs.example.com/error/codes/1xxx/1003/ /to
}

func Example_codes() {
	for code := range fault.Codes() {
		if code.Status() == 409 {
			fmt.Println(code, code.Message())
		}
	}
	// Output:
	// 2013 Chat is not available
	// 2015 no eligible sending line available
	// 2018 App cards can only be sent over iMessage
	// 2023 Mentions can only be used in group chats
	// 2028 App Clips can only be sent over iMessage
}
