package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/tally"
)

// Commit implements store.ChatStore. Commits that wait together are synced to
// the disk together.
func (s *Store) Commit(ctx context.Context, p *store.Plan) error {
	_, err := s.commit(ctx, p, uuid.Nil, 0)
	return err
}

// commit commits a plan. If the token is not zero, it leases the delivery under
// it; leased reports whether it did.
func (s *Store) commit(ctx context.Context, p *store.Plan, token uuid.UUID, lease time.Duration) (leased bool, err error) {
	if err := p.Check(); err != nil {
		return false, err
	}
	c := newCommit(p, micros(s.now()))
	if c.token = token; token != uuid.Nil {
		c.until = c.now + wait(lease)
	}
	if err := s.write(ctx, c.run); err != nil {
		return false, err
	}
	s.traffic.Add(tally.Count{Tenant: p.Tenant, Line: p.Line, Hour: line.HourOf(p.At), Messages: 1})
	return c.leased, nil
}

// commit is a plan on its way to the writer. It holds packed copies, because it
// may run after Commit has returned.
type commit struct {
	store.Plan // without the slices that the caller shares
	opens      bool
	now        int64
	record     []byte
	delivery   []byte
	keepUntil  int64
	messageID  []byte
	key        any

	token  uuid.UUID // of the lease that the caller wants, zero for none
	until  int64
	leased bool // whether the lease was given
}

func newCommit(p *store.Plan, now int64) *commit {
	c := &commit{
		Plan: *p, opens: p.Reason != store.ReusedActiveChat, now: now,
		record: packed.Record(&p.Record), keepUntil: micros(p.KeepUntil),
		messageID: p.MessageID[:], key: orNull([]byte(p.Key)),
	}
	c.messageID = append([]byte(nil), c.messageID...)
	if d, wanted := p.Delivery(); wanted {
		c.delivery = packed.Delivery(&d)
	}
	c.Roster, c.Attachments, c.Notes, c.Content = store.Roster{}, nil, nil, nil
	return c
}

// run checks the whole plan, and writes only then.
func (c *commit) run(t *tx) error {
	var tenant, set, revision int64
	var taken bool
	if err := c.CheckClock(fromMicros(c.now)); err != nil {
		return err
	}
	basis := []any{[]byte(c.Tenant), keyBytes(c.Set.Key()), c.messageID, c.key}
	_, err := t.row("basis", basis, &tenant, &set, &revision, &taken)
	if err != nil {
		return err
	}
	if store.Revision(revision) != c.Revision {
		return &store.Conflict{Kind: store.RevisionMoved}
	}
	if taken {
		return &store.Conflict{Kind: store.KeyTaken}
	}
	var use line.Use
	if c.opens {
		if use, err = t.use(tenant, c.Line); err != nil {
			return err
		}
		if conflict := c.Bounded(&use); conflict != nil {
			return conflict
		}
	}
	chat, err := t.chat(tenant, c.ChatID)
	if err != nil {
		return err
	}
	if err := c.contradiction(t, tenant, set, &chat); err != nil {
		return err
	}
	if tenant, err = t.needTenant(tenant, c.Tenant); err != nil {
		return err
	}
	if c.opens {
		c.AddOpening(&use)
		err = c.open(t, tenant, set, use)
	} else {
		err = c.reuse(t, tenant, &chat)
	}
	if err != nil {
		return err
	}
	return c.keep(t, tenant)
}

// contradiction returns an error if the plan contradicts the chats of its own
// revision.
func (c *commit) contradiction(t *tx, tenant int64, set int64, chat *chatRow) error {
	what := ""
	switch {
	case c.opens && chat.exists():
		what = "the chat to be opened exists"
	case !c.opens && !chat.matches(set):
		what = "the chat to be reused is not one of the set"
	case !c.opens && chat.line != int64(c.Line.Digits()):
		what = "the chat to be reused is on another line"
	}
	if what == "" && c.Reason == store.FailoverFlagged {
		abandoned, err := t.chat(tenant, c.PreviousChatID)
		if err != nil {
			return err
		}
		if !abandoned.matches(set) {
			what = "the abandoned chat is not one of the set"
		}
	}
	if what == "" && c.delivery != nil {
		var exists bool
		if _, err := t.row("delivery exists", []any{tenant, c.messageID}, &exists); err != nil {
			return err
		}
		if exists {
			what = "a delivery of that message, whose record was purged, is still in the outbox"
		}
	}
	if what != "" {
		return fmt.Errorf("sqlite: %w: %s", store.ErrInvalid, what)
	}
	return nil
}

// open adds a chat, and makes it more recently active than the others of its
// set.
func (c *commit) open(t *tx, tenant int64, set int64, use line.Use) error {
	names, err := members(c.Set)
	if err != nil {
		return err
	}
	at := micros(c.At)
	activeAt := at
	if set != 0 {
		var latest sql.NullInt64
		if _, err := t.row("latest activity", []any{set}, &latest); err != nil {
			return err
		}
		if latest.Valid {
			activeAt = max(at, latest.Int64+1)
		}
	}
	setID, err := t.needSet(set, tenant, c.Set)
	if err != nil {
		return err
	}
	roster := packed.Roster(store.NewRoster(c.Set, c.At))
	_, err = t.exec("add chat", tenant, c.ChatID[:], setID, int64(c.Line.Digits()), at, activeAt, 0, false, roster)
	if err != nil {
		return err
	}
	if err := t.addNames(tenant, c.ChatID, names); err != nil {
		return err
	}
	if c.Reason == store.FailoverFlagged {
		if _, err := t.exec("set successor", tenant, c.PreviousChatID[:], c.ChatID[:], at); err != nil {
			return err
		}
	}
	return t.setUse(tenant, use)
}

// reuse makes a chat active and clears the note of its successor.
func (c *commit) reuse(t *tx, tenant int64, chat *chatRow) error {
	moved, err := t.touch(tenant, chat, micros(c.At))
	if err != nil {
		return err
	}
	if chat.successor != nil {
		moved = true
		if _, err := t.exec("set successor", tenant, chat.id, nil, nil); err != nil {
			return err
		}
	}
	if !moved {
		return nil
	}
	return t.moveRevision(chat.setID.Int64)
}

// keep adds the record and the delivery.
func (c *commit) keep(t *tx, tenant int64) error {
	added, err := t.exec("add record", tenant, c.messageID, c.ChatID[:], c.key, c.keepUntil, c.record)
	if err != nil {
		return err
	}
	if added == 0 {
		return &store.Conflict{Kind: store.KeyTaken}
	}
	if c.delivery == nil {
		return nil
	}
	due := c.now
	if !c.NotBefore.IsZero() {
		due = micros(c.NotBefore)
	}
	seq, err := t.insert("add delivery", tenant, c.ChatID[:], c.messageID, micros(c.At), due, c.delivery)
	if err != nil {
		return err
	}
	if c.token != uuid.Nil && due <= c.now {
		if c.leased, err = t.leaseNew(tenant, c, seq); err != nil {
			return err
		}
	}
	if !c.leased {
		_, err = t.exec("enqueue", tenant, c.ChatID[:], due)
	}
	return err
}
