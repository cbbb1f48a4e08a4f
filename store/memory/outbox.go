package memory

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// delivery is one entry of the outbox.
type delivery struct {
	store.Delivery
	commit   uint64 // its place in the order of commits
	at       time.Time
	attempts int
	due      time.Time // not before, while it waits for its retry
	token    uuid.UUID // of the lease, zero when there is none
	until    time.Time // of the lease
	parked   bool
}

// enqueue adds a delivery that is due at once.
func (t *tenant) enqueue(d *store.Delivery, at time.Time, commit uint64) {
	c := *d
	c.Content = slices.Clone(d.Content)
	t.deliveries[d.MessageID] = &delivery{Delivery: c, commit: commit, at: at}
}
