package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/packed"
)

// Claim implements store.Outbox. Claims pass over rows that other claims have
// locked, so any number of processes may claim.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if err := store.CheckLease(lease); err != nil {
		return nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	names := make([][]byte, len(except))
	for i, name := range except {
		names[i] = []byte(name)
	}
	var all []store.Claimed
	// If some could not be read, claim again: others may be due in their place.
	for {
		claimed, bads, err := s.claim(ctx, []any{wait(lease), limit - len(all), names})
		all = append(all, claimed...)
		switch {
		case err != nil && len(all) == 0:
			return nil, err
		case err != nil || len(bads) == 0:
			return all, nil
		}
		s.setAside(ctx, bads)
	}
}

// claim leases deliveries once. It returns those that cannot be read
// separately.
func (s *Store) claim(ctx context.Context, args []any) (claimed []store.Claimed, bads []unreadable, err error) {
	err = s.rows(ctx, s.sql.claim, args, func(rows pgx.Rows) error {
		var tenant []byte
		var token pgtype.UUID
		var unsettled, leaves bool
		var r deliveryRow
		if err := rows.Scan(&tenant, &r.chatID, &r.messageID, &token, &r.decidedAt, &r.attempts, &r.body, &unsettled, &leaves); err != nil {
			return err
		}
		d, bad := r.delivery()
		c := store.Claimed{
			Lease:    store.LeaseID{Tenant: string(tenant), MessageID: d.MessageID, Token: token.Bytes},
			Delivery: d, Attempts: r.attempts, Unsettled: unsettled, Leave: leaves, At: fromMicros(r.decidedAt),
		}
		if bad == nil {
			claimed = append(claimed, c)
			return nil
		}
		_ = s.aside.Add(store.UnreadableDelivery, c.Lease.Tenant, d.MessageID.String(), bad)
		bads = append(bads, unreadable{c.Lease, c.Attempts, aside.Newer(bad)})
		return nil
	})
	return claimed, bads, err
}

// unreadable is a delivery that was leased and cannot be read.
type unreadable struct {
	lease    store.LeaseID
	attempts int
	newer    bool
}

// setAside parks damaged deliveries, and delays those that a later release
// wrote. If that fails, their leases run out, and Claim finds them again.
func (s *Store) setAside(ctx context.Context, rows []unreadable) {
	for _, c := range rows {
		if c.newer {
			_ = s.Nack(ctx, c.lease, c.attempts-1, store.UnreadableWait)
		} else {
			_ = s.Park(ctx, c.lease, c.attempts-1, store.ParkedUnreadable)
		}
	}
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, lease store.LeaseID, d time.Duration) error {
	if err := store.CheckLease(d); err != nil {
		return err
	}
	return s.settle(ctx, lease, "renew", 0, d, 0)
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, lease store.LeaseID, attempts int) error {
	if err := store.CheckAttempts(attempts); err != nil {
		return err
	}
	return s.settle(ctx, lease, "try", attempts, 0, 0)
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, lease store.LeaseID) error {
	return s.settle(ctx, lease, "ack", 0, 0, 0)
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, lease store.LeaseID, attempts int, d time.Duration) error {
	if err := cmp.Or(store.CheckAttempts(attempts), store.CheckWait(d)); err != nil {
		return err
	}
	return s.settle(ctx, lease, "retry", attempts, d, 0)
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, lease store.LeaseID, attempts int, why store.ParkReason) error {
	if err := store.CheckPark(attempts, why); err != nil {
		return err
	}
	return s.settle(ctx, lease, "park", attempts, 0, why)
}

// Reroute implements store.Outbox. It is one round trip.
func (s *Store) Reroute(ctx context.Context, lease store.LeaseID, p *store.Plan) error {
	if err := store.CheckReroute(lease, p); err != nil {
		return err
	}
	args, err := commitArgs(p)
	if err != nil {
		return err
	}
	var outcome int16
	var freeAt pgtype.Int8
	args = append(args, id(lease.Token), p.MaxSkew.Microseconds())
	if err := s.call(ctx, s.sql.reroute, args, &outcome, &freeAt); err != nil {
		return s.tooFar(ctx, err, p.CheckClock)
	}
	return s.outcome(p, outcome, freeAt)
}

func (s *Store) settle(ctx context.Context, lease store.LeaseID, action string, attempts int, d time.Duration, why store.ParkReason) error {
	if err := store.CheckTenant(lease.Tenant); err != nil {
		return err
	}
	var held bool
	args := []any{[]byte(lease.Tenant), id(lease.MessageID), id(lease.Token), action, wait(d), attempts, int(why)}
	if err := s.call(ctx, s.sql.settle, args, &held); err != nil {
		return err
	}
	if !held {
		return fmt.Errorf("postgres: %w", store.ErrLeaseLost)
	}
	return nil
}

// wait returns a duration in the microseconds of the tables, at least 1 unless
// it is zero.
func wait(d time.Duration) int64 {
	if d == 0 {
		return 0
	}
	return max(d.Microseconds(), 1)
}

// Parked implements store.Outbox.
func (s *Store) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	var parked []store.ParkedDelivery
	err = s.rows(ctx, s.sql.parked, []any{[]byte(tenant), id(after), limit + 1}, func(rows pgx.Rows) error {
		var r deliveryRow
		var why aside.Fact
		if err := rows.Scan(&r.messageID, &r.chatID, &r.decidedAt, &r.attempts, &why, &r.body); err != nil {
			return err
		}
		d, bad := r.delivery()
		if bad != nil {
			_ = s.aside.Add(store.UnreadableDelivery, tenant, d.MessageID.String(), bad)
			d = store.Delivery{MessageID: d.MessageID, ChatID: d.ChatID}
		}
		parked = append(parked, store.ParkedDelivery{Delivery: d, Attempts: r.attempts, Why: store.ParkReason(why.Byte()), At: fromMicros(r.decidedAt)})
		return nil
	})
	if err != nil || len(parked) <= limit {
		return parked, uuid.Nil, err
	}
	parked = parked[:limit]
	return parked, parked[limit-1].Delivery.MessageID, nil
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	return s.parkedOne(ctx, s.sql.release, tenant, id(messageID), leave)
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, s.sql.dropParked, tenant, id(messageID))
}

func (s *Store) parkedOne(ctx context.Context, sql, tenant string, args ...any) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	var found bool
	if err := s.call(ctx, sql, append([]any{[]byte(tenant)}, args...), &found); err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("postgres: no parked delivery: %w", store.ErrNoRecord)
	}
	return nil
}

// Backlog implements store.Outbox. It reads all deliveries: call it now and
// then, not for every message.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	var b store.Backlog
	var oldest pgtype.Int8
	if err := s.call(ctx, s.sql.queue, nil, &b.Waiting, &b.Parked, &oldest); err != nil {
		return store.Backlog{}, err
	}
	if oldest.Valid {
		b.Oldest = fromMicros(oldest.Int64)
	}
	return b, nil
}

// deliveryRow is a row of the table delivery.
type deliveryRow struct {
	messageID, chatID pgtype.UUID
	decidedAt         int64
	attempts          int
	body              []byte
}

func (r *deliveryRow) delivery() (store.Delivery, error) {
	d := store.Delivery{MessageID: r.messageID.Bytes, ChatID: r.chatID.Bytes}
	err := packed.ReadDelivery(r.body, &d)
	return d, err
}
