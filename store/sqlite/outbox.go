package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
	"github.com/fromline/fromline/store/internal/tally"
)

// Claim implements store.Outbox.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if err := store.CheckLease(lease); err != nil {
		return nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	claim := &claim{now: micros(s.now()), lease: wait(lease), limit: limit, except: joinNames(except), unreadable: &s.aside}
	if err := s.write(ctx, claim.run); err != nil {
		return nil, err
	}
	claimed := make([]store.Claimed, len(claim.heads))
	for i, h := range claim.heads {
		claimed[i] = store.Claimed{
			Lease:    store.LeaseID{Tenant: h.tenant, MessageID: h.delivery.MessageID, Token: h.token},
			Delivery: h.delivery, Attempts: h.row.attempts + 1, Unsettled: h.leased.Valid && h.leased.Int64 == h.seq,
			Leave: h.leaves, At: fromMicros(h.row.decidedAt),
		}
	}
	return claimed, nil
}

// heldFor is how long Claim leaves a chat alone that waits for another chat.
const heldFor = 200 * time.Millisecond

// claim leases the heads of the chats that are due.
type claim struct {
	now, lease int64
	limit      int
	except     string // see joinNames
	unreadable *aside.Rows
	heads      []head
}

// joinNames joins names of tenants for the statement "due chats", each in
// hexadecimal digits between commas. No names give the empty text.
func joinNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	joined := []byte{','}
	for _, name := range names {
		joined = append(hex.AppendEncode(joined, []byte(name)), ',')
	}
	return strings.ToUpper(string(joined))
}

// head is the first delivery of a chat that is not parked.
type head struct {
	tenantID  int64
	tenant    string
	chat      []byte
	seq, due  int64
	forgotten bool
	leaves    bool
	leased    sql.NullInt64 // the delivery whose lease ran out
	token     uuid.UUID
	row       deliveryRow
	delivery  store.Delivery // the body of the row
}

func (c *claim) run(t *tx) error {
	c.heads = nil
	for len(c.heads) < c.limit {
		more, err := c.some(t, c.limit-len(c.heads))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// some leases the heads of at most limit chats. It reports whether it set some
// aside, so that more chats may be due.
func (c *claim) some(t *tx, limit int) (more bool, err error) {
	var due []head
	err = t.rows("due chats", []any{c.now, limit, c.except}, func(r *sql.Rows) error {
		var tenant []byte
		var h head
		err := r.Scan(&h.tenantID, &tenant, &h.chat, &h.leased)
		h.tenant = string(tenant)
		due = append(due, h)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, h := range due {
		found, err := t.head(&h)
		if err != nil {
			return false, err
		}
		if !found || h.forgotten {
			if err := t.drop(&h, found); err != nil {
				return false, err
			}
			continue
		}
		held := false
		if h.leased.Int64 != h.seq {
			if _, err := t.row("held", []any{h.tenantID, h.chat, h.seq}, &held); err != nil {
				return false, err
			}
		}
		if held {
			if _, err := t.exec("hold", h.tenantID, h.chat, c.now+wait(heldFor)); err != nil {
				return false, err
			}
			continue
		}
		if h.delivery, err = h.row.delivery(); err != nil {
			if err := c.setAside(t, &h, err); err != nil {
				return false, err
			}
			more = true
			continue
		}
		h.token = uuid.New()
		if _, err := t.exec("lease", h.tenantID, h.chat, c.now+c.lease, h.token[:], h.seq); err != nil {
			return false, err
		}
		c.heads = append(c.heads, h)
	}
	return more, nil
}

// setAside parks the head of a chat if it is damaged, and delays it if a later
// release wrote it.
func (c *claim) setAside(t *tx, h *head, why error) error {
	_ = c.unreadable.Add(store.UnreadableDelivery, h.tenant, idOf(h.row.messageID).String(), why)
	if aside.Newer(why) {
		_, err := t.exec("queue due", h.tenantID, h.chat, c.now+wait(store.UnreadableWait))
		return err
	}
	if _, err := t.exec("park", h.seq, h.row.attempts, int64(store.ParkedUnreadable)); err != nil {
		return err
	}
	return t.requeue(h.tenantID, h.chat)
}

// head reads the head of a chat.
func (t *tx) head(h *head) (found bool, err error) {
	r := &h.row
	found, err = t.row("head", []any{h.tenantID, h.chat}, &h.seq, &r.messageID, &r.decidedAt, &h.due, &r.attempts, (*truth)(&h.forgotten), (*truth)(&h.leaves), &r.body)
	r.chatID = h.chat
	return found, err
}

// drop removes the head of a chat, if there is one, and queues the chat again.
func (t *tx) drop(h *head, found bool) error {
	if found {
		if _, err := t.exec("remove delivery", h.seq); err != nil {
			return err
		}
	}
	return t.requeue(h.tenantID, h.chat)
}

// requeue ends the lease of a chat and makes the chat due when its head is.
func (t *tx) requeue(tenant int64, chat []byte) error {
	h := head{tenantID: tenant, chat: chat}
	found, err := t.head(&h)
	if err != nil {
		return err
	}
	if !found {
		_, err = t.exec("unqueue", tenant, chat)
	} else {
		_, err = t.exec("queue due", tenant, chat, h.due)
	}
	return err
}

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
	c, err := newCommit(p, micros(s.now()))
	if err != nil {
		return err
	}
	body, due := c.delivery, c.now
	if c.delivery = nil; !c.NotBefore.IsZero() {
		due = micros(c.NotBefore)
	}
	err = s.settle(ctx, lease, func(t *tx, l *leased) error {
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
func wait(d time.Duration) int64 {
	if 0 < d && d < time.Microsecond {
		return 1
	}
	return d.Microseconds()
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
	args := []any{[]byte(tenant), after[:], limit + 1}
	parked, err := readAll(ctx, s, "parked", args, func(rows *sql.Rows) (p store.ParkedDelivery, err error) {
		var r deliveryRow
		var why aside.Fact
		if err := rows.Scan(&r.messageID, &r.chatID, &r.decidedAt, &r.attempts, &why, &r.body); err != nil {
			return p, err
		}
		d, bad := r.delivery()
		if bad != nil {
			_ = s.aside.Add(store.UnreadableDelivery, tenant, d.MessageID.String(), bad)
			d = store.Delivery{MessageID: d.MessageID, ChatID: d.ChatID}
		}
		return store.ParkedDelivery{Delivery: d, Attempts: r.attempts, Why: store.ParkReason(why.Byte()), At: fromMicros(r.decidedAt)}, nil
	})
	if err != nil || len(parked) <= limit {
		return parked, uuid.Nil, err
	}
	parked = parked[:limit]
	return parked, parked[limit-1].Delivery.MessageID, nil
}

// Release implements store.Outbox. It does not end the lease of another
// delivery of the chat.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	now := micros(s.now())
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, seq, tenantID int64, chat []byte) error {
		if _, err := t.exec("release", seq, now, leave); err != nil {
			return err
		}
		return t.join(tenantID, chat, now)
	})
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, seq, _ int64, _ []byte) error {
		_, err := t.exec("remove delivery", seq)
		return err
	})
}

func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(t *tx, seq, tenantID int64, chat []byte) error) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		var seq, tenantID int64
		var chat []byte
		found, err := t.row("parked one", []any{[]byte(tenant), messageID[:]}, &seq, &tenantID, &chat)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("sqlite: no parked delivery: %w", store.ErrNoRecord)
		}
		return do(t, seq, tenantID, chat)
	})
}

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
