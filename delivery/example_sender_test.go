package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// errBusy and errClosed are what your provider's client returns.
var (
	errBusy   = errors.New("too many requests")
	errClosed = errors.New("the number is closed")
)

// client stands for the client of your provider: it calls one function for each
// message.
type client func(from string, to []string, content []byte) error

// Send hands over one message, and says of what went wrong whether to try
// again.
func (c client) Send(_ context.Context, d delivery.Delivery) error {
	var to []string
	for _, person := range d.To.All() {
		to = append(to, person.String()) // in full; printed as it is, d.To is masked
	}
	switch err := c(d.From.String(), to, d.Content); {
	case errors.Is(err, errBusy):
		return &delivery.Failure{Err: err, RetryAfter: time.Minute}
	case errors.Is(err, errClosed):
		return &delivery.Failure{Err: err, Permanent: true} // parked
	default:
		return err // tried again, or nil: taken
	}
}

// A Sender over a client that there is already.
func ExampleSender() {
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := delivery.Delivery{Tenant: "acme", Attempt: 1, Delivery: store.Delivery{
		From: recipients.MustParse("+14155550102"), To: people, Content: []byte(`{"parts":[{"type":"text","value":"Hi!"}]}`),
	}}
	for _, answer := range []error{nil, errBusy, errClosed} {
		var sender delivery.Sender = client(func(from string, to []string, _ []byte) error {
			fmt.Println("from", from, "to", to)
			return answer
		})
		if failure, is := errors.AsType[*delivery.Failure](sender.Send(context.Background(), d)); is {
			fmt.Println(failure.Err, failure.RetryAfter, failure.Permanent)
		}
	}
	// Output:
	// from +14155550102 to [+14155559876]
	// from +14155550102 to [+14155559876]
	// too many requests 1m0s false
	// from +14155550102 to [+14155559876]
	// the number is closed 0s true
}
