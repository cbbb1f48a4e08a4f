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
