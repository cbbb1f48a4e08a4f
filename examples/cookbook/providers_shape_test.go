package cookbook

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/memory"
)

// call is a request as a provider got it.
type call struct {
	method, path string
	query        url.Values
	header       http.Header
	body         string
}

// provider is a server on loopback that keeps what it is asked.
func provider(t *testing.T) (address string, calls *[]call) {
	calls = new([]call)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		*calls = append(*calls, call{r.Method, r.URL.Path, r.URL.Query(), r.Header, string(body)})
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// handedOver sends one text to people through a Router, and returns the decision's
// ids and what the provider was asked.
func handedOver(t *testing.T, network delivery.Sender, calls *[]call, to ...string) (id, chat uuid.UUID, from string) {
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{Sender: network})
	require.NoError(t, err)
	d, err := router.Send(t.Context(), "acme", text("Hi Ann!", to...))
	require.NoError(t, err)
	require.NoError(t, router.Drain(t.Context()))
	require.NotEmpty(t, *calls)
	for _, c := range *calls {
		require.Equal(t, http.MethodPost, c.method)
	}
	return d.MessageID, d.ChatID, d.Line.String()
}

// members checks that a body is JSON with exactly these members.
func members(t *testing.T, body string, names ...string) map[string]any {
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	require.ElementsMatch(t, names, slices.Collect(maps.Keys(got)))
	return got
}

const (
	ann = "+14155559876"
	bob = "+14155559877"
)

// What goes to Linq is a request that our own endpoint of the same API accepts.
func TestLinq(t *testing.T) {
	address, calls := provider(t)
	id, _, from := handedOver(t, Linq{address, "secret"}, calls, ann)
	c := (*calls)[0]
	require.Equal(t, []any{"/v3/chats", "Bearer secret", "application/json"}, []any{c.path, c.header.Get("Authorization"), c.header.Get("Content-Type")})
	body := members(t, c.body, "from", "to", "message")
	require.Equal(t, from, body["from"])
	require.Equal(t, []any{ann}, body["to"])
	delete(body, "from")
	rest, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := message.DecodeRequest(rest)
	require.NoError(t, err)
	require.Empty(t, request.Unknown)
	require.Empty(t, request.Message.Unknown)
	require.Equal(t, id.String(), *request.Message.IdempotencyKey)
	require.Equal(t, "Hi Ann!", *request.Message.Parts[0].(*message.TextPart).Value)
}

func TestSendblue(t *testing.T) {
	address, calls := provider(t)
	_, _, from := handedOver(t, Sendblue{address, "id", "secret"}, calls, ann)
	c := (*calls)[0]
	require.Equal(t, []any{"/api/send-message", "id", "secret"}, []any{c.path, c.header.Get("sb-api-key-id"), c.header.Get("sb-api-secret-key")})
	require.Equal(t, map[string]any{"from_number": from, "number": ann, "content": "Hi Ann!"}, members(t, c.body, "from_number", "number", "content"))

	address, calls = provider(t)
	_, _, from = handedOver(t, Sendblue{address, "id", "secret"}, calls, ann, bob)
	c = (*calls)[0]
	require.Equal(t, "/api/send-group-message", c.path)
	require.Equal(t, map[string]any{"from_number": from, "numbers": []any{ann, bob}, "content": "Hi Ann!"}, members(t, c.body, "from_number", "numbers", "content"))
}

// The server of the line is asked, and no other one.
func TestBlueBubbles(t *testing.T) {
	address, calls := provider(t)
	servers := map[string]string{first.String(): "http://127.0.0.1:1", second.String(): address}
	id, _, from := handedOver(t, BlueBubbles{Servers: servers, Password: "a b"}, calls, ann)
	require.Equal(t, second.String(), from)
	c := (*calls)[0]
	require.Equal(t, []any{"/api/v1/message/text", "a b"}, []any{c.path, c.query.Get("password")})
	require.Equal(t, map[string]any{"chatGuid": "iMessage;-;" + ann, "tempGuid": id.String(), "message": "Hi Ann!", "method": "apple-script"},
		members(t, c.body, "chatGuid", "tempGuid", "message", "method"))
}

// A group takes a form for each of its people.
func TestTwilio(t *testing.T) {
	address, calls := provider(t)
	_, _, from := handedOver(t, Twilio{address, "AC1", "secret"}, calls, ann, bob)
	require.Len(t, *calls, 2)
	for i, person := range []string{ann, bob} {
		c := (*calls)[i]
		require.Equal(t, []any{"/2010-04-01/Accounts/AC1/Messages.json", "application/x-www-form-urlencoded"}, []any{c.path, c.header.Get("Content-Type")})
		form, err := url.ParseQuery(c.body)
		require.NoError(t, err)
		require.Equal(t, url.Values{"From": {from}, "To": {person}, "Body": {"Hi Ann!"}}, form)
		user, password, is := (&http.Request{Header: c.header}).BasicAuth()
		require.Equal(t, []any{"AC1", "secret", true}, []any{user, password, is})
	}
}
