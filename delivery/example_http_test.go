package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func ExampleHTTPSender() {
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		fmt.Println(err)
		return
	}
	message := delivery.Delivery{
		Tenant: "acme", Attempt: 1,
		Delivery: store.Delivery{
			MessageID: uuid.MustParse("02000000-0000-0000-0000-000000000001"), ChatID: uuid.MustParse("01000000-0000-0000-0000-000000000001"),
			From: recipients.MustParse("+14155550102"), To: people, Reason: store.NewBestNumber,
			Content: []byte(`{"parts":[{"type":"text","value":"Hello!"}]}`),
		},
	}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.Header.Get("Idempotency-Key"), json.Valid(body))
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer gateway.Close()
	sender, err := delivery.NewHTTPSender(gateway.URL, delivery.HTTPOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A Dispatcher calls Send, and tries again after the wait.
	err = sender.Send(context.Background(), message)
	if failure, is := errors.AsType[*delivery.Failure](err); is {
		fmt.Println("for good:", failure.Permanent, "wait:", failure.RetryAfter)
	}
	// Output:
	// POST 02000000-0000-0000-0000-000000000001 true
	// for good: false wait: 30s
}
