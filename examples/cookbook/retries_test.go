package cookbook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
)

// SendOnce tries a send until it is decided or refused. The key is that of the
// matter, such as an order, and the same at each try: so there is one message, also
// where a try was decided and its answer got lost.
func SendOnce(ctx context.Context, router *fromline.Router, key, value string, to ...string) (routing.Decision, error) {
	request := text(value, to...)
	request.HeaderKey = &key
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		d, err := router.Send(ctx, "acme", request)
		var unavailable *fromline.UnavailableError
		if !errors.As(err, &unavailable) || !unavailable.Retry {
			return d, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return d, err
		}
	}
}

// A send under a key is decided once. A group is a set: the order of its people
// changes nothing.
func Example_retries() {
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{})
	must(err)
	d, err := SendOnce(ctx, router, "order-1001", "On its way!", "+14155559876", "ann@example.com")
	fmt.Println(d.Reason, d.Replay, err)
	again, err := SendOnce(ctx, router, "order-1001", "On its way!", "ann@example.com", "+14155559876")
	fmt.Println(again.Reason, again.Replay, again.MessageID == d.MessageID, err)

	_, err = SendOnce(ctx, router, "order-1001", "Another text", "+14155559876", "ann@example.com")
	fmt.Println(fromline.CodeOf(err) == fault.CodeValue, err)
	// Output:
	// new_best_number false <nil>
	// new_best_number true true <nil>
	// true fault: /message/idempotency_key: the key was used before, for another request; use a new key for a new message (idempotency_key.reused, code 1005)
}
