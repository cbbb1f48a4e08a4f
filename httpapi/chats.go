package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// chat is one chat on the wire: the members by which the vendor's API shows
// one, as far as they are known here, and behind them our own.
type chat struct {
	ID          uuid.UUID        `json:"id"`
	CreatedAt   *string          `json:"created_at"`   // the times are those of message.Timestamp
	DisplayName *string          `json:"display_name"` // the people; null where a name was set, which is not kept here
	Handles     []chatHandle     `json:"handles"`
	IsArchived  bool             `json:"is_archived"`
	IsGroup     bool             `json:"is_group"`
	UpdatedAt   *string          `json:"updated_at"` // the last activity
	Service     *message.Service `json:"service"`
	Health      chatHealth       `json:"health_status"`

	From            string     `json:"from"`
	IsNamed         bool       `json:"is_named"`
	LineLeft        bool       `json:"line_left"`
	SuccessorChatID *uuid.UUID `json:"successor_chat_id"`
	SucceededAt     *string    `json:"succeeded_at"`
}

// chatHealth is how a chat is, as far as that is known here.
type chatHealth struct {
	DocURL    string  `json:"doc_url"`
	Status    string  `json:"status"`
	UpdatedAt *string `json:"updated_at"`
}

type chatHandle struct {
	ID       uuid.UUID       `json:"id"`
	Handle   string          `json:"handle"`
	JoinedAt *string         `json:"joined_at"`
	Service  message.Service `json:"service"`
	IsMe     bool            `json:"is_me"`
	LeftAt   *string         `json:"left_at"`
	Status   string          `json:"status"`
}

// getChat shows one chat of the tenant. What is no id is no chat either.
func (x *exchange) getChat() error {
	if err := x.admit(); err != nil {
		return err
	}
	id, err := x.uuid(errNoChat)
	if err != nil {
		return err
	}
	ctx, cancel := x.patience()
	defer cancel()
	c, err := x.router.Chat(ctx, x.tenant, id)
	if err != nil {
		return storeError(err)
	}
	body, err := json.Marshal(x.showChat(&c))
	if err != nil {
		return err
	}
	x.answer(http.StatusOK, body)
	return nil
}

// health shows how a chat is: nothing is learned here that makes one unhealthy,
// but that its person opted out.
func (x *exchange) health(optedOut bool, at time.Time) chatHealth {
	status := "HEALTHY"
	if optedOut {
		status = "OPTED_OUT"
	}
	anchor := "#" + strings.ReplaceAll(strings.ToLower(status), "_", "-")
	return chatHealth{DocURL: x.docBase() + chatHealthPath + anchor, Status: status, UpdatedAt: timestamp(at)}
}

func (x *exchange) showChat(c *store.Chat) *chat {
	service := c.Service
	out := &chat{
		ID: c.ID, CreatedAt: timestamp(c.CreatedAt), UpdatedAt: timestamp(c.ActiveAt),
		IsGroup: c.Roster.Set().IsGroup(), From: c.Line.String(), IsNamed: c.Named, LineLeft: c.LineLeft,
		SucceededAt: timestamp(c.SucceededAt),
		Health:      x.health(false, c.CreatedAt),
	}
	if !c.Named {
		out.DisplayName = new(defaultName(c.Roster.Set()))
	}
	if service == 0 {
		service = message.IMessage // as in the answer of a send (docs/rules.md §13)
	} else {
		out.Service = &service
	}
	if c.Successor != uuid.Nil {
		out.SuccessorChatID = &c.Successor
	}
	handle := func(h recipients.Handle, joined time.Time, isMe bool) chatHandle {
		return chatHandle{
			ID: routing.HandleID(c.ID, h), Handle: h.String(), JoinedAt: timestamp(joined), Service: service, IsMe: isMe, Status: "active",
		}
	}
	out.Handles = make([]chatHandle, 0, c.Roster.Len()+1)
	for i, h := range c.Roster.Set().All() {
		out.Handles = append(out.Handles, handle(h, c.Roster.JoinedAt(i), false))
	}
	us := handle(c.Line, c.Roster.Since(), true)
	if c.LineLeft {
		us.Status = "left"
	}
	out.Handles = append(out.Handles, us)
	return out
}

// defaultName is the name of a chat without one: its people, in their order.
func defaultName(people recipients.Set) string {
	names := make([]string, 0, people.Len())
	for _, h := range people.All() {
		names = append(names, h.String())
	}
	return strings.Join(names, ", ")
}

// timestamp returns a time in the form of the wire; nil, which is null, without
// one.
func timestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(message.At(t).String())
}
