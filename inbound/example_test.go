package inbound_test

import (
	"fmt"

	"github.com/fromline/fromline/inbound"
)

// A webhook of the vendor, as an event for Router.Receive. Printed, it shows no
// person.
func ExampleParse() {
	e, err := inbound.Parse([]byte(`{
		"event_type": "message.received", "webhook_version": "2026-02-03", "event_id": "e-1", "created_at": "2026-03-01T12:00:01Z",
		"data": {
			"chat": {"id": "0198c0de-0000-7000-8000-000000000001", "is_group": false, "owner_handle": {"handle": "+12055550101", "is_me": true}},
			"id": "0198c0de-0000-7000-8000-000000000002", "direction": "inbound",
			"sender_handle": {"handle": "+14155559876", "is_me": false},
			"sent_at": "2026-03-01T12:00:00Z", "parts": [{"type": "text", "value": "Hi!"}]
		}}`))
	fmt.Println(e.Type, e.Line, e.FromMe, e.At, err)
	// Output: message.received +12055550101 false 2026-03-01 12:00:00 +0000 UTC <nil>
}

// By which words people ask not to be written to, in English and Spanish beside
// those of the vendor.
func ExampleWords() {
	words, err := inbound.StopWordsOf("en", "es")
	fmt.Println(words.Has("STOP"), words.Has(" Unsubscribe! "), words.Has("Please don't stop"), err)
	// Output: true true false <nil>
}
