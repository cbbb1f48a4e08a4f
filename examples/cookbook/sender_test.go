package cookbook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Gateway hands messages to a provider over HTTP. The provider's answer decides
// whether the Dispatcher tries a message again.
type Gateway struct {
	URL, Token string
}

// Send implements delivery.Sender.
func (g Gateway) Send(ctx context.Context, d delivery.Delivery) error {
	body, err := d.AppendJSON(nil) // or the form that your provider asks for
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+g.Token)
	request.Header.Set("Idempotency-Key", d.MessageID.String()) // the same at every try
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err // it may have arrived or not: the Dispatcher tries again
	}
	defer answer.Body.Close()
	failure := &delivery.Failure{Err: fmt.Errorf("the gateway answers %s", answer.Status)}
	switch {
	case answer.StatusCode < 300:
		if d.Network != nil { // its own ids, by which it will tell of both
			var ids struct{ Chat, Message string }
			if json.NewDecoder(answer.Body).Decode(&ids) == nil {
				d.Network.Chat, d.Network.Message = ids.Chat, ids.Message
			}
		}
		return nil
	case answer.StatusCode == http.StatusUnauthorized:
		failure.Receiver = true // not this message's fault: all wait
	case answer.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		failure.RetryAfter = time.Duration(seconds) * time.Second
	case answer.StatusCode == http.StatusGone: // as your provider says that a line is flagged
		failure.LineFlagged = true
	case answer.StatusCode < 500:
		failure.Permanent = true // it is parked, and told
	}
	return failure
}

// What a provider answers, and what becomes of the message.
func Example_gateway() {
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		log.Fatal(err)
	}
	d := delivery.Delivery{Tenant: "acme", Attempt: 1, Delivery: store.Delivery{
		MessageID: uuid.MustParse("02000000-0000-7000-8000-000000000001"),
		ChatID:    uuid.MustParse("01000000-0000-7000-8000-000000000001"),
		From:      recipients.MustParse("+14155550102"), To: people, Reason: store.NewBestNumber,
		Content: []byte(`{"parts":[{"type":"text","value":"Hi!"}]}`),
	}}
	for _, status := range []int{202, 401, 410, 422, 429, 503} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
		}))
		err := Gateway{URL: provider.URL, Token: "secret"}.Send(context.Background(), d)
		failure, failed := errors.AsType[*delivery.Failure](err)
		switch {
		case !failed:
			fmt.Println(status, "taken over")
		case failure.Permanent:
			fmt.Println(status, "parked")
		case failure.Receiver:
			fmt.Println(status, "waits with all others")
		case failure.LineFlagged:
			fmt.Println(status, "the line is flagged")
		default:
			fmt.Println(status, "tried again", failure.RetryAfter)
		}
		provider.Close()
	}
	// Output:
	// 202 taken over
	// 401 waits with all others
	// 410 the line is flagged
	// 422 parked
	// 429 tried again 30s
	// 503 tried again 0s
}
