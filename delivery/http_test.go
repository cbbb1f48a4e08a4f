package delivery_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// TestAnswersOfTheReceiver is the table of what an answer means.
func TestAnswersOfTheReceiver(t *testing.T) {
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, row := range map[string]struct {
		status     int
		retryAfter string
		sent       bool
		permanent  bool
		receiver   bool
		wait       time.Duration
		flagged    string
	}{
		"ok":                {status: 200, sent: true},
		"accepted":          {status: 202, sent: true},
		"no content":        {status: 204, sent: true},
		"redirect":          {status: 307, receiver: true},
		"moved":             {status: 301, receiver: true},
		"not modified":      {status: 304, receiver: true},
		"bad request":       {status: 400, permanent: true},
		"unauthorized":      {status: 401, receiver: true},
		"forbidden":         {status: 403, receiver: true},
		"not found":         {status: 404, receiver: true, retryAfter: "7", wait: 7 * time.Second},
		"unprocessable":     {status: 422, permanent: true},
		"flagged, refused":  {status: 403, flagged: "true", permanent: true},
		"gone":              {status: 410, permanent: true},
		"timeout":           {status: 408},
		"conflict":          {status: 409},
		"too early":         {status: 425},
		"too many":          {status: 429, retryAfter: "7", wait: 7 * time.Second},
		"too many, by date": {status: 429, retryAfter: date, wait: time.Hour},
		"too many, garbage": {status: 429, retryAfter: "soon"},
		"too many, before":  {status: 429, retryAfter: "Mon, 02 Jan 2006 15:04:05 GMT"},
		"internal":          {status: 500},
		"line flagged":      {status: 503, flagged: "true", permanent: true},
		"in capitals":       {status: 503, flagged: "TRUE", permanent: true},
		"as Python says it": {status: 403, flagged: "True", permanent: true},
		"with blanks":       {status: 503, flagged: " true ", permanent: true},
		"line not flagged":  {status: 503, flagged: "false"},
		"a number":          {status: 503, flagged: "1"},
		"another word":      {status: 503, flagged: "truely"},
		"sent all the same": {status: 200, flagged: "true", sent: true},
		"unavailable":       {status: 503, retryAfter: "2", wait: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.retryAfter != "" {
					w.Header().Set("Retry-After", row.retryAfter)
				}
				if row.flagged != "" {
					w.Header().Set("X-Line-Flagged", row.flagged)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(row.status)
			}))
			defer server.Close()
			s, err := delivery.NewHTTPSender(server.URL, delivery.HTTPOptions{Client: server.Client()})
			require.NoError(t, err)
			err = s.Send(context.Background(), someDelivery(0, 0, `{}`))
			if row.sent {
				require.NoError(t, err)
				return
			}
			var failure *delivery.Failure
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, row.permanent, failure.Permanent)
			assert.Equal(t, row.receiver, failure.Receiver)
			assert.Equal(t, row.flagged != "" && row.permanent, failure.LineFlagged)
			assert.InDelta(t, row.wait.Seconds(), failure.RetryAfter.Seconds(), 60)
			assert.Equal(t, row.wait == 0, failure.RetryAfter == 0)
		})
	}
}

// TestRequestOfADelivery says what the receiver gets.
func TestRequestOfADelivery(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	s, err := delivery.NewHTTPSender(server.URL+"/hook?x=1", delivery.HTTPOptions{})
	require.NoError(t, err)
	d := someDelivery(3, 4, `{"parts":[]}`)
	require.NoError(t, s.Send(context.Background(), d))
	assert.Equal(t, http.MethodPost, got.Method)
	assert.Equal(t, "/hook?x=1", got.URL.String())
	assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
	assert.Regexp(t, "^Go-http-client/", got.UserAgent())
	assert.Equal(t, d.MessageID.String(), got.Header.Get("Idempotency-Key"))
	want, err := d.AppendJSON(nil)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(body))
	assert.True(t, json.Valid(body))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTransportOfTheHost says that a host that replaced the transport of all
// its requests has these go through it too.
func TestTransportOfTheHost(t *testing.T) {
	defer func(before http.RoundTripper) { http.DefaultTransport = before }(http.DefaultTransport)
	asked := 0
	http.DefaultTransport = roundTrip(func(r *http.Request) (*http.Response, error) {
		asked++
		return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
	})
	s, err := delivery.NewHTTPSender("http://receiver.example/", delivery.HTTPOptions{})
	require.NoError(t, err)
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))
	assert.Equal(t, 1, asked)
}

// TestErrorsKeepSecrets says that a password of the URL reaches no log.
func TestErrorsKeepSecrets(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	server.Close() // nobody listens
	s, err := delivery.NewHTTPSender("http://user:hunter2@"+address+"/", delivery.HTTPOptions{})
	require.NoError(t, err)
	err = s.Send(context.Background(), someDelivery(0, 0, `{}`))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
	var failure *delivery.Failure
	assert.NotErrorAs(t, err, &failure, "that nobody listens is no reason to give up")

	for _, to := range []string{"", "/path", "ftp://host/", "http://", "http://user:hunter2@h ost/"} {
		_, err := delivery.NewHTTPSender(to, delivery.HTTPOptions{})
		require.Error(t, err, to)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// TestRequestsAreSigned says that a receiver with one of the secrets can tell
// by the library of Standard Webhooks that a request is ours, under the message
// id, and that a header of ours is what it asked for.
func TestRequestsAreSigned(t *testing.T) {
	secrets := []string{"whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 24)), base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{2}, 32))}
	d := someDelivery(3, 4, `{"parts":[]}`)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, _ := io.ReadAll(r.Body)
		for _, secret := range secrets {
			webhook, err := standardwebhooks.NewWebhook(secret)
			assert.NoError(t, err)
			assert.NoError(t, webhook.Verify(body, r.Header))
			assert.Error(t, webhook.Verify(append(body, ' '), r.Header))
		}
		assert.Equal(t, d.MessageID.String(), r.Header.Get("webhook-id"))
		assert.Equal(t, "Bearer abc", r.Header.Get("Authorization"))
		assert.Equal(t, "example/1.0 (a~b)", r.UserAgent())
	}))
	defer server.Close()
	s, err := delivery.NewHTTPSender(server.URL, delivery.HTTPOptions{Secrets: secrets, Authorization: "Bearer abc", UserAgent: "example/1.0 (a~b)"})
	require.NoError(t, err)
	require.NoError(t, s.Send(context.Background(), d))
	assert.Equal(t, 1, asked)

	for _, o := range []delivery.HTTPOptions{
		{Secrets: []string{"hunter2"}}, {Secrets: []string{""}}, {Secrets: []string{"whsec_" + base64.StdEncoding.EncodeToString([]byte("hunter2"))}},
		{Authorization: "hunter2\nX: y"}, {Authorization: "hunter2\u00e9"}, {UserAgent: "hunter2\nX: y"}, {UserAgent: "hunter2\x7f"}, {UserAgent: "hunter2\x1f"},
	} {
		_, err := delivery.NewHTTPSender("http://host/", o)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// An answer that takes the message over may name the network's ids; anything
// else in it is no matter, and a refusal names none.
func TestTheAnswerNamesTheNetworksIDs(t *testing.T) {
	for answer, want := range map[string]delivery.NetworkIDs{
		`{"chat_id":"c","message_id":"m","more":[1]}`: {Chat: "c", Message: "m"},
		`{"message_id":"m"}`:                          {Message: "m"},
		`{"chat_id":7}`:                               {},
		"ok":                                          {},
		"":                                            {},
	} {
		for _, status := range []int{200, 422} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, answer)
			}))
			sender, err := delivery.NewHTTPSender(server.URL, delivery.HTTPOptions{})
			require.NoError(t, err)
			d := delivery.Delivery{Network: new(delivery.NetworkIDs)}
			d.Content = []byte("{}")
			err = sender.Send(t.Context(), d)
			server.Close()
			if status == 200 {
				require.NoError(t, err)
				require.Equal(t, want, *d.Network)
			} else {
				require.Error(t, err)
				require.Zero(t, *d.Network)
			}
		}
	}
}
