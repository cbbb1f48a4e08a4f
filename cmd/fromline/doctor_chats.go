package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// census is what a walk over the chats of a tenant finds. It does not grow with
// the chats.
type census struct {
	chats int
	lines map[recipients.Handle]*lineChats
	rest  lineChats // of lines beyond maxLines

	unreachable, crowded, ahead finding
}

// lineChats are the chats of a line.
type lineChats struct {
	all     int
	waiting int // would fail over: the line has not left, and no other chat has taken over
}

// finding counts chats with something wrong, and remembers the first.
type finding struct {
	n     int
	first uuid.UUID
	what  string
}

func (f *finding) add(id uuid.UUID, what string) {
	if f.n++; f.n == 1 {
		f.first, f.what = id, what
	}
}

func (f *finding) String() string {
	if f.n == 1 {
		return fmt.Sprintf("1 chat, %s: %s", f.first, f.what)
	}
	return fmt.Sprintf("%s, the first %s: %s", plural(f.n, "chat"), f.first, f.what)
}

// How many lines of a tenant are counted each, and how many are told each.
const (
	maxLines  = 10_000
	linesTold = 40
)

// take counts one chat.
func (c *census) take(chat store.Chat, now time.Time) {
	c.chats++
	line := c.lines[chat.Line]
	switch {
	case line == nil && len(c.lines) < maxLines:
		line = new(lineChats)
		c.lines[chat.Line] = line
	case line == nil:
		line = &c.rest
	}
	line.all++
	if chat.LineLeft {
		return
	}
	if chat.Successor == uuid.Nil {
		line.waiting++
	}
	if chat.Roster.Len() > recipients.MaxRecipients {
		c.crowded.add(chat.ID, fmt.Sprintf("%d people", chat.Roster.Len()))
	}
	for _, h := range chat.Roster.Set().All() {
		if wrong := unreachable(h); wrong != nil {
			c.unreachable.add(chat.ID, fmt.Sprintf("%s (%s)", h.Masked(), wrong.Rule))
			break
		}
	}
	if at := later(chat.CreatedAt, chat.ActiveAt); at.After(now.Add(maxAhead)) {
		c.ahead.add(chat.ID, at.UTC().Format(time.RFC3339))
	}
}

// unreachable says why no send can name a phone number, nil if one can.
// Addresses are what they were: no table of numbers tells of them.
func unreachable(h recipients.Handle) *recipients.Error {
	if !h.IsPhone() {
		return nil
	}
	_, err := recipients.Parse(h.String())
	wrong, _ := errors.AsType[*recipients.Error](err)
	return wrong
}

// walk counts the chats of every tenant.
func (c *checkup) walk(ctx context.Context, chats store.ChatWalker) error {
	c.census = map[string]*census{}
	return eachTenant(ctx, chats, func(tenant string) error {
		found, err := takeCensus(ctx, chats, tenant, c.now, c.progress)
		switch {
		case errors.Is(err, store.ErrUnreadable): // where the tenant lives: the others go on
			c.about("chats of tenant %s", tenant)
			c.wrong("%v", err)
			return nil
		case err == nil:
			c.census[tenant] = found
			c.tellCensus(tenant)
		}
		return err
	})
}

// eachTenant calls a function for every tenant that has chats, in order.
func eachTenant(ctx context.Context, chats store.ChatWalker, do func(tenant string) error) error {
	for after := ""; ; {
		tenants, err := chats.Tenants(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, tenant := range tenants {
			if err := do(tenant); err != nil {
				return err
			}
			after = tenant
		}
		if len(tenants) < pageSize {
			return nil
		}
	}
}

func takeCensus(ctx context.Context, chats store.ChatWalker, tenant string, now time.Time, p *progress) (*census, error) {
	c := &census{lines: map[recipients.Handle]*lineChats{}}
	began := time.Now()
	var walked walk
	for after := uuid.Nil; ; {
		page, next, err := chats.ChatsOfTenant(ctx, tenant, after, pageSize)
		if err != nil {
			return nil, err
		}
		for _, chat := range page {
			c.take(chat, now)
			walked.take(chat.ID)
		}
		p.tellShare(fmt.Sprintf("chats of tenant %s: %d", tenant, c.chats), c.chats, walked.share(next, now), began)
		if after = next; next == uuid.Nil {
			return c, nil
		}
	}
}

// tellCensus says what the walk found for a tenant.
func (c *checkup) tellCensus(tenant string) {
	found := c.census[tenant]
	c.about("chats of tenant %s", tenant)
	c.ok("%s on %s", plural(found.chats, "chat"), plural(len(found.lines), "line"))
	busiest := slices.SortedFunc(maps.Keys(found.lines), func(a, b recipients.Handle) int {
		return cmp.Or(cmp.Compare(found.lines[b].all, found.lines[a].all), a.Compare(b))
	})
	ours := slices.Contains(c.known, tenant)
	told, strangers := 0, 0
	for _, number := range busiest {
		line := found.lines[number]
		owner, known := c.fleet.Owner(number)
		switch {
		case !ours || known && owner == tenant || line.waiting == 0:
			if told++; told <= linesTold {
				c.ok("%s: %s", number.String(), plural(line.all, "chat"))
			}
			continue
		case known:
			c.wrong("%s: %s, but the line is of tenant %s: each fails over with its next message", number.String(), plural(line.waiting, "chat"), owner)
		default:
			c.wrong("%s: %s, but no fleet file has the line: each fails over with its next message, if you do not add the line", number.String(), plural(line.waiting, "chat"))
		}
		strangers += line.waiting
	}
	if told > linesTold {
		c.ok("%s more, with fewer chats each", plural(told-linesTold, "line"))
	}
	c.moving[tenant] += strangers
	if !ours && len(c.known) > 0 && !slices.Contains(c.broken, tenant) {
		c.note("no fleet file of tenant %s is given: type -fleet %[1]s=FILE to have its lines checked", tenant)
	}
	if found.rest.all > 0 {
		c.note("%s on lines beyond the first %d, which are not counted one by one", plural(found.rest.all, "chat"), maxLines)
	}
	if found.unreachable.n > 0 {
		c.wrong("people whom no send can name are in %v: no send finds it; if you know the right number, import the chat again with -on-difference update", &found.unreachable)
	}
	if found.crowded.n > 0 {
		c.note("more people than a send can name (%d) are in %v: no message can go into such a chat until people leave it", recipients.MaxRecipients, &found.crowded)
	}
	if found.ahead.n > 0 {
		c.wrong("a time ahead of the clock of this machine is in %v: until then it counts as the most recently active chat of its people; check the clock (date -u)", &found.ahead)
	}
}
