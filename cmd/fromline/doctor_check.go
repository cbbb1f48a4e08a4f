package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
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
	broken  []string     // whose file could not be used
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
		if err == nil {
			var warnings []fleet.Warning
			warnings, err = c.fleet.Load(tenant, text)
			for _, w := range warnings {
				c.note("%v", w)
			}
		}
		if err != nil {
			c.wrong("%v", err)
			c.broken = append(c.broken, tenant)
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
	tell("%d of %s can open chats%s", n.Eligible, plural(view.Len(), "line"), why(n))
	c.unknownStarts(view)
}

// why counts the causes for which lines cannot open chats, in the words of a
// refusal.
func why(n fleet.Counts) string {
	var causes []string
	for _, cause := range []struct {
		lines int
		words string
	}{
		{n.Flagged, "flagged"}, {n.Ineligible, "out of service"}, {n.Critical, "critical"},
		{n.NewChatLimit, "at the new-chat limit"}, {n.Pace, "held back by the pace of the guard"}, {n.MessageLimit, "at the message limit"},
	} {
		if cause.lines > 0 {
			causes = append(causes, fmt.Sprintf("%d %s", cause.lines, cause.words))
		}
	}
	if causes == nil {
		return ""
	}
	return "; the others: " + strings.Join(causes, ", ")
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
	_ = c.progress.during("looking at the store", func() error {
		c.look(ctx, chats)
		return nil
	})
}

// look looks at an open store, and changes nothing.
func (c *checkup) look(ctx context.Context, chats store.Store) {
	c.moving = map[string]int{}
	for _, p := range partsDown(ctx, chats) {
		c.wrong("%s does not answer: %s", strings.TrimSpace(p.Kind+" "+p.Name), withoutWriting(p.Err.Error()))
	}
	err := errors.Join(c.clock(ctx, chats), c.lookUp(ctx, chats), c.backlog(ctx, chats), c.walk(ctx, chats))
	for _, tenant := range c.known {
		err = errors.Join(err, c.together(ctx, chats, tenant))
	}
	rows, n := unreadable(chats)
	for _, row := range rows {
		c.wrong("%s: servers pass it over; restore it from a backup of the store, or remove it", row)
	}
	if n > len(rows) {
		c.wrong("%d rows cannot be read; these are the first %d", n, len(rows))
	}
	for _, text := range apart(err) {
		c.wrong("%s", text)
	}
}

// apart returns what joined errors say, each once.
func apart(err error) (texts []string) {
	if err == nil {
		return nil
	}
	if joined, is := err.(interface{ Unwrap() []error }); is && strings.Contains(err.Error(), "\n") {
		for _, one := range joined.Unwrap() {
			for _, text := range apart(one) {
				if !slices.Contains(texts, text) {
					texts = append(texts, text)
				}
			}
		}
		return texts
	}
	return []string{withoutWriting(plainly(err).Error())}
}

// withoutWriting leaves out of an error that nothing was written.
func withoutWriting(text string) string {
	return strings.ReplaceAll(text, store.ErrNotWritten.Error()+": ", "")
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
	c.ok("it can be read: the median of %d look-ups took %v, the slowest %v", lookups,
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
		c.ok("no message waits to be handed over")
	case age < tooLong:
		c.ok("%s to be handed over, the oldest for %v", counted(b.Waiting, "message waits", "messages wait"), age)
	default:
		c.wrong("%s to be handed over, the oldest for %v: start fromline serve on this store, or look in its log for what the receiver answers",
			counted(b.Waiting, "message waits", "messages wait"), age)
	}
	if b.Parked > 0 {
		c.wrong("%s: type fromline parked list -store STORE to see why", counted(b.Parked, "message is parked", "messages are parked"))
	}
	return nil
}
