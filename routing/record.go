package routing

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// record is the decision record, as JSON shows it.
type record struct {
	Reason           store.Reason      `json:"reason"`
	ChatID           uuid.UUID         `json:"chat_id"`
	PreviousChatID   *uuid.UUID        `json:"previous_chat_id"`
	Line             recipients.Handle `json:"line"`
	MessageID        uuid.UUID         `json:"message_id"`
	At               time.Time         `json:"at"`
	DeliverAt        time.Time         `json:"deliver_at,omitzero"`
	Service          *message.Service  `json:"service"`
	Message          *message.Content  `json:"message"`
	Attachments      []attachment      `json:"attachments,omitzero"`
	ContinuationUsed bool              `json:"continuation_used"`
	ReplyDropped     bool              `json:"reply_dropped"`
	Replay           bool              `json:"replay"`
	MoreChats        bool              `json:"more_chats"`
	Advisories       []advisory        `json:"advisories"`
	Trace            *Trace            `json:"trace,omitzero"`
}

type attachment struct {
	ID        uuid.UUID `json:"id"`
	Filename  string    `json:"filename"`
	MimeType  string    `json:"mime_type"`
	SizeBytes int64     `json:"size_bytes"`
	URL       string    `json:"url"`
}

type advisory struct {
	Pointer string     `json:"pointer"`
	Rule    fault.Rule `json:"rule"`
	Start   int64      `json:"start,omitzero"`
	End     int64      `json:"end,omitzero"`
}

// MarshalJSON returns the decision record: the same bytes for the same
// decision. It contains the message, so it is not for logs.
func (d Decision) MarshalJSON() ([]byte, error) {
	r := record{
		Reason: d.Reason, ChatID: d.ChatID, Line: d.Line, MessageID: d.MessageID, At: d.At, DeliverAt: d.DeliverAt,
		Message:          d.Message,
		ContinuationUsed: d.ContinuationUsed, ReplyDropped: d.ReplyDropped, Replay: d.Replay, MoreChats: d.MoreChats,
		Advisories: make([]advisory, len(d.Advisories)), Trace: d.Trace,
	}
	if d.PreviousChatID != uuid.Nil {
		r.PreviousChatID = &d.PreviousChatID
	}
	if d.Service != 0 {
		r.Service = &d.Service
	}
	for _, m := range d.Attachments {
		r.Attachments = append(r.Attachments, attachment(m))
	}
	for i, a := range d.Advisories {
		r.Advisories[i] = advisory(a)
	}
	return json.Marshal(r)
}

// String describes the decision for people: the branch, the line, the chat and
// the advisories. Our line is printed in full; neither recipients nor content
// occur.
func (d Decision) String() string {
	if d.Reason == 0 {
		return "no decision"
	}
	var b strings.Builder
	switch d.Reason {
	case store.ReusedActiveChat:
		fmt.Fprintf(&b, "reuse chat %s on %s", d.ChatID, d.Line)
	case store.FailoverFlagged:
		fmt.Fprintf(&b, "fail over from chat %s to new chat %s on %s", d.PreviousChatID, d.ChatID, d.Line)
	default:
		fmt.Fprintf(&b, "new chat %s on %s", d.ChatID, d.Line)
	}
	if d.ContinuationUsed {
		b.WriteString(", with the continuation")
	}
	if !d.DeliverAt.IsZero() {
		b.WriteString(", to go out at " + d.DeliverAt.UTC().Format(time.RFC3339))
	}
	if d.Replay {
		b.WriteString(" (decided before)")
	}
	for _, a := range d.Advisories {
		b.WriteString("\n  advisory: " + string(a.Rule))
		if a.Pointer != "" {
			b.WriteString(" at " + a.Pointer)
		}
	}
	return b.String()
}

// LogValue identifies the decision by its chat and message; it names no person
// and shows no content.
func (d Decision) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("reason", d.Reason.String()), slog.Bool("replay", d.Replay),
		slog.String("chat_id", d.ChatID.String()), slog.String("message_id", d.MessageID.String()),
		slog.String("line", d.Line.String()))
}
