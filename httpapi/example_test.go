package httpapi_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

func ExampleNew() {
	chats := memory.New(memory.Options{})
	defer chats.Close()
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{{ID: "1", Number: recipients.MustParse("+12052535597")}})
	router, _ := fromline.New(chats, lines, fromline.Options{})

	tokens, _ := httpapi.Tokens(map[string][]string{"acme": {"a-secret-of-acme"}})
	handler, err := httpapi.New(router, httpapi.Options{
		Authenticate: tokens,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A program gives the handler to an http.Server; here it answers one request.
	body := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Hello!"}]}}`
	request := httptest.NewRequest("POST", "/v3/messages", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer a-secret-of-acme")
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	fmt.Println(answer.Code, strings.Contains(answer.Body.String(), `"from":"+12052535597"`))
	// Output: 202 true
}

func ExampleTokens() {
	authenticate, err := httpapi.Tokens(map[string][]string{"acme": {"a-secret-of-acme", "the-one-before-it"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("Authorization", "Bearer the-one-before-it")
	fmt.Println(authenticate(request))
	// Output: acme <nil>
}

func ExampleSignatures() {
	chats := memory.New(memory.Options{})
	defer chats.Close()
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{{ID: "1", Number: recipients.MustParse("+12052535597")}})
	router, _ := fromline.New(chats, lines, fromline.Options{})

	const secret = "whsec_c2l4IGFuZCB0d2VudHkgcmFuZG9tIGJ5dGVz"
	signatures, err := httpapi.NewSignatures(map[string][]string{"acme": {secret}})
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, _ := httpapi.Tokens(map[string][]string{"acme": {"a-secret-of-acme"}})
	handler, err := httpapi.New(router, httpapi.Options{
		Authenticate: tokens,
		Signatures:   signatures,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// The sender of a webhook has no token. It signs what it sends.
	now := time.Now()
	body := fmt.Sprintf(`{"event_type":"phone_number.status_updated","data":{"phone_number":"+12052535597","new_status":"FLAGGED","changed_at":%q}}`,
		now.Format(time.RFC3339))
	sender, _ := standardwebhooks.NewWebhook(secret)
	signature, _ := sender.Sign("msg_1", now, []byte(body))
	request := httptest.NewRequest("POST", "/v3/events", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("webhook-id", "msg_1")
	request.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)
	// Output: 200 {"event_type":"phone_number.status_updated","applied":true}
}
