package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

const explainUsage = `usage: fromline explain -store STORE [-tenant TENANT] MESSAGE_ID
       fromline explain -store STORE [-tenant TENANT] -key KEY

Shows why a message was sent from its line and in its chat: the chats that came
into question, the line that was picked and the second best one, how many lines
were passed over and why; and what became of the delivery. It masks people.

It reads the record of the decision, which the store keeps for 7 days, or for one
hour if the send had no idempotency key. It changes nothing and may run beside a
server.

Exit status: 0 if the message was found, 1 if there is no record of it (any more)
or the store could not be read, 2 if the arguments cannot be used.

`

// explainFlags are the settings of fromline explain.
type explainFlags struct {
	store, tenant, key string
	id                 uuid.UUID
}

// add adds the flags to a set.
func (f *explainFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.store, "store", "`store` with the record: sqlite:PATH or postgres://… (required)")
	set.StringVar(&f.tenant, "tenant", "", "`tenant` of the message; required where the store has chats of several")
	set.StringVar(&f.key, "key", "", "the idempotency `key` of the send, instead of the id of its message")
}

func (f *explainFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("explain", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, explainUsage, stdout); err != nil {
		return err
	}
	switch {
	case f.store == "":
		return errors.New("-store is missing: type -store sqlite:PATH or -store postgres://…, the store that serve writes to")
	case f.key == "" && set.NArg() != 1:
		return errors.New("type the id of a message, or -key KEY")
	case f.key != "" && set.NArg() > 0:
		return fmt.Errorf("%q is not expected: type -key KEY or the id of a message, not both", set.Arg(0))
	}
	if f.key == "" {
		var err error
		if f.id, err = uuid.Parse(set.Arg(0)); err != nil {
			return fmt.Errorf("%q is not a message id: type the message id of the answer, or -key KEY", set.Arg(0))
		}
	}
	return cmp.Or(needDurable("-store", f.store, emptyAtStart), checkTenant(f.tenant))
}

// explainMessage is the sub-command explain.
func explainMessage(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f explainFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("explain", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	p := newProgress(stderr, nil)
	chats, err := opened(ctx, f.store, p, lookAtStore)
	if err != nil {
		fmt.Fprintln(stderr, "fromline explain:", err)
		return exitUsage
	}
	defer func() { _ = chats.Close() }() // nothing was written
	var a fromline.ReadBack
	err = p.during("reading the record", func() error {
		if f.tenant, err = tenantOf(ctx, chats, f.tenant); err == nil {
			a, err = f.find(ctx, chats)
		}
		return err
	})
	if errors.Is(err, errTenant) {
		fmt.Fprintln(stderr, "fromline explain:", err)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintln(stderr, "fromline explain:", plainly(err))
		return exitRefused
	}
	if _, err := io.WriteString(stdout, tellReadBack(f.tenant, &a)); err != nil {
		fmt.Fprintln(stderr, "fromline explain:", err)
		return exitRefused
	}
	return exitOK
}

func (f *explainFlags) find(ctx context.Context, chats store.Store) (a fromline.ReadBack, err error) {
	what := "message " + f.id.String()
	if f.key != "" {
		what = "the key"
		a, err = fromline.ReadBackOfKey(ctx, chats, f.tenant, f.key)
	} else {
		a, err = fromline.ReadBackOf(ctx, chats, f.tenant, f.id)
	}
	if !errors.Is(err, store.ErrNoRecord) {
		return a, err
	}
	why := "it was not decided here, or its record has ended (serve keeps it for 7 days, and without an idempotency key for -keep-unkeyed, one hour)"
	if f.key == "" && f.id.Version() == 7 {
		seconds, nanos := f.id.Time().UnixTime()
		why += fmt.Sprintf("; the id was drawn %s", time.Unix(seconds, nanos).UTC().Format(time.RFC3339))
	}
	if strange := strangeTenant(ctx, chats, f.tenant); strange != "" {
		why = strange
	}
	return a, fmt.Errorf("tenant %q has no record of %s: %s", f.tenant, what, why)
}

// tellReadBack tells what is known of a message to people.
func tellReadBack(tenant string, a *fromline.ReadBack) string {
	var b strings.Builder
	rec := &a.Record
	fmt.Fprintf(&b, "message %s of tenant %s, decided %s, to %s\n", rec.MessageID, tenant, rec.At.UTC().Format(time.RFC3339), masked(members(rec.Roster.Set())))
	fmt.Fprintf(&b, "  from %s in chat %s (%s)\n", rec.Line, rec.ChatID, rec.Reason)
	if rec.PreviousChatID != uuid.Nil {
		fmt.Fprintf(&b, "  which took over from chat %s\n", rec.PreviousChatID)
	}
	if !rec.NotBefore.IsZero() {
		fmt.Fprintf(&b, "  it was to go out at %s, the next slot of its line\n", rec.NotBefore.UTC().Format(time.RFC3339))
	}
	if rec.Continuation {
		b.WriteString("  the continuation was sent instead of the message\n")
	}
	for _, note := range rec.Notes {
		fmt.Fprintf(&b, "  note %s\n", note)
	}
	for _, m := range rec.Moves {
		fmt.Fprintf(&b, "  rerouted: %s\n", moveWords(m))
	}
	tellTrace(&b, a.Trace)
	fmt.Fprintf(&b, "  delivery: %s\n", deliveryWords(a))
	fmt.Fprintf(&b, "  its record is kept until %s\n", rec.KeepUntil.UTC().Format(time.RFC3339))
	return b.String()
}

func tellTrace(b *strings.Builder, t *routing.Trace) {
	if t == nil {
		b.WriteString("  why is not known: the record kept no trace (serve -traces=false, or an earlier release)\n")
		return
	}
	indent(b, t.String())
	if !t.ViewAt.IsZero() {
		fmt.Fprintf(b, "  our lines as they were %s\n", t.ViewAt.UTC().Format(time.RFC3339))
	}
	if t.Policy != "" {
		fmt.Fprintf(b, "  by the policy %s\n", t.Policy)
	}
}

// deliveryWords says how the message stands in the outbox.
func deliveryWords(a *fromline.ReadBack) string {
	d := a.Delivery
	switch {
	case a.Unreadable != nil:
		return fmt.Sprintf("in the outbox, and it cannot be read: %v", a.Unreadable)
	case d == nil && !a.Delivers:
		return "this store has no outbox"
	case d == nil:
		return "handed over, or decided by a program that hands no messages over"
	case d.Parked:
		return fmt.Sprintf("parked after %s, because %s", plural(d.Attempts, "attempt"), whyParked(d.Why))
	case d.Due.IsZero() || !d.Due.After(time.Now()):
		return "waits, tried " + plural(d.Attempts, "time")
	}
	return fmt.Sprintf("waits, tried %s, next at %s", plural(d.Attempts, "time"), d.Due.UTC().Format(time.RFC3339))
}

// moveWords says where a message was to go before it was rerouted.
func moveWords(m store.Move) string {
	return fmt.Sprintf("it was to go from %s in chat %s, by the decision of %s", m.Line, m.ChatID, m.At.UTC().Format(time.RFC3339))
}

// whyParked says in words why a delivery is parked.
func whyParked(why store.ParkReason) string {
	switch why {
	case store.ParkedAttempts:
		return "its attempts are used up"
	case store.ParkedRefused:
		return "the receiver refused it"
	case store.ParkedLineFlagged:
		return "its line cannot continue"
	case store.ParkedNoLine:
		return "no other line could take it in time"
	case store.ParkedUnreadable:
		return "it is damaged"
	}
	return "of something that this release does not know"
}

// members yields the people of a set.
func members(set recipients.Set) iter.Seq[recipients.Handle] {
	return func(yield func(recipients.Handle) bool) {
		for _, h := range set.All() {
			if !yield(h) {
				return
			}
		}
	}
}
