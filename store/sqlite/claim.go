package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
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
