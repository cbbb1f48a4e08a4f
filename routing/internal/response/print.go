package response

import (
	"fmt"
	"log/slog"
)

// Format prints all but the handle, under every verb.
func (h ChatHandle) Format(f fmt.State, verb rune) {
	type plain ChatHandle
	if h.Handle != "" {
		h.Handle = "•••"
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(h))
}

// LogValue returns what %+v prints: people masked.
func (h ChatHandle) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", h)) }

// LogValue returns what %+v prints: people masked.
func (t TextResponse) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", t)) }

// LogValue returns what %+v prints: people masked.
func (m MediaResponse) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", m)) }

// LogValue returns what %+v prints: people masked.
func (l LinkResponse) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", l)) }

// LogValue returns what %+v prints: people masked.
func (a AppCardResponse) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", a)) }

// LogValue returns what %+v prints: people masked.
func (a AppClipResponse) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", a)) }

// LogValue returns what %+v prints: people masked.
func (s SentMessage) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", s)) }

// LogValue returns what %+v prints: people masked.
func (r Response) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", r)) }

// Format prints all but the handle, under every verb.
func (m Mention) Format(f fmt.State, verb rune) {
	type plain Mention
	if m.Handle != "" {
		m.Handle = "•••"
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(m))
}

// LogValue returns what %+v prints: people masked.
func (m Mention) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", m)) }
