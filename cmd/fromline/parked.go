package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/store"
)

const parkedUsage = `usage: fromline parked list|release|reroute|drop -store STORE [flags] [MESSAGE_ID]…

Lists the parked messages of a tenant with the reasons, or releases, reroutes or
drops them: the messages named, or all with a reason or a line.

The reasons are attempts (its attempts are used up), refused (the receiver refused
the message for good), line_flagged (its line cannot continue, and it was not
rerouted), no_line (no other line could take it within its time) and unreadable
(it is damaged in the store).

  release  tries the message again, with a new count of attempts
  reroute  has it decided again; it never goes out from the line that it leaves
  drop     removes the message for good; it is not sent

The command may run beside a server, which finds a released message within a
second. It shows no people.

Exit status: 0 if it was done, also if no message with the reason or line is parked;
1 if a message that you named is not parked, or the store failed; 2 if the
arguments cannot be used, or -tenant is needed.

`

// parkedFlags are the settings of fromline parked.
type parkedFlags struct {
	remedy        delivery.Remedy // 0: list
	store, tenant string
	reason, line  string
	json          bool
	which         delivery.Selection
	messages      []uuid.UUID
	found         int // of those that were to be listed or treated
}

// add adds the flags to a set.
func (f *parkedFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.store, "store", "`store` with the messages: sqlite:PATH or postgres://… (required)")
	set.StringVar(&f.tenant, "tenant", "", "`tenant` of the messages; not needed where the store has one tenant only")
	set.StringVar(&f.reason, "reason", "", "the messages that are parked for this `reason`: "+orOf(parkReasons()))
	set.StringVar(&f.line, "line", "", "the messages that would go out from this line: a phone `number`")
	set.BoolVar(&f.json, "json", false, "print one JSON object a line")
}

func (f *parkedFlags) parse(args []string, stdout io.Writer) (err error) {
	set := flag.NewFlagSet("parked", flag.ContinueOnError)
	f.add(set)
	action := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		action, args = args[0], args[1:]
	}
	if err := parseFlags(set, args, parkedUsage, stdout); err != nil {
		return err
	}
	if f.remedy, err = f.action(action); err != nil {
		return err
	}
	if f.which, err = selectParked(f.reason, f.line); err != nil {
		return err
	}
	for _, text := range set.Args() {
		id, err := uuid.Parse(text)
		if err != nil {
			return fmt.Errorf("%q is no message id; flags stand before message ids", text)
		}
		f.messages = append(f.messages, id)
	}
	every := f.which == (delivery.Selection{})
	switch {
	case f.store == "":
		return errors.New("-store is missing: type -store sqlite:PATH or -store postgres://…, the store that serve writes to")
	case f.remedy == 0 && f.messages != nil:
		return errors.New("list takes no message ids: it lists all, or those of a -reason or a -line")
	case f.remedy != 0 && every && f.messages == nil:
		return fmt.Errorf("type what to %v: message ids, -reason REASON or -line NUMBER", f.remedy)
	case f.remedy != 0 && !every && f.messages != nil:
		return errors.New("give message ids, or -reason and -line, not both")
	case f.remedy != 0 && f.json:
		return errors.New("-json has no effect here: it is for list")
	}
	return cmp.Or(needDurable("-store", f.store, emptyAtStart), checkTenant(f.tenant))
}

// action reads the word after the command.
func (f *parkedFlags) action(word string) (delivery.Remedy, error) {
	if word == "list" {
		return 0, nil
	}
	if word == "" {
		return 0, errors.New("type list, release, reroute or drop before the flags")
	}
	remedy, err := delivery.ParseRemedy(word)
	if err != nil {
		meant := nearest.Name(word, []string{"list", "release", "reroute", "drop"})
		return 0, fmt.Errorf("there is no action %q: type list, release, reroute or drop%s", word, map[bool]string{true: ": did you mean " + meant + "?"}[meant != ""])
	}
	return remedy, nil
}

// parkedMessages is the sub-command parked.
func parkedMessages(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f parkedFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("parked", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	p := newProgress(stderr, nil)
	chats, err := opened(ctx, f.store, p, lookAtStore) // which makes no store
	if err == nil && f.remedy != 0 {
		if err = chats.Close(); err == nil {
			chats, err = opened(ctx, f.store, p, openStore)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "fromline parked:", err)
		return exitUsage
	}
	err = p.during("waiting for the store", func() error {
		if f.tenant, err = tenantOf(ctx, chats, f.tenant); err != nil {
			return err
		}
		counting := &parkedProgress{Outbox: chats, progress: p, which: f.which, found: len(f.messages)}
		if f.remedy == 0 {
			err = f.list(ctx, counting, p.clearing(stdout))
		} else {
			err = f.treat(ctx, counting, stdout, stderr)
		}
		if f.found == 0 {
			if strange := strangeTenant(ctx, chats, f.tenant); strange != "" {
				fmt.Fprintln(p.clearing(stderr), "fromline parked:", strange)
			}
		}
		return err
	})
	err = errors.Join(err, chats.Close())
	switch {
	case errors.Is(err, errTenant):
		fmt.Fprintln(stderr, "fromline parked:", err)
		return exitUsage
	case err != nil:
		fmt.Fprintln(stderr, "fromline parked:", plainly(err))
		return exitRefused
	}
	return exitOK
}

// list prints what is parked.
func (f *parkedFlags) list(ctx context.Context, outbox store.Outbox, stdout io.Writer) error {
	table := tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)
	if !f.json {
		fmt.Fprintln(table, "MESSAGE\tREASON\tLINE\tATTEMPTS\tDECIDED\tCHAT")
	}
	for p, err := range delivery.EachParked(ctx, outbox, f.tenant, f.which) {
		if err != nil {
			return errors.Join(err, table.Flush())
		}
		f.found++
		row := parkedOf(&p)
		if f.json {
			if err := json.MarshalWrite(stdout, row); err != nil {
				return err
			}
			fmt.Fprintln(stdout)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", row.MessageID, row.Reason, row.From, row.Attempts,
			row.DecidedAt.Format(time.RFC3339), row.ChatID)
		if f.found%1000 == 0 { // what a table keeps before it is printed
			if err := table.Flush(); err != nil {
				return err
			}
		}
	}
	return table.Flush()
}

// treat does something about what is parked, and counts.
func (f *parkedFlags) treat(ctx context.Context, outbox store.Outbox, stdout, stderr io.Writer) (err error) {
	n := 0
	if f.messages == nil {
		n, err = f.remedy.All(ctx, outbox, f.tenant, f.which)
	}
	missing := 0
	for _, id := range f.messages {
		switch err := f.remedy.One(ctx, outbox, f.tenant, id); {
		case errors.Is(err, store.ErrNoRecord):
			missing++
			fmt.Fprintf(stderr, "fromline parked: message %s of tenant %s is not parked\n", id, f.tenant)
		case err != nil:
			return errors.Join(fmt.Errorf("%d %s before: %w", n, f.remedy.Done(), err))
		default:
			n++
		}
	}
	f.found = n
	fmt.Fprintf(stdout, "%d %s\n", n, f.remedy.Done())
	if missing > 0 {
		return fmt.Errorf("%d of %s not parked", missing, counted(len(f.messages), "message is", "messages are"))
	}
	return err
}
