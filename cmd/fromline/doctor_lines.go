package main

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// together says how the lines of a tenant stand by what the store has learned
// and counted, what waits for a failover, and what room there is for it.
func (c *checkup) together(ctx context.Context, chats store.Store, tenant string) error {
	if err := c.fleet.Sync(ctx, chats); err != nil {
		return err
	}
	view, err := c.fleet.View(ctx, tenant, c.now)
	if err != nil {
		return err
	}
	c.about("tenant %s, by what the store has learned", tenant)
	c.lines(tenant)
	if err := c.assigned(ctx, chats, tenant, view); err != nil {
		return err
	}
	moving := c.moving[tenant]
	var room int
	var unlimited bool
	for l := range view.All() {
		if !l.CanContinue() {
			n := c.waiting(tenant, l.Number)
			c.note("%s is %s; waiting for a failover: %s", l.Number.String(), state(l), plural(n, "chat"))
			moving += n
			continue
		}
		if until := c.fullUntil(l); !until.IsZero() {
			c.note("%s is at a limit: it opens no chat before %s", l.Number.String(), until.UTC().Format(time.RFC3339))
			continue
		}
		if l.Reputation == line.Critical {
			continue
		}
		taker := view.Find(l.Number)
		spare, bounded := l.Allowance-l.NewChats, l.Allowance > 0
		if share := taker.FailoverLimit(); share > 0 && (!bounded || share-l.Failovers < spare) {
			spare, bounded = share-l.Failovers, true
		}
		unlimited = unlimited || !bounded
		room += max(0, spare)
	}
	switch {
	case moving == 0 || unlimited:
	case moving > room:
		c.wrong("waiting for a failover: %s, and the lines that are left can open %d today; sends to the rest are refused until a limit has room again: add lines", plural(moving, "chat"), room)
	default:
		c.ok("waiting for a failover: %s, and the lines that are left can open %d today", plural(moving, "chat"), room)
	}
	c.heaviest(tenant, view)
	return nil
}

// assigned tells the numbers that the vendor has assigned to us and that the
// fleet of the tenant does not have.
func (c *checkup) assigned(ctx context.Context, states store.LineStates, tenant string, view fleet.View) error {
	for after := line.Change(0); ; {
		page, last, err := states.LineStates(ctx, after, store.MaxPage)
		if err != nil {
			return err
		}
		for _, s := range page {
			if s.Tenant == tenant && s.Ownership == line.Assigned && !view.Find(s.Number).IsValid() {
				c.note("%s was assigned to us, and the fleet file does not have it: add it, or start serve with -assigned FILE", s.Number.String())
			}
		}
		if len(page) < store.MaxPage {
			return nil
		}
		after = last
	}
}

// waiting returns how many chats of a line fail over with their next message.
// Where the same people have another chat on a line that can continue, that one
// is reused instead, so the count may be a little high.
func (c *checkup) waiting(tenant string, number recipients.Handle) int {
	if found := c.census[tenant]; found != nil && found.lines[number] != nil {
		return found.lines[number].waiting
	}
	return 0
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
