package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// HTTPSender is a Sender that posts each message as JSON (see
// [Delivery.AppendJSON]) to a URL, with the message id as the Idempotency-Key,
// by which the receiver recognises what it was sent before. It is safe for
// concurrent use.
//
// Any 2xx answer means that the message was taken over. What a later attempt may
// mend is tried again: no answer, 408, 409, 425, 429 and 5xx, after the
// Retry-After if there is one. Any other answer is final, redirects included,
// because a message is never sent to a place that nobody configured. A receiver
// that answers with the header X-Line-Flagged: true, and no 2xx, says that the
// network has flagged the line; that is final too (see [Failure]).
type HTTPSender struct {
	url    string
	client *http.Client
}

// NewHTTPSender returns a sender to an absolute http or https URL. A nil client
// means one with a connection to the host for each message on its way, up to 64,
// or through http.DefaultTransport as it is where the program has replaced it by
// one of its own kind, which may guard or watch what is sent. The client's
// CheckRedirect is not used.
func NewHTTPSender(to string, client *http.Client) (*HTTPSender, error) {
	u, err := url.Parse(to)
	switch {
	case err != nil:
		// The error of the parser shows the whole URL, which may hold a password.
		return nil, errors.New("delivery: the URL cannot be read: give one such as https://host/path")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("delivery: the URL is not absolute: give one such as https://host/path")
	}
	c := http.Client{}
	if client != nil {
		c = *client
	} else if shared, is := http.DefaultTransport.(*http.Transport); is {
		transport := shared.Clone()
		transport.MaxIdleConnsPerHost = 64
		c.Transport = transport
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &HTTPSender{url: to, client: &c}, nil
}

// Send implements Sender.
func (s *HTTPSender) Send(ctx context.Context, d Delivery) error {
	body, err := d.AppendJSON(nil)
	if err != nil {
		return &Failure{Err: err, Permanent: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return &Failure{Err: errors.New("delivery: the request cannot be made"), Permanent: true}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", d.MessageID.String())
	answer, err := s.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer answer.Body.Close()
	// Reading the rest lets the connection be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	return judge(answer)
}

// lineFlagged is the header by which a receiver says that the line is flagged.
const lineFlagged = "X-Line-Flagged"

// judge makes an error of an answer that is not a success.
func judge(answer *http.Response) error {
	code := answer.StatusCode
	if code/100 == 2 {
		return nil
	}
	failure := &Failure{Err: fmt.Errorf("delivery: the receiver answered %d", code)}
	failure.LineFlagged = answer.Header.Get(lineFlagged) == "true"
	switch {
	case failure.LineFlagged:
		failure.Permanent = true
	case code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly,
		code == http.StatusTooManyRequests, code >= 500:
		failure.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), time.Now())
	default:
		failure.Permanent = true
	}
	return failure
}

// retryAfter reads the header, in seconds or as a date; zero where it says
// nothing that can be used.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// withoutURL drops the URL from an error of the client: it may hold a password.
func withoutURL(err error) error {
	if e, is := errors.AsType[*url.Error](err); is {
		err = e.Err
	}
	return fmt.Errorf("delivery: no answer: %w", err)
}
