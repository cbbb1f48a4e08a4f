package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/fromline/fromline/store/open"
)

const migrateUsage = `usage: fromline migrate -store STORE
       fromline migrate -store STORE -print [-after VERSION]

Brings the schema of a store up to date: it creates what is missing and changes
what is older. Every command that writes to a store does so too when it starts,
but where the process may not change the schema, and in an upgrade with many
processes, it is done before.

With -print it connects to nothing and prints the schema as SQL, for the one who
runs it by hand, in one transaction. -after VERSION leaves out what a store of
that version has already; a process that finds an older schema says its version.

Exit status: 0 if the schema is up to date or printed, 1 if it could not be
brought up to date, 2 if the arguments cannot be used.

`

// migrate is the sub-command of that name.
func migrate(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var name string
	var asSQL bool
	var after int
	set := flag.NewFlagSet("migrate", flag.ContinueOnError)
	set.StringVar(&name, "store", "", "whose schema: sqlite:PATH or postgres://… (required)")
	set.BoolVar(&asSQL, "print", false, "print the schema as SQL; connect to nothing")
	set.IntVar(&after, "after", 0, "with -print: the `version` that the store has already")
	err := parseFlags(set, args, migrateUsage, stdout)
	durable := true
	switch {
	case err != nil:
	case name == "":
		err = errors.New("-store is missing: name the store")
	case set.NArg() > 0:
		err = fmt.Errorf("%q is not expected: migrate takes flags only", set.Arg(0))
	case after != 0 && !asSQL:
		err = errors.New("-after goes with -print")
	default:
		durable, err = open.Durable(name)
	}
	if err == nil && !durable {
		err = errors.New("-store memory: has no schema: give sqlite:PATH or postgres://…")
	}
	if err == nil && asSQL {
		var text string
		if text, err = open.Schema(name, after); err == nil {
			fmt.Fprint(stdout, text)
			return exitOK
		}
	}
	if err != nil {
		return unusable("migrate", err, stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s, err := open.Store(ctx, name, open.Options{})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Fprintln(stderr, "fromline migrate: -store:", err)
		return exitRefused
	}
	fmt.Fprintln(stdout, "the schema is up to date")
	return exitOK
}
