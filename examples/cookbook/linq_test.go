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
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Linq opens a chat from the line that was decided, or goes on in the chat
// whose id it knows. Linq refuses a link and a reply in the first message of a
// chat.
//
// Read 2026-11-28: github.com/linq-team/linq-go, chat.go, ChatService.New and
// ChatNewParams.
type Linq struct {
	URL, Token string
	IDs        *sync.Map // our ids to Linq's, only in memory here: keep a table
}

func (l Linq) id(ours uuid.UUID) string {
	id, _ := l.IDs.Load(ours)
	text, _ := id.(string)
	return text
}

// Send implements delivery.Sender.
func (l Linq) Send(ctx context.Context, d delivery.Delivery) error {
	content := map[string]any{}
	if err := json.Unmarshal(d.Content, &content); err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	chat, sent := l.id(d.ChatID), l.id(d.MessageID)
	if d.Network != nil && sent != "" { // Linq has it: say so again
		d.Network.Chat, d.Network.Message = chat, sent
	}
	if sent != "" {
		return nil
	}
	content["idempotency_key"] = d.MessageID // the same at every try
	if reply, ok := content["reply_to"].(map[string]any); ok {
		text, _ := reply["message_id"].(string)
		if ours, err := uuid.Parse(text); err == nil && l.id(ours) != "" {
			reply["message_id"] = l.id(ours)
		}
	}
	path, ask := "/v3/chats", map[string]any{"from": d.From, "to": d.To, "message": content}
	if chat != "" {
		path, ask = "/v3/chats/"+chat+"/messages", map[string]any{"message": content}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+l.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	type named struct{ ID string }
	var said struct {
		Chat struct {
			ID      string
			Message named
		}
		ChatID  string `json:"chat_id"` // in a known chat
		Message named
		Error   struct{ Code int }
	}
	err = json.NewDecoder(answer.Body).Decode(&said)
	if answer.StatusCode < 300 {
		if err != nil {
			return fmt.Errorf("the provider answers %s: %w", answer.Status, err)
		}
		chat, sent = said.Chat.ID+said.ChatID, said.Chat.Message.ID+said.Message.ID
		l.IDs.Store(d.ChatID, chat)
		l.IDs.Store(d.MessageID, sent)
		if d.Network != nil { // its own ids, which its webhooks name
			d.Network.Chat, d.Network.Message = chat, sent
		}
		return nil
	}
	failure := &delivery.Failure{Err: fmt.Errorf("the provider answers %s, code %d", answer.Status, said.Error.Code)}
	switch code := said.Error.Code; {
	case code == 2027:
		failure.LineFlagged = true // the line cannot send
	case answer.StatusCode == http.StatusUnauthorized:
		failure.Receiver = true // all wait
	case answer.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		failure.RetryAfter = time.Duration(seconds) * time.Second
	case code == 2007, code == 2009, code == 2015, answer.StatusCode == http.StatusRequestTimeout:
		// an attachment or a chat is being made, or no line is free: try again
	case answer.StatusCode < 500:
		failure.Permanent = true
	}
	return failure
}

// What Linq is asked. See Gateway for what else its answers may mean.
func Example_linq() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL, r.Header.Get("Authorization"), err)
		fmt.Println(string(body))
		if r.URL.Path != "/v3/chats" {
			_, _ = io.WriteString(w, `{"chat_id":"94c6bf33-31d9-40e3-a0e9-f94250ecedb9","message":{"id":"5f0c5b0e-8c0e-4d0a-9d55-0c5a2f0f7a11"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"chat":{"id":"94c6bf33-31d9-40e3-a0e9-f94250ecedb9","message":{"id":"69a37c7d-af4f-4b5e-af42-e28e98ce873a"}}}`)
	}))
	defer provider.Close()
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	if err != nil {
		log.Fatal(err)
	}
	d := delivery.Delivery{Network: &delivery.NetworkIDs{}, Delivery: store.Delivery{
		MessageID: uuid.MustParse("02000000-0000-7000-8000-000000000001"),
		From:      recipients.MustParse("+14155550102"), To: people,
		Content: []byte(`{"parts":[{"type":"text","value":"Hi Ann!"}]}`),
	}}
	linq := Linq{provider.URL, "secret", &sync.Map{}}
	fmt.Println(linq.Send(context.Background(), d))
	fmt.Println(d.Network.Chat)
	d.MessageID[15]++ // a reply to the first one, with our id of it
	d.Content = []byte(`{"parts":[{"type":"link","value":"https://example.com"}],"reply_to":{"message_id":"02000000-0000-7000-8000-000000000001"}}`)
	fmt.Println(linq.Send(context.Background(), d))
	// Output:
	// POST /v3/chats Bearer secret <nil>
	// {"from":"+14155550102","message":{"idempotency_key":"02000000-0000-7000-8000-000000000001","parts":[{"type":"text","value":"Hi Ann!"}]},"to":["+14155559876"]}
	// <nil>
	// 94c6bf33-31d9-40e3-a0e9-f94250ecedb9
	// POST /v3/chats/94c6bf33-31d9-40e3-a0e9-f94250ecedb9/messages Bearer secret <nil>
	// {"message":{"idempotency_key":"02000000-0000-7000-8000-000000000002","parts":[{"type":"link","value":"https://example.com"}],"reply_to":{"message_id":"69a37c7d-af4f-4b5e-af42-e28e98ce873a"}}}
	// <nil>
}
