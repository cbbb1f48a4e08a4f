package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/validate"
)

// A request has the key of the header or of the message, and says where a fault
// of the key is: in the header only if the key is nowhere else.
func TestPlaceOfTheKey(t *testing.T) {
	key := "order-1001"
	for name, c := range map[string]struct {
		header, message *string
		want            string
		inHeader        bool
	}{
		"none":           {nil, nil, "", false},
		"in the header":  {&key, nil, key, true},
		"in the message": {nil, &key, key, false},
		"in both":        {&key, &key, key, false},
	} {
		checked, err := validate.Request(&message.Request{
			To: []string{"+14155559876"}, HeaderKey: c.header,
			Message: &message.Content{Parts: []message.Part{message.Text("hi")}, IdempotencyKey: c.message},
		}, validate.Options{})
		require.NoError(t, err, name)
		require.Equal(t, c.want, checked.IdempotencyKey(), name)
		require.Equal(t, c.inHeader, checked.IsKeyInHeader(), name)
	}
}
