package cookbook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
)

// TestWelcome is a test of a program that embeds fromline.
func TestWelcome(t *testing.T) {
	router, network, err := NewFake()
	require.NoError(t, err)
	_, err = router.Send(t.Context(), "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Welcome!")}},
	})
	require.NoError(t, err)
	require.NoError(t, router.Drain(t.Context()))
	require.Len(t, network.sent, 1)
	require.Equal(t, "+14155550102", network.sent[0].From.String())
}
