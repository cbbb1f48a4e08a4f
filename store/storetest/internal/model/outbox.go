package model

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// delivery is one entry of the outbox.
type delivery struct {
	store.Delivery
	tenant    string
	commit    uint64 // its place in the order of commits
	at        time.Time
	attempts  int
	due       time.Time // zero if it is due at once
	token     uuid.UUID // of the lease, zero if there is none
	until     time.Time // end of the lease
	parked    bool
	why       store.ParkReason
	leave     bool
	forgotten bool // it goes when its lease ends
}

func (d *delivery) leased(now time.Time) bool { return d.token != uuid.Nil && now.Before(d.until) }

// enqueue adds a delivery that is due at a time, or at once.
func (s *Model) enqueue(t *tenant, d *store.Delivery, at, due time.Time) {
	s.commit++
	t.deliveries[d.MessageID] = &delivery{Delivery: copyOf(d), tenant: t.name, commit: s.commit, at: at, due: due}
}

func copyOf(d *store.Delivery) store.Delivery {
	c := *d
	c.Content, c.Terms = bytes.Clone(d.Content), bytes.Clone(d.Terms)
	return c
}

// Claim implements store.Outbox.
func (s *Model) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if err := store.CheckLease(lease); err != nil {
		return nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	now := s.now()
	var heads []*delivery
	for _, t := range s.tenants {
		heads = append(heads, t.heads(now, true)...)
	}
	heads = slices.DeleteFunc(heads, func(d *delivery) bool { return slices.Contains(except, d.tenant) })
	slices.SortFunc(heads, func(a, b *delivery) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.commit, b.commit)) })
	var claimed []store.Claimed
	for _, d := range heads[:min(limit, len(heads))] {
		unsettled := d.token != uuid.Nil
		d.token, d.until = uuid.New(), now.Add(lease)
		claimed = append(claimed, store.Claimed{
			Lease:    store.LeaseID{Tenant: d.tenant, MessageID: d.MessageID, Token: d.token},
			Delivery: copyOf(&d.Delivery), Attempts: d.attempts + 1, Unsettled: unsettled, Leave: d.leave, At: d.at,
		})
	}
	return claimed, nil
}

// leaseNew leases a delivery that was just committed, unless it is not due or
// another delivery goes first.
func (s *Model) leaseNew(t *tenant, d *delivery, lease time.Duration) (id store.LeaseID) {
	now := s.now()
	if now.Before(d.due) || t.behind(d) {
		return id
	}
	for _, other := range t.deliveries {
		if other.ChatID == d.ChatID && other != d && !other.parked {
			return id
		}
	}
	d.token, d.until = uuid.New(), now.Add(lease)
	return store.LeaseID{Tenant: t.name, MessageID: d.MessageID, Token: d.token}
}

// heads returns the deliveries that can be claimed: the first one of each chat,
// if it is due and no other of the chat is leased. For a claim it also holds
// chats that wait for another one.
func (t *tenant) heads(now time.Time, claim bool) []*delivery {
	first := make(map[uuid.UUID]*delivery)
	busy := make(map[uuid.UUID]bool)
	for id, d := range t.deliveries {
		switch leased := d.leased(now); {
		case d.forgotten && !leased:
			delete(t.deliveries, id)
		case leased:
			busy[d.ChatID] = true
		case !d.parked && (first[d.ChatID] == nil || d.commit < first[d.ChatID].commit):
			first[d.ChatID] = d
		}
	}
	var heads []*delivery
	for chat, d := range first {
		switch {
		case busy[chat] || now.Before(d.due) || now.Before(t.held[chat]):
		case !claim:
		case d.token == uuid.Nil && t.behind(d):
			t.held[chat] = now.Add(200 * time.Millisecond)
			for _, other := range t.deliveries {
				if other.ChatID == chat {
					other.token = uuid.Nil // its lease has run out
				}
			}
		default:
			heads = append(heads, d)
		}
	}
	return heads
}

// behind reports whether a waiting delivery of another chat with the same
// people was committed before d.
func (t *tenant) behind(d *delivery) bool {
	c := t.chats[d.ChatID]
	if c == nil || c.LineLeft || c.Roster.Len() == 0 {
		return false
	}
	for _, other := range t.deliveries {
		from := t.chats[other.ChatID]
		if !other.parked && other.commit < d.commit && other.ChatID != d.ChatID && from != nil && !from.LineLeft &&
			from.Roster.Set().Key() == c.Roster.Set().Key() {
			return true
		}
	}
	return false
}

// holding returns the delivery of a lease that has not run out.
func (s *Model) holding(id store.LeaseID) (*tenant, *delivery, error) {
	if t := s.tenants[id.Tenant]; t != nil {
		if d := t.deliveries[id.MessageID]; d != nil && d.token == id.Token && d.leased(s.now()) {
			return t, d, nil
		}
	}
	return nil, nil, fmt.Errorf("model: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
}

// Renew implements store.Outbox.
func (s *Model) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	if err := store.CheckLease(lease); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, d, err := s.holding(id)
	if err != nil {
		return err
	}
	d.until = s.now().Add(lease)
	return nil
}

// Try implements store.Outbox.
func (s *Model) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	if err := store.CheckAttempts(attempts); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	_, d, err := s.holding(id)
	if err != nil {
		return err
	}
	d.attempts = attempts
	return nil
}

// Ack implements store.Outbox.
func (s *Model) Ack(ctx context.Context, id store.LeaseID) error {
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	t, d, err := s.holding(id)
	if err != nil {
		return err
	}
	delete(t.deliveries, d.MessageID)
	return nil
}

// AckAll implements store.Leaser.
func (s *Model) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := store.CheckLeases(ids); err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch err := s.Ack(ctx, id); {
		case errors.Is(err, store.ErrLeaseLost):
			lost = append(lost, id)
		case err != nil:
			return nil, err
		}
	}
	return lost, nil
}

// Nack implements store.Outbox.
func (s *Model) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return s.giveBack(ctx, cmp.Or(store.CheckAttempts(attempts), store.CheckWait(wait)), id, func(d *delivery) {
		d.attempts, d.due = attempts, s.now().Add(wait)
	})
}

// Park implements store.Outbox.
func (s *Model) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return s.giveBack(ctx, store.CheckPark(attempts, why), id, func(d *delivery) {
		d.attempts, d.parked, d.why, d.leave = attempts, true, why, false
	})
}

func (s *Model) giveBack(ctx context.Context, invalid error, id store.LeaseID, do func(*delivery)) error {
	if invalid != nil {
		return invalid
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	t, d, err := s.holding(id)
	if err != nil {
		return err
	}
	if d.forgotten {
		delete(t.deliveries, d.MessageID)
		return nil
	}
	d.token = uuid.Nil
	do(d)
	return nil
}

// Parked implements store.Outbox.
func (s *Model) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) (parked []store.ParkedDelivery, next uuid.UUID, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, uuid.Nil, err
	}
	defer end()
	for id, d := range s.of(tenant).deliveries {
		if d.parked && bytes.Compare(id[:], after[:]) > 0 {
			parked = append(parked, store.ParkedDelivery{Delivery: copyOf(&d.Delivery), Attempts: d.attempts, Why: d.why, At: d.at})
		}
	}
	slices.SortFunc(parked, func(a, b store.ParkedDelivery) int {
		return bytes.Compare(a.Delivery.MessageID[:], b.Delivery.MessageID[:])
	})
	if len(parked) > limit {
		parked = parked[:limit]
		next = parked[limit-1].Delivery.MessageID
	}
	return parked, next, nil
}

// Release implements store.Outbox.
func (s *Model) Release(ctx context.Context, name string, messageID uuid.UUID, leave bool) error {
	return s.parkedOne(ctx, name, messageID, func(t *tenant, d *delivery) {
		d.parked, d.why, d.leave, d.attempts, d.due = false, 0, leave, 0, time.Time{}
		s.lookAt(t, d.ChatID)
	})
}

// Drop implements store.Outbox.
func (s *Model) Drop(ctx context.Context, name string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, name, messageID, func(t *tenant, d *delivery) { delete(t.deliveries, d.MessageID) })
}

func (s *Model) parkedOne(ctx context.Context, name string, messageID uuid.UUID, do func(*tenant, *delivery)) error {
	if err := store.CheckTenant(name); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	t := s.of(name)
	d := t.deliveries[messageID]
	if d == nil || !d.parked {
		return fmt.Errorf("model: no parked delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	do(t, d)
	return nil
}

// lookAt ends the hold of a chat and drops its leases that have run out, unless
// one of its leases has not.
func (s *Model) lookAt(t *tenant, chat uuid.UUID) {
	for _, other := range t.deliveries {
		if other.ChatID == chat && other.leased(s.now()) {
			return
		}
	}
	delete(t.held, chat)
	for _, other := range t.deliveries {
		if other.ChatID == chat {
			other.token = uuid.Nil
		}
	}
}

// Backlog implements store.Outbox.
func (s *Model) Backlog(ctx context.Context) (store.Backlog, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return store.Backlog{}, err
	}
	defer end()
	var b store.Backlog
	for _, t := range s.tenants {
		t.heads(s.now(), false) // removes forgotten deliveries whose lease has ended
		for _, d := range t.deliveries {
			if d.parked {
				b.Parked++
				continue
			}
			b.Waiting++
			if b.Oldest.IsZero() || d.at.Before(b.Oldest) {
				b.Oldest = d.at
			}
		}
	}
	return b, nil
}
