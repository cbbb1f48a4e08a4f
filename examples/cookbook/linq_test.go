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

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Linq opens a chat from the line that was decided, or goes on with the one that
// there is.
//
// Read 2026-11-28: github.com/linq-team/linq-go, chat.go, ChatService.New and
// ChatNewParams.
type Linq struct{ URL, Token string }

// Send implements delivery.Sender.
func (l Linq) Send(ctx context.Context, d delivery.Delivery) error {
	content := map[string]any{}
	if err := json.Unmarshal(d.Content, &content); err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	content["idempotency_key"] = d.MessageID // the same at every try
	body, err := json.Marshal(map[string]any{"from": d.From, "to": d.To, "message": content})
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+"/v3/chats", bytes.NewReader(body))
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
	var said struct {
		Chat struct {
			ID      string
			Message struct{ ID string }
		}
		Error struct{ Code int }
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return fmt.Errorf("the provider answers %s: %w", answer.Status, err)
	}
	if answer.StatusCode < 300 {
		if d.Network != nil { // its own ids, which its webhooks name
			d.Network.Chat, d.Network.Message = said.Chat.ID, said.Chat.Message.ID
		}
		return nil
	}
	return &delivery.Failure{
		Err:         fmt.Errorf("the provider answers %s, code %d", answer.Status, said.Error.Code),
		LineFlagged: said.Error.Code == 2027, // the line cannot send
	}
}

// What Linq is asked. See Gateway for what else its answers may mean.
func Example_linq() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL, r.Header.Get("Authorization"), err)
		fmt.Println(string(body))
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
	fmt.Println(Linq{provider.URL, "secret"}.Send(context.Background(), d))
	fmt.Println(d.Network.Chat)
	// Output:
	// POST /v3/chats Bearer secret <nil>
	// {"from":"+14155550102","message":{"idempotency_key":"02000000-0000-7000-8000-000000000001","parts":[{"type":"text","value":"Hi Ann!"}]},"to":["+14155559876"]}
	// <nil>
	// 94c6bf33-31d9-40e3-a0e9-f94250ecedb9
}
