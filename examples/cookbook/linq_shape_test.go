package cookbook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// TestLinq says that our own endpoint of the same API takes what goes to Linq,
// from the line that was decided, once for each message, and that the ids which
// it answers are read.
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
		require.NoError(t, Linq{server.URL, "a-secret-of-acme", &sync.Map{}}.Send(t.Context(), d))
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
	require.ErrorAs(t, Linq{server.URL, "a-secret-of-acme", &sync.Map{}}.Send(t.Context(), d), &failure)
	require.True(t, failure.LineFlagged)
}

// TestLinqAnswers says which answers of Linq end a message, and which are tried
// again.
func TestLinqAnswers(t *testing.T) {
	for _, c := range []struct {
		status, code int
		want         delivery.Failure
	}{
		{400, 1005, delivery.Failure{Permanent: true}}, // a link or a reply opens a chat
		{401, 2004, delivery.Failure{Receiver: true}},
		{403, 2024, delivery.Failure{Permanent: true}},
		{403, 2027, delivery.Failure{LineFlagged: true}},
		{404, 2002, delivery.Failure{Permanent: true}},
		{404, 2007, delivery.Failure{}},
		{409, 2009, delivery.Failure{}},
		{409, 2013, delivery.Failure{Permanent: true}},
		{429, 1007, delivery.Failure{RetryAfter: 30 * time.Second}},
		{503, 4004, delivery.Failure{}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(c.status)
			_, _ = fmt.Fprintf(w, `{"error":{"code":%d}}`, c.code)
		}))
		var failure *delivery.Failure
		d := delivery.Delivery{Delivery: store.Delivery{Content: []byte(`{}`)}}
		require.ErrorAs(t, Linq{server.URL, "secret", &sync.Map{}}.Send(t.Context(), d), &failure)
		server.Close()
		failure.Err = nil
		require.Equal(t, c.want, *failure, "%d, code %d", c.status, c.code)
	}
}

// TestLinqReplies says that a reply or a link goes into the chat that is known,
// with Linq's id of the message where that is known, and is parked if it opens
// a chat.
func TestLinqReplies(t *testing.T) {
	chat, first := uuid.UUID{1}, uuid.UUID{2}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		refuse := func(status, code int) {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"error":{"code":%d}}`, code)
		}
		text := string(body)
		switch {
		case r.URL.Path == "/v3/chats" && (strings.Contains(text, "https://") || strings.Contains(text, "reply_to")):
			refuse(400, 1005)
		case strings.Contains(text, "reply_to") && !strings.Contains(text, `"theirs-1"`):
			refuse(404, 2002)
		case r.URL.Path == "/v3/chats":
			w.WriteHeader(201)
			_, _ = io.WriteString(w, `{"chat":{"id":"theirs","message":{"id":"theirs-2"}}}`)
		case r.URL.Path == "/v3/chats/theirs/messages":
			w.WriteHeader(202)
			_, _ = io.WriteString(w, `{"chat_id":"theirs","message":{"id":"theirs-2"}}`)
		default:
			refuse(404, 2001)
		}
	}))
	defer server.Close()
	const link = `{"parts":[{"type":"text","value":"https://example.com"}]}`
	reply := func(to string) string {
		return fmt.Sprintf(`{"parts":[{"type":"text","value":"Yes"}],"reply_to":{"message_id":%q}}`, to)
	}
	for _, c := range []struct {
		name, content string
		known, taken  bool
	}{
		{"text opens a chat", `{"parts":[{"type":"text","value":"Hi"}]}`, false, true},
		{"link opens a chat", link, false, false},
		{"reply opens a chat", reply(first.String()), false, false},
		{"link", link, true, true},
		{"reply to our id", reply(first.String()), true, true},
		{"reply to the network's id", reply("theirs-1"), true, true},
		{"reply to an id that nobody knows", reply(uuid.UUID{9}.String()), true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			linq := Linq{server.URL, "secret", &sync.Map{}}
			if c.known {
				linq.IDs.Store(chat, "theirs")
				linq.IDs.Store(first, "theirs-1")
			}
			d := delivery.Delivery{Network: &delivery.NetworkIDs{}, Delivery: store.Delivery{
				MessageID: uuid.UUID{3}, ChatID: chat, Content: []byte(c.content),
			}}
			err := linq.Send(t.Context(), d)
			if !c.taken {
				var failure *delivery.Failure
				require.ErrorAs(t, err, &failure)
				require.True(t, failure.Permanent)
				return
			}
			require.NoError(t, err)
			require.Equal(t, delivery.NetworkIDs{Chat: "theirs", Message: "theirs-2"}, *d.Network)
			linq.URL = "" // a repeat asks nobody
			*d.Network = delivery.NetworkIDs{}
			require.NoError(t, linq.Send(t.Context(), d))
			require.Equal(t, delivery.NetworkIDs{Chat: "theirs", Message: "theirs-2"}, *d.Network)
		})
	}
}
