package main

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// parkedProgress is an outbox that tells how many of the parked messages that are
// meant were found, and then to how many something was done.
type parkedProgress struct {
	store.Outbox
	progress *progress
	which    delivery.Selection
	found    int
	done     int
}

// Parked implements store.Outbox.
func (p *parkedProgress) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	page, next, err := p.Outbox.Parked(ctx, tenant, after, limit)
	for i := range page {
		if p.which.Has(&page[i]) {
			p.found++
		}
	}
	p.progress.tellOf("found", p.found, 0, p.progress.started)
	return page, next, err
}

// Release implements store.Outbox.
func (p *parkedProgress) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	p.treated()
	return p.Outbox.Release(ctx, tenant, messageID, leave)
}

// Drop implements store.Outbox.
func (p *parkedProgress) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	p.treated()
	return p.Outbox.Drop(ctx, tenant, messageID)
}

func (p *parkedProgress) treated() {
	p.progress.tellOf("done", p.done, p.found, p.progress.started)
	p.done++
}
