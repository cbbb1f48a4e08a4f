package store

import (
	"context"

	"github.com/google/uuid"
)

// DeliveryReader is implemented by stores that can show how one delivery stands.
type DeliveryReader interface {
	// Delivery returns the delivery of a message as Export yields it, whether it
	// waits, is leased or is parked. [delivery.one] Where the outbox has none (any
	// more) the error wraps ErrNoRecord: it was handed over, or never enqueued.
	// [delivery.gone]
	Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (CopiedDelivery, error)
}
