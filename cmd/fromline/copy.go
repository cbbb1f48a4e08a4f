package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/open"
)

const copyUsage = `usage: fromline copy -from STORE -to STORE

Copies everything from one store to another, which may be of another kind: chats,
decisions, the state and the use of lines, and deliveries that wait or are parked,
with their attempts. Then it compares both stores item by item, and asks both the
same look-ups.

First stop all servers and programs that use the two stores: what they write
while the command runs or after it stays behind in the store -from. Then start
the servers with the store -to as their -store. The copy only reads the store
-from. It keeps what the store -to has already. So you can stop the command and
start it again, and a second run changes nothing.

Items that the store -from cannot read, because they are damaged or a later release
wrote them, are not copied. The command names each of them, copies everything else,
and ends with exit status 1.

Exit status: 0 if both stores hold the same at the end, 1 if they do not, if
something could not be read, or if it was stopped, 2 if the arguments or stores
cannot be used.

`

// copyFlags are the settings of fromline copy.
type copyFlags struct{ from, to string }

// add adds the flags to a set.
func (f *copyFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.from, "from", "`store` to copy from: sqlite:PATH or postgres://… (required)")
	storeVar(set, &f.to, "to", "`store` to copy to; it is created if it does not exist (required)")
}

func (f *copyFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("copy", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, copyUsage, stdout); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("%q is not expected: copy takes flags only", set.Arg(0))
	}
	for _, name := range []struct{ flag, store, lost string }{
		{"-from", f.from, "holds nothing to copy"}, {"-to", f.to, "would forget everything at once"},
	} {
		if name.store == "" {
			return fmt.Errorf("%s is missing: type %[1]s sqlite:PATH or %[1]s postgres://…", name.flag)
		}
		if err := needDurable(name.flag, name.store, name.lost); err != nil {
			return err
		}
	}
	return nil
}

// copyStore is the sub-command copy.
func copyStore(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f copyFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("copy", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	p := &copyProgress{progress: newProgress(stderr, nil)}
	var from, to store.Store
	told := newSchemaProgress(openingStore)
	err := p.beside(told.text, func() (err error) {
		from, to, err = f.open(ctx, told.tell)
		return err
	})
	if err != nil {
		fmt.Fprintln(stderr, "fromline copy:", err)
		return exitUsage
	}
	var result move.Result
	err = p.during("copying", func() (err error) {
		result, err = move.All(ctx, from, to, move.Options{Progress: p.tell})
		return errors.Join(err, to.Close(), from.Close())
	})
	fmt.Fprintf(stdout, "%s; %s\n", itemsOf(result), plural(result.Changed, "change"))
	if err != nil {
		fmt.Fprintln(stderr, "fromline copy:", err)
		_, different := errors.AsType[*move.DifferentError](err)
		_, left := errors.AsType[*move.LeftOutError](err)
		if !different && !left {
			fmt.Fprintln(stderr, "fromline copy: what was copied stays: start the same command again to go on")
		}
		tellLeftOut(stderr, result.Unreadable)
		return exitRefused
	}
	fmt.Fprintf(stdout, "both stores hold the same items, and answer %s alike\n", plural(result.Samples, "look-up"))
	return exitOK
}

// tellLeftOut names what could not be read, and says how to mend it.
func tellLeftOut(stderr io.Writer, rows []store.Unreadable) {
	damaged, newer := 0, 0
	for _, u := range rows {
		if fmt.Fprintf(stderr, "not copied: %v\n", u); u.Newer {
			newer++
		} else {
			damaged++
		}
	}
	if newer > 0 {
		fmt.Fprintf(stderr, "fromline copy: written by a later release: %d; copy with that release\n", newer)
	}
	if damaged > 0 {
		fmt.Fprintf(stderr, "fromline copy: damaged: %d; restore what is damaged in the first store from a backup and copy again, or do without it\n", damaged)
	}
}

// open opens both stores: the one to copy from as it is, and only to be read.
func (f *copyFlags) open(ctx context.Context, tell func(store.Migration)) (from, to store.Store, err error) {
	same, err := open.Same(ctx, f.from, f.to)
	if err != nil {
		return nil, nil, err
	}
	if same {
		return nil, nil, errors.New("-from and -to name the same store: name another one with -to")
	}
	if from, err = open.Store(ctx, f.from, open.Options{ReadOnly: true}); err != nil {
		return nil, nil, fmt.Errorf("-from: %w", bySchema(err))
	}
	if to, err = open.Store(ctx, f.to, open.Options{Migrating: tell}); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("-to: %w", bySchema(err)), from.Close())
	}
	return from, to, nil
}

// itemsOf says what a store holds.
func itemsOf(r move.Result) string {
	var parts []string
	for kind, n := range r.Items {
		many := move.Kind(kind).String()
		parts = append(parts, counted(n, strings.TrimSuffix(strings.Replace(many, "ies", "ys", 1), "s"), many))
	}
	return strings.Join(parts, ", ")
}
