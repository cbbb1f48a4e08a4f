package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// checkup is one run of fromline doctor.
type checkup struct {
	out     io.Writer
	colours bool
	now     time.Time
	fleet   *fleet.Fleet // the lines of every file that could be read
	known   []string     // whose lines they are
	guard   line.Guard
	wrongs  int

	progress *progress // nil tells none

	census map[string]*census // by tenant
	moving map[string]int     // by tenant, chats on lines that its fleet does not have
}

func (c *checkup) about(format string, args ...any) {
	c.progress.clear()
	fmt.Fprintf(c.out, format+"\n", args...)
}
func (c *checkup) ok(format string, args ...any)   { c.about(c.word(green, "ok   ")+format, args...) }
func (c *checkup) note(format string, args ...any) { c.about(c.word(yellow, "note ")+format, args...) }
func (c *checkup) wrong(format string, args ...any) {
	c.wrongs++
	c.about(c.word(red, "wrong")+format, args...)
}

// word is what a finding begins with.
func (c *checkup) word(in colour, text string) string { return "  " + in.in(text, c.colours) + "  " }

// fleets reads the fleet files.
func (c *checkup) fleets(files ofTenants, policy fleet.Policy, guard line.Guard) {
	c.guard = guard
	lines, err := fleet.New(fleet.Options{Policy: policy, Guard: guard})
	if err != nil {
		c.wrong("%v", err)
		return
	}
	c.fleet = lines
	for _, tenant := range slices.Sorted(maps.Keys(files.values)) {
		path := files.values[tenant][0]
		c.about("fleet of tenant %s, %s", tenant, path)
		text, err := readText(path)
		if err != nil {
			c.wrong("%v", err)
			continue
		}
		warnings, err := c.fleet.Load(tenant, text)
		for _, w := range warnings {
			c.note("%v", w)
		}
		if err != nil {
			c.wrong("%v", err)
			continue
		}
		c.known = append(c.known, tenant)
		c.lines(tenant)
	}
}

// lines says how many lines of a tenant can open a chat, and why others cannot.
func (c *checkup) lines(tenant string) {
	view, err := c.fleet.View(context.Background(), tenant, c.now)
	if err != nil {
		c.wrong("%v", err)
		return
	}
	n := view.PassedOver(fleet.Query{})
	tell := c.ok
	if n.Eligible == 0 {
		tell = c.wrong
	}
	tell("%d of %s can open chats; %d flagged, %d out of service, %d critical, %d full of new chats, %d paced, %d full of messages",
		n.Eligible, plural(view.Len(), "line"), n.Flagged, n.Ineligible, n.Critical, n.NewChatLimit, n.Pace, n.MessageLimit)
	c.unknownStarts(view)
}

// How the store is looked at: so many look-ups are timed, and a delivery waits
// too long when the ten attempts of a dispatcher ought to be over.
const (
	lookups  = 20
	tooLong  = time.Hour
	pageSize = store.MaxPage
)

// store looks at the store and, where the fleet is known, at both together.
func (c *checkup) store(ctx context.Context, name string) {
	c.about("store")
	chats, err := opened(ctx, name, c.progress, lookAtStore)
	if err != nil {
		c.wrong("%v", err)
		return
	}
	defer chats.Close()
	c.look(ctx, chats)
}

// look looks at an open store, and changes nothing.
func (c *checkup) look(ctx context.Context, chats store.Store) {
	c.moving = map[string]int{}
	down := partsDown(ctx, chats)
	for _, name := range slices.Sorted(maps.Keys(down)) {
		c.wrong("part %s: %s", name, down[name])
	}
	err := errors.Join(c.clock(ctx, chats), c.lookUp(ctx, chats), c.backlog(ctx, chats), c.walk(ctx, chats))
	for _, tenant := range c.known {
		err = errors.Join(err, c.together(ctx, chats, tenant))
	}
	rows, n := unreadable(chats)
	for _, row := range rows {
		c.wrong("%s: it is set aside, and all else goes on", row)
	}
	if n > len(rows) {
		c.wrong("%d rows cannot be read", n)
	}
	if err != nil {
		c.wrong("%v", err)
	}
}

// clock compares the clock of this machine with that of the store.
func (c *checkup) clock(ctx context.Context, chats store.Clocked) error {
	at, err := chats.Now(ctx)
	if err != nil {
		return err
	}
	if ahead := time.Now().Round(0).Sub(at); ahead.Abs() > maxSkew {
		c.wrong("%v", &store.ClockError{Ahead: ahead, Allowed: maxSkew})
	}
	return nil
}

// maxSkew is how far the clock of a server may be from that of its store.
const maxSkew = 5 * time.Minute

// lookUp times look-ups of people without a chat.
func (c *checkup) lookUp(ctx context.Context, chats store.ChatStore) error {
	stranger, err := recipients.Canonicalize([]string{"nobody@example.invalid"})
	if err != nil {
		return err
	}
	var took []time.Duration
	for range lookups {
		start := time.Now()
		if _, err := chats.Lookup(ctx, store.Query{Tenant: defaultTenant, Set: stranger.Key()}); err != nil {
			return err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	c.ok("it can be read: of %d look-ups the middle one took %v, the slowest %v", lookups,
		took[lookups/2].Round(time.Microsecond), took[lookups-1].Round(time.Microsecond))
	return nil
}

// backlog says what waits to be handed over.
func (c *checkup) backlog(ctx context.Context, outbox store.Outbox) error {
	b, err := outbox.Backlog(ctx)
	if err != nil {
		return err
	}
	age := c.now.Sub(b.Oldest).Round(time.Second)
	switch {
	case b.Waiting == 0:
		c.ok("nothing waits to be delivered")
	case age < tooLong:
		c.ok("%s, the oldest for %v", counted(b.Waiting, "delivery waits", "deliveries wait"), age)
	default:
		c.wrong("%s, the oldest for %v: is serve, or another dispatcher, running?", counted(b.Waiting, "delivery waits", "deliveries wait"), age)
	}
	if b.Parked > 0 {
		c.wrong("%s: fromline parked list says why, and what to do", counted(b.Parked, "delivery is parked", "deliveries are parked"))
	}
	return nil
}
