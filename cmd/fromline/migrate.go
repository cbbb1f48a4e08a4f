package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/fromline/fromline/store/open"
)

const migrateUsage = `usage: fromline migrate -store STORE
       fromline migrate -store STORE -print [-after VERSION]

Brings the schema of a store up to date: it creates what is missing and changes
what is older, in every shard of a sharded store. Every command that writes to a
store does the same when it starts, with a shard when it first needs it.
Run migrate yourself if the role of your servers may not change the schema, and
before you upgrade several processes.

After two seconds it tells which migration runs, of how many. A migration is one
step: how long it takes is not known before, and nothing is changed if you stop it.
PostgreSQL also tells how far an index is, and whether a lock of another session
holds the migration up.

With -print it connects to no store and prints the schema as SQL, to be run by hand
in one transaction. -after VERSION leaves out what a store of that version has. A
process that refuses an older schema prints the version that it found.

Exit status: 0 if the schema is up to date or printed, 1 if it could not be
brought up to date, 2 if the arguments cannot be used.

`

// migrateFlags are the settings of fromline migrate.
type migrateFlags struct {
	store string
	print bool
	after int
}

// add adds the flags to a set.
func (f *migrateFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.store, "store", "`store` with the schema: sqlite:PATH or postgres://… (required)")
	set.BoolVar(&f.print, "print", false, "print the schema as SQL; it connects to no store")
	set.IntVar(&f.after, "after", 0, "with -print: leave out the migrations up to this `version`")
}

func (f *migrateFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("migrate", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, migrateUsage, stdout); err != nil {
		return err
	}
	switch {
	case f.store == "":
		return errors.New("-store is missing: type -store sqlite:PATH or -store postgres://…")
	case set.NArg() > 0:
		return fmt.Errorf("%q is not expected: migrate takes flags only", set.Arg(0))
	case f.after != 0 && !f.print:
		return errors.New("-after has no effect alone: add -print")
	}
	return needDurable("-store", f.store, "has no schema")
}

// migrate is the sub-command of that name.
func migrate(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f migrateFlags
	err := f.parse(args, stdout)
	if err == nil && f.print {
		var text string
		if text, err = open.Schema(f.store, f.after); err == nil {
			fmt.Fprint(stdout, text)
			return exitOK
		}
	}
	if err != nil {
		return unusable("migrate", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	told := newSchemaProgress("bringing the schema up to date")
	err = newProgress(stderr, nil).beside(told.text, func() error {
		return open.Migrate(ctx, f.store, open.Options{Migrating: told.tell})
	})
	if err != nil {
		fmt.Fprintln(stderr, "fromline migrate: -store:", bySchema(err))
		return exitRefused
	}
	fmt.Fprintln(stdout, "the schema is up to date")
	return exitOK
}
