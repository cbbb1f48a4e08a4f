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
// [Delivery.AppendJSON]) to a URL. The Idempotency-Key is the message id, so
// the receiver recognises a message that comes again. It is safe for concurrent
// use.
//
// Any 2xx answer means that the receiver has taken the message. The answer may
// name the network's ids, {"chat_id": …, "message_id": …}, by which later
// events of the network find our chat and message. After no answer, 408, 409,
// 425, 429 and 5xx the message is tried again, not before the Retry-After of
// the answer. 401, 403, 404 and 3xx concern the receiver and not the message:
// it is tried again after long waits (see [Failure.Receiver]). The sender
// follows no redirect, because it sends a message only to the configured URL.
// Any other answer is final for that message. If a receiver answers with the
// header X-Line-Flagged: true, in any case of letters, and no 2xx, the network
// has flagged the line; that answer is final too (see [Failure.LineFlagged]).
type HTTPSender struct {
	url           string
	client        *http.Client
	keys          [][]byte // that sign
	authorization string
	userAgent     string
	bare          bool
}

// HTTPOptions are the settings of an HTTPSender. The zero value posts without a
// signature and without an Authorization header.
type HTTPOptions struct {
	// Client sends the requests; its CheckRedirect is not used. Nil means a
	// client with a copy of http.DefaultTransport that keeps up to 64 idle
	// connections to the host. If the program has replaced
	// http.DefaultTransport by another type, which may guard or watch requests,
	// nil means a client with that transport unchanged.
	Client *http.Client

	// Secrets sign each request as Standard Webhooks specifies, with one
	// signature for each secret. A secret is base64 of at least 24 bytes, with
	// or without whsec_ before it. The header webhook-id is the message id, the
	// same in every attempt. Without secrets there is no signature.
	Secrets []string

	// Bare posts only the content instead of the object of
	// [Delivery.AppendJSON]. Use it for fromline.Options.Webhooks.
	Bare bool

	// Authorization is the value of the header of that name, such as "Bearer
	// abc". If it is empty, there is no such header, unless the URL has a user
	// and password.
	Authorization string

	// UserAgent is the value of the header User-Agent, such as "example/1.0".
	// If it is empty, it is that of net/http.
	UserAgent string
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
	case strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, errors.New("delivery: the UserAgent has to be one line of ASCII, such as example/1.0")
	}
	s := &HTTPSender{url: to, authorization: o.Authorization, userAgent: o.UserAgent, bare: o.Bare}
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
	if s.userAgent != "" {
		req.Header.Set("User-Agent", s.userAgent)
	}
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

// networkIDs reads what a receiver that took a message over calls the chat and
// the message. An answer that is something else names none.
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
