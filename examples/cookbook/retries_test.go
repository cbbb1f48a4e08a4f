package cookbook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
)

// SendOnce tries a send until it is decided or refused. The key names the
// matter, such as an order, and is the same at each attempt. So there is one
// message, even if an attempt was decided and its answer was lost.
func SendOnce(ctx context.Context, router *fromline.Router, key, text string, to ...string) (routing.Decision, error) {
	request := &message.Request{
		To: to, Message: &message.Content{Parts: []message.Part{message.Text(text)}}, HeaderKey: &key,
	}
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		d, err := router.Send(ctx, "acme", request)
		unavailable, is := errors.AsType[*fromline.UnavailableError](err)
		if !is || !unavailable.Retry {
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
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	check(err)

	d, err := SendOnce(ctx, router, "order-1001", "On its way!", "+14155559876", "ann@example.com")
	check(err)
	fmt.Println(d.Reason, d.Replay)
	again, err := SendOnce(ctx, router, "order-1001", "On its way!", "ann@example.com", "+14155559876")
	check(err)
	fmt.Println(again.Reason, again.Replay, again.MessageID == d.MessageID)

	_, err = SendOnce(ctx, router, "order-1001", "Another text", "+14155559876", "ann@example.com")
	fmt.Println(fromline.CodeOf(err) == fault.CodeValue)
	fmt.Println(err)
	// Output:
	// new_best_number false
	// new_best_number true true
	// true
	// fault: header Idempotency-Key: the key was used before, for another request; use a new key for a new message (idempotency_key.reused, code 1005)
}
