package inbound

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Format prints the event with people masked and without what they wrote, under
// every verb. Our line is shown.
func (e Event) Format(f fmt.State, verb rune) {
	participants := make([]string, len(e.Participants))
	for i, h := range e.Participants {
		participants[i] = e.shown(h)
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), struct {
		Type, ID            string
		At                  time.Time
		Line, Chat, Message string
		Sender              string
		FromMe              bool
		Participants        []string
		Participant         string
		Group               bool
		Service             message.Service
		Named, Reconciled   bool
		Failure             int
	}{
		e.Type, e.ID, e.At, e.shown(e.Line), e.Chat, e.Message, e.shown(e.Sender), e.FromMe,
		participants, e.shown(e.Participant), e.Group, e.Service, e.Named, e.Reconciled, e.Failure,
	})
}

// LogValue returns what %+v prints: people masked.
func (e Event) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", e)) }

// shown returns a handle as it may be seen: whole if it is our line.
func (e *Event) shown(h recipients.Handle) string {
	switch {
	case !h.IsValid():
		return ""
	case h == e.Line:
		return h.String()
	}
	return h.Masked()
}
