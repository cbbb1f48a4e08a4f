package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// maxWalk is how many chats of a line are read to count those that wait for a
// failover.
const maxWalk = 100_000

// strangers finds lines that the store knows and no fleet file does: their chats
// fail over, as those of a flagged line do.
func (c *checkup) strangers(ctx context.Context, chats chatStore) error {
	for after := line.Change(0); len(c.known) > 0; {
		uses, last, err := chats.LineUse(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, u := range uses {
			if _, ours := c.fleet.Owner(u.Number); ours || !slices.Contains(c.known, u.Tenant) {
				continue
			}
			n, err := waiting(ctx, chats, u.Tenant, u.Number)
			if err != nil {
				return err
			}
			c.note("%s has sent for tenant %s and is in no fleet file; waiting for a failover: %v", u.Number, u.Tenant, n)
			c.moving[u.Tenant] = c.moving[u.Tenant].plus(n)
		}
		if after = last; len(uses) < pageSize {
			break
		}
	}
	return nil
}

// together says how the lines of a tenant stand by what the store has learned and
// counted, what waits for a failover, and what room there is for it.
func (c *checkup) together(ctx context.Context, chats chatStore, tenant string) error {
	if err := c.fleet.Sync(ctx, chats); err != nil {
		return err
	}
	view, err := c.fleet.Lines(ctx, tenant, c.now)
	if err != nil {
		return err
	}
	c.about("tenant %s, by what the store has learned", tenant)
	c.lines(tenant)
	moving := c.moving[tenant]
	var room int
	var unlimited bool
	for l := range view.All() {
		if !l.CanContinue() {
			n, err := waiting(ctx, chats, tenant, l.Number)
			if err != nil {
				return err
			}
			c.note("%s is %s; waiting for a failover: %v", l.Number, state(l), n)
			moving = moving.plus(n)
			continue
		}
		if until := c.fullUntil(l); !until.IsZero() {
			c.note("%s opens no chat before %s", l.Number, until.UTC().Format(time.RFC3339))
			continue
		}
		if l.Reputation == line.Critical {
			continue
		}
		unlimited = unlimited || l.Limits.NewChatsPerDay == 0
		room += max(0, l.Limits.NewChatsPerDay-l.NewChats)
	}
	switch {
	case moving.n == 0 || unlimited:
	case moving.n > room:
		c.wrong("waiting for a failover: %v, and the lines that are left can open %d today; the rest is refused until slots free", moving, room)
	default:
		c.ok("waiting for a failover: %v, and the lines that are left can open %d today", moving, room)
	}
	return nil
}

// fullUntil returns until when the line is over a limit, zero if it is not.
func (c *checkup) fullUntil(l line.Line) time.Time {
	until := l.NewChatsFullUntil
	if l.MessagesFullUntil.After(until) {
		until = l.MessagesFullUntil
	}
	if !until.After(c.now) {
		return time.Time{}
	}
	return until
}

func state(l line.Line) string {
	if l.Status == line.Flagged {
		return "flagged"
	}
	return "out of service"
}

// waiting counts the chats of a line that fail over with their next message:
// those that the line is still in, and that no other chat has taken over. Where
// the same people have another chat on a line that can continue, that one is
// reused instead, so the count may be a little high.
func waiting(ctx context.Context, chats store.ChatReader, tenant string, line recipients.Handle) (count, error) {
	var c count
	var after uuid.UUID
	for walked := 0; ; walked += pageSize {
		if walked >= maxWalk {
			c.more = true
			return c, nil
		}
		page, next, err := chats.ChatsOfLine(ctx, tenant, line, after, pageSize)
		if err != nil {
			return c, err
		}
		for _, chat := range page {
			if !chat.LineLeft && chat.Successor == uuid.Nil {
				c.n++
			}
		}
		if after = next; next == uuid.Nil {
			return c, nil
		}
	}
}

// count is a number of chats, or a lower bound of it.
type count struct {
	n    int
	more bool
}

func (c count) plus(d count) count { return count{c.n + d.n, c.more || d.more} }

func (c count) String() string {
	text := fmt.Sprintf("%d chats", c.n)
	if c.n == 1 {
		text = "1 chat"
	}
	if c.more {
		return "at least " + text
	}
	return text
}
