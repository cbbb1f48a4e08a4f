package store

import (
	"fmt"
	"log/slog"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// Values with people print and log them masked, and show no idempotency key and
// no content: under every verb of fmt that prints a value, and under both
// handlers of log/slog. They show numbers of our own lines. The sets inside
// mask themselves; this file does the rest.

const redacted = "(redacted)"

// redact hides a text that is there.
func redact(text string) string {
	if text == "" {
		return ""
	}
	return redacted
}

// Format prints the people of r masked, under every verb.
func (r Roster) Format(f fmt.State, verb rune) { r.set.Format(f, verb) }

// LogValue returns the people of r masked.
func (r Roster) LogValue() slog.Value { return r.set.LogValue() }

// Format prints a record without its idempotency key.
func (r Record) Format(f fmt.State, verb rune) {
	type plain Record
	r.Key = redact(r.Key)
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(r))
}

// Format prints a query without its idempotency key.
func (q Query) Format(f fmt.State, verb rune) {
	type plain Query
	q.IdempotencyKey = redact(q.IdempotencyKey)
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(q))
}

// Format prints a delivery without its content and its terms.
func (d Delivery) Format(f fmt.State, verb rune) {
	type plain Delivery
	d.Content, d.Terms = nil, nil
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(d))
}

// Format prints the event with the handle masked.
func (e ParticipantAdded) Format(f fmt.State, verb rune) {
	printPerson(f, verb, "joined", e.Chat, e.Handle)
}

// Format prints the event with the handle masked.
func (e ParticipantRemoved) Format(f fmt.State, verb rune) {
	printPerson(f, verb, "left", e.Chat, e.Handle)
}

func printPerson(f fmt.State, verb rune, what string, chat uuid.UUID, person recipients.Handle) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), person.Masked()+" "+what+" "+chat.String())
}

// LogValue returns what %+v prints: people masked.
func (r Record) LogValue() slog.Value { return printed(r) }

// LogValue returns what %+v prints: people masked.
func (q Query) LogValue() slog.Value { return printed(q) }

// LogValue returns what %+v prints: people masked.
func (d Delivery) LogValue() slog.Value { return printed(d) }

// LogValue returns what %+v prints: people masked.
func (e ParticipantAdded) LogValue() slog.Value { return printed(e) }

// LogValue returns what %+v prints: people masked.
func (e ParticipantRemoved) LogValue() slog.Value { return printed(e) }

// LogValue returns what %+v prints: people masked.
func (e ChatSeen) LogValue() slog.Value { return printed(e) }

// LogValue returns what %+v prints: people masked.
func (c Chat) LogValue() slog.Value { return printed(c) }

// LogValue returns what %+v prints: people masked.
func (s Snapshot) LogValue() slog.Value { return printed(s) }

// LogValue returns what %+v prints: people masked.
func (p Plan) LogValue() slog.Value { return printed(p) }

// LogValue returns what %+v prints: people masked.
func (c Claimed) LogValue() slog.Value { return printed(c) }

// LogValue returns what %+v prints: people masked.
func (p ParkedDelivery) LogValue() slog.Value { return printed(p) }

func printed(v any) slog.Value { return slog.StringValue(fmt.Sprintf("%+v", v)) }
