package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, lease store.LeaseID, d time.Duration) error {
	if err := store.CheckLease(d); err != nil {
		return err
	}
	return s.settle(ctx, lease, func(t *tx, l *leased) error {
		_, err := t.exec("renew", l.tenant, l.chat, l.now+wait(d))
		return err
	})
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, lease store.LeaseID, attempts int) error {
	if err := store.CheckAttempts(attempts); err != nil {
		return err
	}
	return s.settle(ctx, lease, func(t *tx, l *leased) error {
		_, err := t.exec("tried", l.seq, attempts)
		return err
	})
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, lease store.LeaseID) error {
	return s.settle(ctx, lease, ack)
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, lease store.LeaseID, attempts int, d time.Duration) error {
	if err := cmp.Or(store.CheckAttempts(attempts), store.CheckWait(d)); err != nil {
		return err
	}
	return s.settle(ctx, lease, func(t *tx, l *leased) error {
		return l.giveBack(t, "retry", attempts, l.now+wait(d))
	})
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, lease store.LeaseID, attempts int, why store.ParkReason) error {
	if err := store.CheckPark(attempts, why); err != nil {
		return err
	}
	return s.settle(ctx, lease, func(t *tx, l *leased) error {
		return l.giveBack(t, "park", attempts, int64(why))
	})
}

// Reroute implements store.Outbox.
func (s *Store) Reroute(ctx context.Context, lease store.LeaseID, p *store.Plan) error {
	if err := store.CheckReroute(lease, p); err != nil {
		return err
	}
	c := newCommit(p, micros(s.now()))
	body, due := c.delivery, c.now
	if c.delivery = nil; !c.NotBefore.IsZero() {
		due = micros(c.NotBefore)
	}
	err := s.settle(ctx, lease, func(t *tx, l *leased) error {
		if l.forgotten {
			return fmt.Errorf("sqlite: %w", store.ErrLeaseLost)
		}
		if _, err := t.exec("remove record", []byte(c.Tenant), c.messageID); err != nil {
			return err
		}
		if err := c.run(t); err != nil {
			return err
		}
		if err := l.end(t, "move delivery", c.ChatID[:], micros(c.At), due, body); err != nil {
			return err
		}
		return t.join(l.tenant, c.ChatID[:], l.now)
	})
	if err == nil {
		s.traffic.Add(tally.Count{Tenant: p.Tenant, Line: p.Line, Hour: line.HourOf(p.At), Messages: 1})
	}
	return err
}

// join queues a chat, due when its head is, unless one of its deliveries is
// leased.
func (t *tx) join(tenant int64, chat []byte, now int64) error {
	var due int64
	var leased sql.NullInt64
	if _, err := t.row("queued", []any{tenant, chat}, &due, &leased); err != nil {
		return err
	}
	if leased.Valid && due > now {
		return nil
	}
	return t.requeue(tenant, chat)
}

// leased is a delivery that is leased to the caller.
type leased struct {
	seq, tenant int64
	chat        []byte
	forgotten   bool
	now         int64
}

// giveBack is end, but it removes a delivery that was forgotten.
func (l *leased) giveBack(t *tx, statement string, args ...any) error {
	if l.forgotten {
		return l.end(t, "remove delivery")
	}
	return l.end(t, statement, args...)
}

// end runs a statement about the delivery and ends its lease.
func (l *leased) end(t *tx, statement string, args ...any) error {
	if _, err := t.exec(statement, append([]any{l.seq}, args...)...); err != nil {
		return err
	}
	return t.requeue(l.tenant, l.chat)
}

func (s *Store) settle(ctx context.Context, lease store.LeaseID, do func(*tx, *leased) error) error {
	if err := store.CheckTenant(lease.Tenant); err != nil {
		return err
	}
	now := micros(s.now())
	return s.write(ctx, func(t *tx) error { return t.settle(lease, now, do) })
}

// wait returns a duration in microseconds, at least 1 unless it is zero.
func wait(d time.Duration) int64 { return max(d.Microseconds(), min(1, int64(d))) }

// Backlog implements store.Outbox. It reads all deliveries: call it now and
// then, not for every message.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	var b store.Backlog
	var oldest sql.NullInt64
	if _, err := s.read(ctx, "backlog", []any{micros(s.now())}, &b.Waiting, &b.Parked, &oldest); err != nil {
		return store.Backlog{}, err
	}
	if oldest.Valid {
		b.Oldest = fromMicros(oldest.Int64)
	}
	return b, nil
}
