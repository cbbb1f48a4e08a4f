package inbound

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Parse reads a webhook of the vendor, of version 2026-02-03 or 2025-01-01. Of
// an event whose type tells nothing of a chat only type and id are read. What
// the vendor may leave out or add is no fault, and a sender or a participant
// that is no handle, such as the name of a company, is left out. The error is a
// [*fault.Error] where a member has a wrong JSON type or a time cannot be read;
// [Event.Check] finds what else is wrong.
func Parse(text []byte) (Event, error) {
	if at, deep := message.TooDeep(text); deep {
		return Event{}, wrongAt(fault.CodeBody, "malformed", "", fmt.Sprintf("nested deeper than %d at byte %d", message.MaxDepth, at))
	}
	var in envelope
	if err := json.Unmarshal(text, &in); err != nil {
		return Event{}, malformed("", err)
	}
	e := Event{Type: in.EventType, ID: in.EventID}
	if !e.Known() {
		return e, nil
	}
	var d data
	if err := json.Unmarshal(in.Data, &d); err != nil {
		return Event{}, malformed("/data", err)
	}
	d.read(&e)
	when := first(d.times(e.Type), in.CreatedAt)
	if when == "" {
		return e, nil
	}
	at, err := time.Parse(time.RFC3339, when)
	if err != nil {
		return Event{}, wrongAt(fault.CodeValue, "bad_value", "/data", fmt.Sprintf("%q is no time as in RFC 3339", when))
	}
	e.At = at.UTC()
	return e, nil
}

// envelope is what every webhook has.
type envelope struct {
	EventType string         `json:"event_type"`
	EventID   string         `json:"event_id"`
	CreatedAt string         `json:"created_at"`
	Data      jsontext.Value `json:"data"`
}

// data is the data of all events that tell of a chat, in both versions. Members
// that are null or absent are zero.
type data struct {
	content // of messages in version 2026-02-03

	ChatID  string   `json:"chat_id"`
	Chat    chat     `json:"chat"`
	Message *content `json:"message"` // in version 2025-01-01

	IsGroup   bool   `json:"is_group"`
	IsFromMe  bool   `json:"is_from_me"`
	Direction string `json:"direction"`
	Service   string `json:"service"`

	SenderHandle    handle `json:"sender_handle"`
	FromHandle      handle `json:"from_handle"`
	RecipientHandle handle `json:"recipient_handle"`

	DisplayName string   `json:"display_name"`
	NewValue    string   `json:"new_value"`
	Handles     []handle `json:"handles"`
	Handle      string   `json:"handle"`
	Participant handle   `json:"participant"`

	MessageID  string `json:"message_id"`
	Key        string `json:"idempotency_key"`
	Code       int    `json:"code"`
	ReceivedAt string `json:"received_at"`
	FailedAt   string `json:"failed_at"`
	AddedAt    string `json:"added_at"`
	RemovedAt  string `json:"removed_at"`
}

// content is a message.
type content struct {
	ID           string `json:"id"`
	Parts        []part `json:"parts"`
	SentAt       string `json:"sent_at"`
	DeliveredAt  string `json:"delivered_at"`
	ReadAt       string `json:"read_at"`
	CreatedAt    string `json:"created_at"`
	UpdatedAt    string `json:"updated_at"`
	ReconciledAt string `json:"reconciled_at"`
}

type chat struct {
	ID          string `json:"id"`
	IsGroup     bool   `json:"is_group"`
	OwnerHandle handle `json:"owner_handle"`
}

type handle struct {
	Handle string `json:"handle"`
	IsMe   bool   `json:"is_me"`
}

type part struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// parsed returns the handle, zero where it is none.
func (h handle) parsed() recipients.Handle {
	parsed, err := recipients.Options{Strength: recipients.Syntax}.Parse(h.Handle)
	if err != nil {
		return recipients.Handle{}
	}
	return parsed
}

// message returns the message of either version.
func (d *data) message() *content {
	if d.Message != nil {
		return d.Message
	}
	return &d.content
}

// times returns when the thing happened, empty where the event does not say.
func (d *data) times(kind string) string {
	m := d.message()
	switch kind {
	case MessageReceived, MessageSent:
		return first(m.SentAt, d.ReceivedAt)
	case MessageDelivered:
		return first(m.DeliveredAt, d.content.DeliveredAt)
	case MessageRead:
		return first(m.ReadAt, d.content.ReadAt)
	case MessageFailed:
		return d.FailedAt
	case ChatCreated:
		return d.CreatedAt
	case GroupNameUpdated:
		return d.UpdatedAt
	case ParticipantAdded:
		return d.AddedAt
	}
	return d.RemovedAt
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func malformed(within string, err error) error {
	pointer := within
	if wrong, is := errors.AsType[*json.SemanticError](err); is {
		pointer += string(wrong.JSONPointer)
	}
	return wrongAt(fault.CodeBody, "malformed", pointer, "it is not of the JSON type that belongs there, or no JSON")
}

func wrongAt(code fault.Code, rule, pointer, detail string) error {
	return &fault.Error{Faults: []fault.Fault{{Pointer: pointer, Rule: fault.Rule("event." + rule), Code: code, Detail: detail}}}
}
