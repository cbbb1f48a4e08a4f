package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

const doctorUsage = `usage: fromline doctor [-fleet [TENANT=]FILE]… [-policy FILE] [-guard GUARD] [-store STORE]

Checks the files and the store that serve would use, and prints one line for each
thing that it finds:

  ok     it is as it should be
  note   you should know it; it may be intended
  wrong  because of it sends are refused, wait or cannot go out

It changes nothing and may run beside a server: it updates no schema and creates no
file. It reads all chats, and counts for each tenant those on each line, those on
lines that no fleet has, those with people whom no send can name, and those with
times in the future. With -fleet and -store it also shows how many chats wait for a
failover, and whether the remaining lines have room for them today.

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
	set.Var(&f.fleets, "fleet", "lines of a tenant, as `[TENANT=]FILE`; without TENANT= they are those of the tenant "+defaultTenant+"; may be repeated")
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
		return errors.New("-store memory: is empty when a program starts: leave it out, or type sqlite:PATH or postgres://…")
	case f.store == "" && f.policy == "" && len(f.fleets.values) == 0:
		return errors.New("type -fleet FILE, -store STORE or -policy FILE, or several of them: what doctor is to look at")
	}
	return nil
}

// doctor is the sub-command of that name.
func doctor(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f doctorFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("doctor", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	guard, err := readGuard(f.guard)
	if err != nil {
		return unusable("doctor", err, stderr)
	}
	policy, err := readPolicy(f.policy)
	if err != nil {
		return unusable("doctor", err, stderr)
	}
	c := &checkup{out: stdout, colours: colours(stdout), now: time.Now(), progress: newProgress(stderr, nil)}
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
