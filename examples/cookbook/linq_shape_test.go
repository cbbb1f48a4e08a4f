package cookbook_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// TestLinq says that our own endpoint of the same API takes what goes to Linq, from
// the line that was decided, once for each message, and that the ids which it answers
// are read.
func TestLinq(t *testing.T) {
	router, network, err := NewFake()
	require.NoError(t, err)
	tokens, err := httpapi.Tokens(map[string][]string{"acme": {"a-secret-of-acme"}})
	require.NoError(t, err)
	handler, err := httpapi.New(router, httpapi.Options{Authenticate: tokens})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()

	people, err := recipients.Canonicalize([]string{"+14155559876", "ben@example.com"})
	require.NoError(t, err)
	d := delivery.Delivery{Network: &delivery.NetworkIDs{}, Delivery: store.Delivery{
		MessageID: [16]byte{1}, From: recipients.MustParse("+12055550101"), To: people,
		Content: []byte(`{"parts":[{"type":"text","value":"Hi Ann!"}]}`),
	}}
	for range 2 {
		require.NoError(t, Linq{server.URL, "a-secret-of-acme"}.Send(t.Context(), d))
	}
	require.NoError(t, router.Drain(t.Context()))
	require.Len(t, network.sent, 1)
	got := network.sent[0]
	require.Equal(t, d.From, got.From)
	require.True(t, d.To.Equal(got.To))
	require.JSONEq(t, string(d.Content), string(got.Content))
	require.Equal(t, delivery.NetworkIDs{Chat: got.ChatID.String(), Message: got.MessageID.String()}, *d.Network)

	require.NoError(t, router.LineFlagged(t.Context(), "acme", d.From))
	d.MessageID[0]++
	var failure *delivery.Failure
	require.ErrorAs(t, Linq{server.URL, "a-secret-of-acme"}.Send(t.Context(), d), &failure)
	require.True(t, failure.LineFlagged)
}
