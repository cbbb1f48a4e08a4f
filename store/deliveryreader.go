package store

import (
	"context"

	"github.com/google/uuid"
)

// DeliveryReader is implemented by stores that can show the state of one
// delivery.
type DeliveryReader interface {
	// Delivery returns the delivery of a message as Export yields it, whether
	// it waits, is leased or is parked. [delivery.one] If the outbox has none,
	// or none any more, the error wraps ErrNoRecord: the message was handed
	// over, or never enqueued. [delivery.gone]
	Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (CopiedDelivery, error)
}
