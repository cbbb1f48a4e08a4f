package cookbook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store/memory"
)

// Gateway hands messages to a provider over HTTP. What the provider answers decides
// whether a message is tried again.
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

// A message that meets a flag is not lost: the line is flagged for all, and the
// message goes out from another one, under the same id.
func Example_aMessageMeetsAFlag() {
	var taken []string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, err := body.ReadFrom(r.Body)
		must(err)
		if bytes.Contains(body.Bytes(), []byte(`"from":"`+second.String()+`"`)) {
			w.WriteHeader(http.StatusGone)
			return
		}
		taken = append(taken, r.Header.Get("Idempotency-Key"))
	}))
	defer provider.Close()

	lines := ourLines()
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{
		Sender: Gateway{URL: provider.URL, Token: "secret"}, Reroute: true,
	})
	must(err)
	d, err := router.Send(ctx, "acme", text("Hi!", "+14155559876"))
	must(err)
	fmt.Println("decided:", d.Line)
	for len(taken) == 0 {
		must(router.Drain(ctx)) // a program lets Run do this
	}
	fmt.Println("handed over once, under the same id:", len(taken) == 1 && taken[0] == d.MessageID.String())

	d, err = router.Send(ctx, "acme", text("Are you there?", "+14155559876"))
	fmt.Println(d.Reason, d.Line, err)
	// Output:
	// decided: +14155550102
	// handed over once, under the same id: true
	// reused_active_chat +12055550101 <nil>
}
