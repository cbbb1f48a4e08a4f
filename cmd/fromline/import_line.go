package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// maxAhead is how far ahead of this machine's clock a time may be.
const maxAhead = 5 * time.Minute

// chatLine is one line of the input.
type chatLine struct {
	ID        uuid.UUID  `json:"id"`
	From      string     `json:"from"`
	To        []string   `json:"to"`
	CreatedAt time.Time  `json:"created_at"`
	ActiveAt  *time.Time `json:"active_at"`
	Service   *string    `json:"service"`
	Named     bool       `json:"named"`
}

// chatReader reads lines. It asks of handles what a send asks: a chat with
// people that no send can name would never be found.
type chatReader struct {
	handles recipients.Options
	now     func() time.Time
}

func (r chatReader) read(text []byte) (store.ChatSeen, error) {
	var in chatLine
	err := json.Unmarshal(text, &in, json.RejectUnknownMembers(true))
	if err != nil || in.ID == uuid.Nil || in.From == "" || len(in.To) == 0 || in.CreatedAt.IsZero() {
		return store.ChatSeen{}, lineFault(text, err)
	}
	line, err := r.handles.Parse(in.From)
	if err != nil {
		return store.ChatSeen{}, ourFault(in.From, err)
	}
	set, err := r.handles.Canonicalize(in.To)
	if wrong, is := errors.AsType[*recipients.Error](err); is {
		return store.ChatSeen{}, personFault(in.To[wrong.Index], wrong)
	}
	if err != nil {
		return store.ChatSeen{}, fmt.Errorf("/to: %w", err)
	}
	chat := store.ChatSeen{ID: in.ID, Line: line, Participants: set, Named: in.Named, CreatedAt: in.CreatedAt}
	if in.ActiveAt != nil {
		chat.ActiveAt = *in.ActiveAt
	}
	if in.Service != nil {
		if chat.Service, err = message.ParseService(*in.Service); err != nil {
			return store.ChatSeen{}, fmt.Errorf("/service: %q is none: use iMessage, RCS or SMS", *in.Service)
		}
	}
	if err := r.ahead("/created_at", chat.CreatedAt); err != nil {
		return store.ChatSeen{}, err
	}
	if err := r.ahead("/active_at", chat.ActiveAt); err != nil {
		return store.ChatSeen{}, err
	}
	return chat, plainly(chat.Check())
}

func (r chatReader) ahead(pointer string, at time.Time) error {
	if now := r.now(); at.After(now.Add(maxAhead)) {
		return fmt.Errorf("%s: %s is ahead of the clock of this machine, %s, by more than %v: the chat would count as the most recently active one until then",
			pointer, at.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339), maxAhead)
	}
	return nil
}

// handleFault is a handle that no send can name, in words that mask it.
type handleFault struct {
	text  string
	cause *recipients.Error
}

func (e *handleFault) Error() string { return e.text }
func (e *handleFault) Unwrap() error { return e.cause }

// ourFault tells of one of our numbers, which is shown in full.
func ourFault(text string, err error) error {
	wrong, is := errors.AsType[*recipients.Error](err)
	if !is {
		return fmt.Errorf("/from: %w", err)
	}
	return &handleFault{fmt.Sprintf("/from, %q: %s (%s)", text, wrong.Hint(), wrong.Rule), wrong}
}

// personFault tells of a person's handle: masked, with the rule, and what was
// changed in the form that was meant.
func personFault(text string, wrong *recipients.Error) error {
	said := fmt.Sprintf("/to/%d", wrong.Index)
	if h, err := (recipients.Options{Strength: recipients.Syntax}).Parse(text); err == nil {
		said += ", " + h.Masked()
	}
	said += fmt.Sprintf(": no send can name it (%s at byte %d): %s", wrong.Rule, wrong.Offset, strings.TrimSuffix(wrong.Hint(), ": "+wrong.Suggestion))
	if h, err := recipients.Parse(wrong.Suggestion); err == nil {
		said += "; meant is " + h.Masked()
	}
	return &handleFault{said, wrong}
}
