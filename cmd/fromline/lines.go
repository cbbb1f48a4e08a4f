package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

const linesUsage = `usage: fromline lines -store STORE [-fleet [TENANT=]FILE]… [flags]

Shows our lines as a table: the number, its state and since when, new chats and
messages in the window (the current UTC hour and the 24 before it) against the
allowance, its chats, how many of them wait for another line, and when it can
open the next chat. With -json each line is a JSON object.

With a -guard the table also shows on which day of its ramp a line is, its share of
failovers, and when it can take the next one.

The allowances come from the fleet files. Without -fleet the table has no
allowances, and no lines that were never used. The command counts all chats. It
changes nothing and may run beside a server.

Exit status: 0 if the lines were shown, 1 if the store could not be read, 2 if
the arguments or files cannot be used.

`

// linesFlags are the settings of fromline lines.
type linesFlags struct {
	store, tenant string
	guard         string
	fleets        ofTenants
	json          bool
}

// add adds the flags to a set.
func (f *linesFlags) add(set *flag.FlagSet) {
	f.fleets.plain = true
	storeVar(set, &f.store, "store", "`store` to read the lines from: sqlite:PATH or postgres://… (required)")
	set.Var(&f.fleets, "fleet", "lines of a tenant, as `[TENANT=]FILE`; without TENANT= they are those of the tenant "+defaultTenant+"; may be repeated")
	set.StringVar(&f.guard, "guard", "off", guardUsage)
	set.StringVar(&f.tenant, "tenant", "", "show only the lines of this `tenant`")
	set.BoolVar(&f.json, "json", false, "print one JSON object a line")
}

func (f *linesFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("lines", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, linesUsage, stdout); err != nil {
		return err
	}
	if err := f.fleets.single(); err != nil {
		return fmt.Errorf("-fleet: %w", err)
	}
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("%q is not expected: lines takes flags only", set.Arg(0))
	case f.store == "":
		return errors.New("-store is missing: type -store sqlite:PATH or -store postgres://…, the store whose lines you want to see")
	}
	return cmp.Or(needDurable("-store", f.store, emptyAtStart), checkTenant(f.tenant))
}

// showLines is the sub-command lines.
func showLines(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f linesFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("lines", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	guard, err := readGuard(f.guard)
	if err != nil {
		return unusable("lines", err, stderr)
	}
	fleets, err := loadFleets(f.fleets, guard)
	if err != nil {
		fmt.Fprintln(stderr, "fromline lines: -fleet:", err)
		return exitUsage
	}
	p := newProgress(stderr, nil)
	chats, err := opened(ctx, f.store, p, lookAtStore)
	if err != nil {
		fmt.Fprintln(stderr, "fromline lines:", err)
		return exitUsage
	}
	var report []*lineReport
	err = p.during("reading the lines", func() (err error) {
		report, err = reportLines(ctx, chats, fleets, f.tenant, time.Now(), p)
		return err
	})
	if err == nil {
		err = printLines(stdout, report, f.json)
	}
	if err = errors.Join(err, chats.Close()); err != nil {
		fmt.Fprintln(stderr, "fromline lines:", err)
		return exitRefused
	}
	return exitOK
}
