package sharded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// The calls about one tenant ask its shard.

// on makes a call to the shard of a tenant. It ends the call before another
// process may assume that the tenant has moved.
func on[T any](ctx context.Context, s *Store, tenant string, call func(context.Context, store.Store) (T, error)) (T, error) {
	var none T
	h, err := s.home(ctx, tenant)
	if err == nil && h.leaving != "" {
		err = fmt.Errorf("sharded: %w", ErrMoving)
	}
	if err != nil {
		return none, err
	}
	at, err := h.shard.get(ctx)
	if err != nil {
		return none, err
	}
	if s.directory != nil {
		patience := s.o.Patience
		if h.closing {
			patience /= impatient
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	v, err := call(ctx, at)
	return v, h.shard.named(err)
}

// decide is do for commits, which rest on the states of lines.
func (s *Store) decide(ctx context.Context, tenant string, call func(context.Context, store.Store) error) error {
	sh, err := s.at(ctx, tenant)
	if err != nil {
		return err
	}
	if err := sh.current(); err != nil {
		return sh.named(err)
	}
	return s.do(ctx, tenant, call)
}

// do is on for calls that return no value.
func (s *Store) do(ctx context.Context, tenant string, call func(context.Context, store.Store) error) error {
	_, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (struct{}, error) { return struct{}{}, call(ctx, at) })
	return err
}

// Lookup implements store.ChatStore.
func (s *Store) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	return on(ctx, s, q.Tenant, func(ctx context.Context, at store.Store) (store.Snapshot, error) { return at.Lookup(ctx, q) })
}

// Commit implements store.ChatStore.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	return s.decide(ctx, p.Tenant, func(ctx context.Context, at store.Store) error { return at.Commit(ctx, p) })
}

// CommitLeased implements store.Leaser.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	err = s.decide(ctx, p.Tenant, func(ctx context.Context, at store.Store) (err error) {
		id, err = at.CommitLeased(ctx, p, lease)
		return err
	})
	return id, err
}

// AckAll implements store.Leaser. The leases of each tenant go to its shard.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := store.CheckLeases(ids); err != nil {
		return nil, err
	}
	byTenant := make(map[string][]store.LeaseID)
	for _, id := range ids {
		byTenant[id.Tenant] = append(byTenant[id.Tenant], id)
	}
	for tenant, ids := range byTenant {
		err = errors.Join(err, s.do(ctx, tenant, func(ctx context.Context, at store.Store) error {
			gone, err := at.AckAll(ctx, ids)
			lost = append(lost, gone...)
			return err
		}))
	}
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// Apply implements store.ChatStore.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	return s.do(ctx, tenant, func(ctx context.Context, at store.Store) error { return at.Apply(ctx, tenant, events) })
}

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (store.Chat, error) { return at.Chat(ctx, tenant, id) })
}

// page is a page of items and the id that the next one begins after.
type page[T any] struct {
	all  []T
	next uuid.UUID
}

// ChatsOfLine implements store.ChatReader.
func (s *Store) ChatsOfLine(ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	p, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (p page[store.Chat], err error) {
		p.all, p.next, err = at.ChatsOfLine(ctx, tenant, line, after, limit)
		return p, err
	})
	return p.all, p.next, err
}

// ChatsOfTenant implements store.ChatWalker.
func (s *Store) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	p, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (p page[store.Chat], err error) {
		p.all, p.next, err = at.ChatsOfTenant(ctx, tenant, after, limit)
		return p, err
	})
	return p.all, p.next, err
}

// ChatsByID implements store.ChatWalker.
func (s *Store) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) ([]store.Chat, error) { return at.ChatsByID(ctx, tenant, ids) })
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (store.Record, error) {
		return at.Decision(ctx, tenant, messageID)
	})
}

// Delivery implements store.DeliveryReader.
func (s *Store) Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (store.CopiedDelivery, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (store.CopiedDelivery, error) {
		return at.Delivery(ctx, tenant, messageID)
	})
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, said line.State) (bool, error) {
	return on(ctx, s, said.Tenant, func(ctx context.Context, at store.Store) (bool, error) { return at.ReportLine(ctx, said) })
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, when time.Time) (kept line.State, applied bool, err error) {
	kept, err = on(ctx, s, tenant, func(ctx context.Context, at store.Store) (kept line.State, err error) {
		kept, applied, err = at.FlagLine(ctx, tenant, number, when)
		return kept, err
	})
	return kept, applied, err
}

// Forget implements store.Forgetter.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (int, error) { return at.Forget(ctx, tenant, h) })
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Renew(ctx, id, lease) })
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Try(ctx, id, attempts) })
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, id store.LeaseID) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Ack(ctx, id) })
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Nack(ctx, id, attempts, wait) })
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Park(ctx, id, attempts, why) })
}

// Reroute implements store.Outbox.
func (s *Store) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	return s.do(ctx, id.Tenant, func(ctx context.Context, at store.Store) error { return at.Reroute(ctx, id, p) })
}

// Parked implements store.Outbox.
func (s *Store) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	p, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (p page[store.ParkedDelivery], err error) {
		p.all, p.next, err = at.Parked(ctx, tenant, after, limit)
		return p, err
	})
	return p.all, p.next, err
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	return s.do(ctx, tenant, func(ctx context.Context, at store.Store) error { return at.Release(ctx, tenant, messageID, leave) })
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.do(ctx, tenant, func(ctx context.Context, at store.Store) error { return at.Drop(ctx, tenant, messageID) })
}

// consented is the answer of ChangeConsent.
type consented struct {
	kept    store.Consent
	applied bool
}

// ChangeConsent implements store.Consents.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (store.Consent, bool, error) {
	c, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (c consented, err error) {
		c.kept, c.applied, err = at.ChangeConsent(ctx, tenant, person, w)
		return c, err
	})
	return c.kept, c.applied, err
}

// Consents implements store.Consents.
func (s *Store) Consents(ctx context.Context, tenant string, after recipients.Key, limit int) (consents []store.Consent, next recipients.Key, err error) {
	err = s.do(ctx, tenant, func(ctx context.Context, at store.Store) (err error) {
		consents, next, err = at.Consents(ctx, tenant, after, limit)
		return err
	})
	return consents, next, err
}

// KnownLines implements store.KnownReader.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) ([]store.KnownLine, error) {
		return at.KnownLines(ctx, tenant, handles)
	})
}

// heard is the answer of Hear.
type heard struct {
	chat  uuid.UUID
	heard store.Heard
}

// Hear implements store.Inbox.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	h, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (h heard, err error) {
		h.chat, h.heard, err = at.Hear(ctx, tenant, m)
		return h, err
	})
	return h.chat, h.heard, err
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (store.Note, error) { return at.Note(ctx, tenant, name) })
}

// KeepNote implements store.Inbox.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (kept bool, err error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) (bool, error) { return at.KeepNote(ctx, tenant, was, now) })
}

// Things implements store.Things.
func (s *Store) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	return on(ctx, s, tenant, func(ctx context.Context, at store.Store) ([]store.Item, error) { return at.Things(ctx, tenant, things) })
}

// RemoveThings implements store.Things.
func (s *Store) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	return s.do(ctx, tenant, func(ctx context.Context, at store.Store) error { return at.RemoveThings(ctx, tenant, things) })
}
