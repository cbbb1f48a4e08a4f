package delivery

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/store"
)

// Format prints a delivery with its people masked and without its content,
// under every verb.
func (d Delivery) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), struct {
		Delivery store.Delivery
		Tenant   string
		Attempt  int
		At       time.Time
	}{d.Delivery, d.Tenant, d.Attempt, d.At})
}

// LogValue returns what %+v prints: people masked.
func (d Delivery) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", d)) }

// LogValue returns what %+v prints: people masked.
func (s Settlement) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", s)) }
