package cookbook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// BlueBubbles has a server for each line. A server refuses a tempGuid that it
// has in its queue, so the id of the message keeps a retry from being sent
// twice meanwhile.
//
// Read 2026-11-28: github.com/BlueBubblesApp/bluebubbles-server at 172b95f,
// packages/server/src/server/api/http/api/v1/validators/messageValidator.ts.
type BlueBubbles struct {
	Servers  map[string]string    // by our lines
	Password string               // the same for all, to be short
	Groups   map[uuid.UUID]string // the chatGuid of a group, as the server told it
}

// Send implements delivery.Sender.
func (b BlueBubbles) Send(ctx context.Context, d delivery.Delivery) error {
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
	chat := "iMessage;-;" + d.To.At(0).String()
	if d.To.IsGroup() {
		if chat = b.Groups[d.ChatID]; chat == "" {
			return &delivery.Failure{Err: errors.New("the server knows no such group"), Permanent: true}
		}
	}
	body, err := json.Marshal(map[string]any{
		"chatGuid": chat, "tempGuid": d.MessageID, "message": strings.Join(texts, "\n"), "method": "apple-script",
	})
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	address := b.Servers[d.From.String()] + "/api/v1/message/text?password=" + url.QueryEscape(b.Password)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
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

// What the BlueBubbles server of the line is asked. See Gateway for what
// answers may mean.
func Example_blueBubbles() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL, err)
		fmt.Println(string(body))
	}))
	defer server.Close()
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		log.Fatal(err)
	}
	d := delivery.Delivery{Delivery: store.Delivery{
		MessageID: uuid.MustParse("02000000-0000-7000-8000-000000000001"),
		From:      recipients.MustParse("+14155550102"), To: people,
		Content: []byte(`{"parts":[{"type":"text","value":"Hi Ann!"}]}`),
	}}
	network := BlueBubbles{
		Servers:  map[string]string{"+12055550101": "http://127.0.0.1:1", "+14155550102": server.URL},
		Password: "a b",
	}
	fmt.Println(network.Send(context.Background(), d))
	// Output:
	// POST /api/v1/message/text?password=a+b <nil>
	// {"chatGuid":"iMessage;-;+14155559876","message":"Hi Ann!","method":"apple-script","tempGuid":"02000000-0000-7000-8000-000000000001"}
	// <nil>
}
