package validate

import (
	"fmt"
	"log/slog"
)

// Format prints the recipients masked, and nothing else of the request, under
// every verb.
func (c Checked) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.outline())
}

// LogValue returns what Format prints.
func (c Checked) LogValue() slog.Value { return slog.StringValue(c.outline()) }

func (c Checked) outline() string {
	if !c.IsValid() {
		return "no request"
	}
	return fmt.Sprintf("request to %v", c.Recipients())
}

// Format prints the part and the person masked, under every verb.
func (m Mention) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), m.outline())
}

// LogValue returns what Format prints.
func (m Mention) LogValue() slog.Value { return slog.StringValue(m.outline()) }

func (m Mention) outline() string {
	return fmt.Sprintf("part %d mentions %s", m.Part, m.Handle.Masked())
}
