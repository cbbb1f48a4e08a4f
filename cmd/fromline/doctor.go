package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"
)

const doctorUsage = `usage: fromline doctor [-fleet [TENANT=]FILE]… [-policy FILE] [-guard GUARD] [-store STORE]

Looks over what serve would run with, and says what it finds, a line each:

  ok     as it should be
  note   worth knowing: it may be meant so
  wrong  sends are refused, wait or go nowhere because of it

It changes nothing, also while a server uses the store: no schema is brought up
to date, no file created. It walks all chats: how many each tenant has on each
line, on lines that no fleet has, with people no send can name, with times ahead.
With a fleet and a store it also tells what waits for a failover, and whether the
lines that are left have room for it today.

Exit status: 0 if nothing is wrong, 1 if something is, 2 if the arguments or the
policy cannot be used.

`

// doctorFlags are the settings of fromline doctor.
type doctorFlags struct {
	fleets ofTenants // files
	policy string
	guard  string
	store  string
}

// add adds the flags to a set.
func (f *doctorFlags) add(set *flag.FlagSet) {
	f.fleets.plain = true
	set.Var(&f.fleets, "fleet", "`[TENANT=]FILE` with the lines of a tenant, "+defaultTenant+" if none is named; may be repeated")
	set.StringVar(&f.policy, "policy", "", policyUsage)
	set.StringVar(&f.guard, "guard", "off", guardUsage)
	storeVar(set, &f.store, "store", storeUsage)
}

func (f *doctorFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("doctor", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, doctorUsage, stdout); err != nil {
		return err
	}
	if err := f.fleets.single(); err != nil {
		return fmt.Errorf("-fleet: %w", err)
	}
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("%q is not expected: doctor takes flags only", set.Arg(0))
	case f.store == "memory:":
		return errors.New("-store memory: holds nothing before serve runs: leave it out, or name sqlite:PATH or postgres://…")
	case f.store == "" && f.policy == "" && len(f.fleets.values) == 0:
		return errors.New("name what to look at with -fleet, -store, -policy or all of them")
	}
	return nil
}

// doctor is the sub-command of that name.
func doctor(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f doctorFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("doctor", err, stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	guard, err := readGuard(f.guard)
	if err != nil {
		return unusable("doctor", err, stderr)
	}
	policy, err := readPolicy(f.policy)
	if err != nil {
		return unusable("doctor", err, stderr)
	}
	c := &checkup{out: stdout, colours: colours(stdout), now: time.Now()}
	if f.policy != "" {
		c.about("policy %s", f.policy)
		c.ok("it can be used")
	}
	c.fleets(f.fleets, policy, guard)
	if f.store != "" {
		c.store(ctx, f.store)
	}
	if c.wrongs > 0 {
		return exitRefused
	}
	return exitOK
}
