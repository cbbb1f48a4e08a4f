package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// HTTPSender is a Sender that posts each message as JSON (see
// [Delivery.AppendJSON]) to a URL, with the message id as the Idempotency-Key,
// by which the receiver recognises what it was sent before. It is safe for
// concurrent use.
//
// Any 2xx answer means that the message was taken over. It may name the
// network's ids, {"chat_id": …, "message_id": …}, which then lead to our chat
// and message when the network tells of them. The message is tried again after
// no answer, 408, 409, 425, 429 and 5xx, not before the Retry-After of the
// answer. 401, 403, 404 and 3xx say something about the receiver, not about the
// message: it is tried again with long waits (see [Failure.Receiver]). No
// redirect is followed, because a message is never sent to a place that is not
// configured. Any other answer is final for the one message. A receiver that
// answers with the header X-Line-Flagged: true, and no 2xx, says that the
// network has flagged the line; that is final too (see [Failure]).
type HTTPSender struct {
	url           string
	client        *http.Client
	keys          [][]byte // that sign
	authorization string
	bare          bool
}

// HTTPOptions are the settings of an HTTPSender. The zero value posts without a
// signature and without an Authorization header.
type HTTPOptions struct {
	// Client sends the requests. Nil means one with a connection to the host for
	// each message on its way, up to 64, or through http.DefaultTransport as it is
	// where the program has replaced it by one of its own kind, which may guard or
	// watch what is sent. The client's CheckRedirect is not used.
	Client *http.Client

	// Secrets sign each request as Standard Webhooks specifies, with one
	// signature for each secret. A secret is base64 of at least 24 bytes, with
	// or without whsec_ before it. The header webhook-id is the message id, the
	// same in every attempt. Without secrets there is no signature.
	Secrets []string

	// Bare posts only the content, and not the object of [Delivery.AppendJSON].
	// Use it for fromline.Options.Webhooks.
	Bare bool

	// Authorization is the value of the header of that name, such as "Bearer
	// abc"; empty: no header, or that of the user and password of the URL.
	Authorization string
}

// NewHTTPSender returns a sender to an absolute http or https URL. No error
// shows the URL or a secret.
func NewHTTPSender(to string, o HTTPOptions) (*HTTPSender, error) {
	u, err := url.Parse(to)
	switch {
	case err != nil:
		// The error of the parser shows the whole URL, which may hold a password.
		return nil, errors.New("delivery: the URL cannot be read: give one such as https://host/path")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("delivery: the URL is not absolute: give one such as https://host/path")
	case strings.ContainsFunc(o.Authorization, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, errors.New("delivery: the Authorization has to be one line of ASCII, such as Bearer abc")
	}
	s := &HTTPSender{url: to, authorization: o.Authorization, bare: o.Bare}
	for _, secret := range o.Secrets {
		key, err := signingKey(secret)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, key)
	}
	c := http.Client{}
	if o.Client != nil {
		c = *o.Client
	} else if shared, is := http.DefaultTransport.(*http.Transport); is {
		transport := shared.Clone()
		transport.MaxIdleConnsPerHost = 64
		c.Transport = transport
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &c
	return s, nil
}

// Send implements Sender.
func (s *HTTPSender) Send(ctx context.Context, d Delivery) error {
	body, err := d.Content, error(nil)
	if !s.bare {
		body, err = d.AppendJSON(nil)
	}
	if err != nil {
		return &Failure{Err: err, Permanent: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return &Failure{Err: errors.New("delivery: the request cannot be made"), Permanent: true}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", d.MessageID.String())
	if s.authorization != "" {
		req.Header.Set("Authorization", s.authorization)
	}
	s.sign(req.Header, d.MessageID.String(), body, time.Now())
	answer, err := s.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer answer.Body.Close()
	// Reading all lets the connection be used again.
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err := judge(answer); err != nil {
		return err
	}
	if d.Network != nil {
		*d.Network = networkIDs(said)
	}
	return nil
}

// networkIDs reads what a receiver that took a message over calls the chat and the
// message. An answer that is something else names none.
func networkIDs(answer []byte) NetworkIDs {
	var named struct {
		Chat    string `json:"chat_id"`
		Message string `json:"message_id"`
	}
	if json.Unmarshal(answer, &named) != nil {
		return NetworkIDs{}
	}
	return NetworkIDs{named.Chat, named.Message}
}

// withoutURL drops the URL from an error of the client: it may hold a password.
func withoutURL(err error) error {
	if e, is := errors.AsType[*url.Error](err); is {
		err = e.Err
	}
	return fmt.Errorf("delivery: no answer: %w", err)
}
