package cookbook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Sendblue sends texts: one person and a group have endpoints of their own.
//
// Read 2026-11-28: docs.sendblue.com/docs/outbound, and
// docs.sendblue.com/api/resources/groups/methods/send_message.
type Sendblue struct{ URL, KeyID, Secret string }

// Send implements delivery.Sender.
func (s Sendblue) Send(ctx context.Context, d delivery.Delivery) error {
	content, err := message.DecodeContent(d.Content)
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	var texts []string
	for _, part := range content.Parts {
		text, is := part.(*message.TextPart)
		if !is { // it takes nothing else here: the message is parked
			return &delivery.Failure{Err: fmt.Errorf("a part of the type %s", part.Type()), Permanent: true}
		}
		texts = append(texts, *text.Value)
	}
	values := map[string]any{"from_number": d.From, "content": strings.Join(texts, "\n")}
	endpoint := "/api/send-message"
	if d.To.IsGroup() {
		endpoint, values["numbers"] = "/api/send-group-message", d.To
	} else {
		values["number"] = d.To.At(0)
	}
	body, err := json.Marshal(values)
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("sb-api-key-id", s.KeyID)
	request.Header.Set("sb-api-secret-key", s.Secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("the provider answers %s", answer.Status)
	}
	return nil
}

// What Sendblue is asked. See Gateway for what its answers may mean.
func Example_sendblue() {
	provider := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL, r.Header.Get("sb-api-key-id"), r.Header.Get("sb-api-secret-key"), err)
		fmt.Println(string(body))
	}))
	defer provider.Close()
	for _, to := range [][]string{{"+14155559876"}, {"+14155559876", "+14155559877"}} {
		people, err := recipients.Canonicalize(to)
		if err != nil {
			log.Fatal(err)
		}
		d := delivery.Delivery{Delivery: store.Delivery{
			From: recipients.MustParse("+14155550102"), To: people,
			Content: []byte(`{"parts":[{"type":"text","value":"Hi Ann!"}]}`),
		}}
		fmt.Println(Sendblue{provider.URL, "id", "secret"}.Send(context.Background(), d))
	}
	// Output:
	// POST /api/send-message id secret <nil>
	// {"content":"Hi Ann!","from_number":"+14155550102","number":"+14155559876"}
	// <nil>
	// POST /api/send-group-message id secret <nil>
	// {"content":"Hi Ann!","from_number":"+14155550102","numbers":["+14155559876","+14155559877"]}
	// <nil>
}
