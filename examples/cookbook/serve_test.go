package cookbook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
)

// Sends is an endpoint of your own: a text, and the people that it is for.
type Sends struct{ Router *fromline.Router }

// ServeHTTP implements http.Handler.
func (s Sends) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		To   []string
		Text string
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, "the body is no JSON object with to and text", http.StatusBadRequest)
		return
	}
	request := &message.Request{
		To: asked.To, Message: &message.Content{Parts: []message.Part{message.Text(asked.Text)}},
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		request.HeaderKey = &key
	}
	var answer any
	status := http.StatusAccepted
	d, err := s.Router.Send(r.Context(), "acme", request)
	if err != nil {
		body := fromline.Envelope(err, "", "")
		answer, status = body, body.Error.Status
		if refusal, is := errors.AsType[*routing.Refusal](err); is && !refusal.NextFree.IsZero() {
			w.Header().Set("Retry-After", strconv.Itoa(1+int(time.Until(refusal.NextFree).Seconds())))
		}
	} else {
		answer = map[string]any{"from": d.Line, "chat": d.ChatID, "message": d.MessageID, "reason": d.Reason}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// One mux serves an endpoint of your own and, below /v3/, the vendor's API.
func Example_serve() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12055550101")}}))
	counts := metrics.New()
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Observer: counts.Observer()})
	check(err)

	api, err := httpapi.New(router, httpapi.Options{
		Authenticate: httpapi.Open("acme"), // httpapi.Tokens where others reach the server
		Observe:      func(a httpapi.Answered) { counts.Answered(a.Endpoint, a.Status, a.Code, a.Took) },
	})
	check(err)
	mux := http.NewServeMux()
	mux.Handle("/v3/", api)
	mux.Handle("POST /send", Sends{router})

	for _, to := range []string{"+14155559876", "4155559876"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/send", strings.NewReader(`{"to":["`+to+`"],"text":"Hi!"}`)))
		var answer struct {
			From  string
			Error struct{ Code int }
		}
		check(json.Unmarshal(w.Body.Bytes(), &answer))
		fmt.Println(w.Code, answer.From, answer.Error.Code)
	}
	// Output:
	// 202 +12055550101 0
	// 400  1002
}
