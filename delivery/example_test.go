package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store/memory"
)

// network is where a backend would call its provider.
type network struct{}

func (network) Send(_ context.Context, d delivery.Delivery) error {
	fmt.Printf("from %s to %s: %s\n", d.From, d.To.String(), d.Content)
	return nil
}

func ExampleDispatcher() {
	chats := memory.New(memory.Options{})
	commit(failNow{}, chats, 0, 0) // a Router with Options.Deliver does this

	d, err := delivery.New(chats, network{}, delivery.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A server calls Run in a goroutine of its own; Drain returns when nothing
	// is due.
	fmt.Println(d.Drain(context.Background()))
	// Output:
	// from +12025550100 to +13015550000: {"parts":[{"type":"text","value":"0 of 0"}]}
	// <nil>
}

func ExampleFileSender() {
	dir, _ := os.MkdirTemp("", "fromline")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deliveries.jsonl")
	sender, err := delivery.OpenFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A Dispatcher calls Send; when it returns, the line is on the disk.
	fmt.Println(sender.Send(context.Background(), someDelivery(0, 0, `{"parts":[{"type":"text","value":"Hello!"}]}`)))
	fmt.Println(sender.Close())
	lines, _ := os.ReadFile(path)
	fmt.Print(string(lines))
	// Output:
	// <nil>
	// <nil>
	// {"message_id":"02000000-0000-0000-0000-000000000001","chat_id":"01000000-0000-0000-0000-000000000001","from":"+12025550100","to":["+13015550000"],"reason":"new_best_number","message":{"parts":[{"type":"text","value":"Hello!"}]}}
}

func ExampleHTTPSender() {
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
	err = sender.Send(context.Background(), someDelivery(0, 0, `{"parts":[]}`))
	if failure, is := errors.AsType[*delivery.Failure](err); is {
		fmt.Println("for good:", failure.Permanent, "wait:", failure.RetryAfter)
	}
	// Output:
	// POST 02000000-0000-0000-0000-000000000001 true
	// for good: false wait: 30s
}

type failNow struct{}

func (failNow) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (failNow) FailNow()                          { panic("failed") }
