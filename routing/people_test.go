package routing_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

var (
	ann    = recipients.MustParse("+12025550143")
	bob    = recipients.MustParse("+14155550144")
	boston = recipients.MustParse("+16175550162")
	dallas = recipients.MustParse("+12145550163")
	dc     = recipients.MustParse("+12025550161")
)

// request is a checked request to some people, changed as the caller likes.
func request(t testing.TB, change func(*message.Request), to ...recipients.Handle) validate.Checked {
	r := &message.Request{Message: &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}}
	for _, h := range to {
		r.To = append(r.To, h.String())
	}
	if change != nil {
		change(r)
	}
	send, err := validate.Request(r, validate.Options{})
	require.NoError(t, err)
	return send
}

// body is a value as JSON.
func body(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
