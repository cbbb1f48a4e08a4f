package inbound

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/rfc3339"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Parse reads a webhook of the vendor, of version 2026-02-03 or 2025-01-01. If
// fromline does not use events of the type, Parse reads only type and id.
// Missing optional members and unknown members are no fault. A sender or
// participant that is no handle, such as the name of a company, is left out.
// The error is a [*fault.Error] if a member has a wrong JSON type or a time
// cannot be read; [Event.Check] finds the other faults. Parse is safe for
// concurrent use.
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
	if len(in.Data) == 0 || in.Data.Kind() == jsontext.KindNull {
		return Event{}, wrongAt(fault.CodeMissing, "missing", "/data", "data is required: what happened")
	}
	var d data
	if err := json.Unmarshal(in.Data, &d); err != nil {
		return Event{}, malformed("/data", err)
	}
	d.read(&e)
	when := d.time(e.Type, in.CreatedAt)
	if when.text == "" {
		return e, nil
	}
	at, err := rfc3339.Parse(when.text)
	if err != nil {
		return Event{}, wrongAt(fault.CodeValue, "bad_value", when.at, fmt.Sprintf("%q is not a time: %v", shorten(when.text), err))
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

// parsed returns the handle, zero if it is none.
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

// A moment is a time as an event has it, and where.
type moment struct{ text, at string }

// time returns when the thing happened, empty if the event does not say.
func (d *data) time(kind, createdAt string) moment {
	m, of := &d.content, "/data/"
	if d.Message != nil {
		m, of = d.Message, "/data/message/"
	}
	var times []moment
	switch kind {
	case MessageReceived, MessageSent:
		times = []moment{{m.SentAt, of + "sent_at"}, {d.ReceivedAt, "/data/received_at"}}
	case MessageDelivered:
		times = []moment{{m.DeliveredAt, of + "delivered_at"}, {d.content.DeliveredAt, "/data/delivered_at"}}
	case MessageRead:
		times = []moment{{m.ReadAt, of + "read_at"}, {d.content.ReadAt, "/data/read_at"}}
	case MessageFailed:
		times = []moment{{d.FailedAt, "/data/failed_at"}}
	case ChatCreated:
		times = []moment{{d.CreatedAt, "/data/created_at"}}
	case GroupNameUpdated:
		times = []moment{{d.UpdatedAt, "/data/updated_at"}}
	case ParticipantAdded:
		times = []moment{{d.AddedAt, "/data/added_at"}}
	case ParticipantRemoved:
		times = []moment{{d.RemovedAt, "/data/removed_at"}}
	}
	for _, t := range times {
		if t.text != "" {
			return t
		}
	}
	return moment{createdAt, "/created_at"}
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
	pointer, says := within, "it is no JSON text"
	if wrong, is := errors.AsType[*jsontext.SyntacticError](err); is {
		says = fmt.Sprintf("it is no JSON at byte %d", wrong.ByteOffset)
	}
	if wrong, is := errors.AsType[*json.SemanticError](err); is {
		pointer += string(wrong.JSONPointer)
		says = "it is of the JSON type " + wrong.JSONKind.String() + ", which does not belong there"
	}
	return wrongAt(fault.CodeBody, "malformed", pointer, says)
}

// shorten returns the beginning of a text, for an answer.
func shorten(text string) string {
	const most = 64
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

func wrongAt(code fault.Code, rule, pointer, detail string) error {
	return &fault.Error{Faults: []fault.Fault{{Pointer: pointer, Rule: fault.Rule("event." + rule), Code: code, Detail: detail}}}
}
