package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// parkedProgress is an outbox that tells how many parked messages were looked
// at, and then to how many something was done. Stores count parked messages of
// all tenants together, so how many are to be looked at is told as an upper
// bound.
type parkedProgress struct {
	store.Outbox
	progress *progress
	which    delivery.Selection

	since    time.Time // when what is told now began
	all      int       // that are parked
	lookedAt int
	found    int // that are meant
	done     int
}

// Parked implements store.Outbox.
func (p *parkedProgress) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	if after == uuid.Nil {
		b, err := p.Backlog(ctx)
		if err != nil {
			b = store.Backlog{} // a shard that has nothing to do with the tenant may be down
		}
		p.since, p.all, p.lookedAt, p.found = time.Now(), b.Parked, 0, 0
	}
	page, next, err := p.Outbox.Parked(ctx, tenant, after, limit)
	p.lookedAt += len(page)
	for i := range page {
		if p.which.Has(&page[i]) {
			p.found++
		}
	}
	text, share := fmt.Sprintf("found: %d, looked at: %d", p.found, p.lookedAt), 0.
	if p.all >= p.lookedAt && p.all > 0 {
		text += fmt.Sprintf(" of at most %d", p.all) // those of other tenants count too
		share = float64(p.lookedAt) / float64(p.all)
	}
	p.progress.tellShare(text, p.lookedAt, share, p.since)
	return page, next, err
}

// Release implements store.Outbox.
func (p *parkedProgress) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	p.treat()
	return p.Outbox.Release(ctx, tenant, messageID, leave)
}

// Drop implements store.Outbox.
func (p *parkedProgress) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	p.treat()
	return p.Outbox.Drop(ctx, tenant, messageID)
}

// treat tells how many were treated before the next one.
func (p *parkedProgress) treat() {
	if p.done == 0 {
		p.since = time.Now()
	}
	p.progress.tellOf("done", p.done, p.found, p.since)
	p.done++
}
