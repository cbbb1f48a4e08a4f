package cookbook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
)

// The senders of this file make the requests of the table "By provider". Each names
// the public page that describes its request, and when it was read. What an answer
// means is the same for all: see Gateway.

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
	content["idempotency_key"] = d.MessageID
	return post(ctx, l.URL+"/v3/chats", map[string]any{"from": d.From, "to": addresses(d), "message": content},
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+l.Token) })
}

// Sendblue sends texts: one person and a group have endpoints of their own.
//
// Read 2026-11-28: docs.sendblue.com/docs/outbound, and
// docs.sendblue.com/api/resources/groups/methods/send_message.
type Sendblue struct{ URL, KeyID, Secret string }

// Send implements delivery.Sender.
func (s Sendblue) Send(ctx context.Context, d delivery.Delivery) error {
	text, err := textOf(d)
	if err != nil {
		return err
	}
	body := map[string]any{"from_number": d.From, "content": text}
	endpoint := "/api/send-message"
	if people := addresses(d); d.To.IsGroup() {
		endpoint, body["numbers"] = "/api/send-group-message", people
	} else {
		body["number"] = people[0]
	}
	return post(ctx, s.URL+endpoint, body, func(r *http.Request) {
		r.Header.Set("sb-api-key-id", s.KeyID)
		r.Header.Set("sb-api-secret-key", s.Secret)
	})
}

// BlueBubbles has a server for each line. A server refuses a tempGuid that it has in
// its queue, so the id of the message keeps a retry from being sent twice meanwhile.
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
	text, err := textOf(d)
	if err != nil {
		return err
	}
	chat := "iMessage;-;" + addresses(d)[0]
	if d.To.IsGroup() {
		if chat = b.Groups[d.ChatID]; chat == "" {
			return &delivery.Failure{Err: errors.New("the server knows no such group"), Permanent: true}
		}
	}
	body := map[string]any{"chatGuid": chat, "tempGuid": d.MessageID, "message": text, "method": "apple-script"}
	address := b.Servers[d.From.String()] + "/api/v1/message/text?password=" + url.QueryEscape(b.Password)
	return post(ctx, address, body, nil)
}

// Twilio, and gateways that copied its API, take a form for each recipient. A message
// that was filtered (30007) is told later, by the status callback: give that to
// Router.LineFlagged where it means that the line is flagged.
//
// Read 2026-11-28: www.twilio.com/docs/sms/api/message-resource.
type Twilio struct{ URL, Account, Token string }

// Send implements delivery.Sender.
func (t Twilio) Send(ctx context.Context, d delivery.Delivery) error {
	text, err := textOf(d)
	if err != nil {
		return err
	}
	for _, person := range addresses(d) {
		form := url.Values{"From": {d.From.String()}, "To": {person}, "Body": {text}}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL+"/2010-04-01/Accounts/"+t.Account+"/Messages.json", strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(t.Account, t.Token)
		if err := do(request); err != nil {
			return err // a group of which some were reached is sent again to all
		}
	}
	return nil
}

// addresses returns the people of a message as texts.
func addresses(d delivery.Delivery) (all []string) {
	for _, person := range d.To.All() {
		all = append(all, person.String())
	}
	return all
}

// textOf returns the text of a message. Where the provider takes nothing else, a
// message with other parts is parked.
func textOf(d delivery.Delivery) (string, error) {
	content, err := message.DecodeContent(d.Content)
	if err != nil {
		return "", &delivery.Failure{Err: err, Permanent: true}
	}
	var texts []string
	for _, part := range content.Parts {
		text, is := part.(*message.TextPart)
		if !is {
			return "", &delivery.Failure{Err: fmt.Errorf("a part of the type %s", part.Type()), Permanent: true}
		}
		texts = append(texts, *text.Value)
	}
	return strings.Join(texts, "\n"), nil
}

// post sends a body as JSON.
func post(ctx context.Context, address string, body map[string]any, sign func(*http.Request)) error {
	text, err := json.Marshal(body)
	if err != nil {
		return &delivery.Failure{Err: err, Permanent: true}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if sign != nil {
		sign(request)
	}
	return do(request)
}

// do makes a request. A program reads the answer as Gateway does.
func do(request *http.Request) error {
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
