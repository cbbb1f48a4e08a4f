package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/open"
	"github.com/fromline/fromline/store/sharded"
)

const moveTenantUsage = `usage: fromline move-tenant -store sharded:FILE -tenant TENANT -to SHARD

Moves a tenant to another shard while servers run:

  1. It copies and compares the data of the tenant, which goes on sending.
  2. It copies what changed meanwhile, again and again, until little is left.
  3. For the last changes it refuses the tenant's sends: the fence. That takes about
     a second and the time of that copy.
  4. It writes the new shard into the directory, and removes the tenant from the old
     shard.

No message is lost, and none is sent twice under two ids. If the command was stopped
or killed, run it again: it goes on. If it was killed in step 3, the tenant's sends
are refused until then. Two commands never move one tenant at the same time; after a
command was killed the next one waits for 14 seconds.

Exit status: 0 if the tenant lives on that shard, 1 if you have to run the
command again, 2 if the arguments or stores cannot be used.

`

// moveTenantFlags are the settings of fromline move-tenant.
type moveTenantFlags struct{ store, tenant, to string }

// add adds the flags to a set.
func (f *moveTenantFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.store, "store", "`store` of several shards: sharded:FILE (required)")
	set.StringVar(&f.tenant, "tenant", "", "`tenant` to move (required)")
	set.StringVar(&f.to, "to", "", "`shard` to move it to, as FILE names it (required)")
}

func (f *moveTenantFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("move-tenant", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, moveTenantUsage, stdout); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("%q is not expected: move-tenant takes flags only", set.Arg(0))
	}
	for _, needed := range []struct{ flag, value string }{{"-store", f.store}, {"-tenant", f.tenant}, {"-to", f.to}} {
		if needed.value == "" {
			return fmt.Errorf("%s is missing: type fromline move-tenant -store sharded:FILE -tenant TENANT -to SHARD", needed.flag)
		}
	}
	return checkTenant(f.tenant)
}

// exists refuses a tenant of which the store holds nothing: its name may be
// misspelt. Where that cannot be told, because the tenant is on its way, the
// move tells.
func (f *moveTenantFlags) exists(ctx context.Context, s *sharded.Store) error {
	for range s.ExportTenant(ctx, f.tenant) {
		return nil
	}
	known, err := s.Tenants(ctx, "", store.MaxPage)
	if err != nil {
		return fmt.Errorf("-store: %w", err)
	}
	if meant := nearest.Name(f.tenant, known); meant != "" {
		return fmt.Errorf("-tenant: the store holds nothing of %q: did you mean %q?", f.tenant, meant)
	}
	return fmt.Errorf("-tenant: the store holds nothing of %q", f.tenant)
}

// moveTenant is the sub-command move-tenant.
func moveTenant(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f moveTenantFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("move-tenant", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	p := &copyProgress{progress: newProgress(stderr, nil)}
	var s *sharded.Store
	err := p.during(openingStore, func() (err error) {
		s, err = open.Sharded(ctx, f.store, open.Options{})
		return err
	})
	if err != nil {
		return unusable("move-tenant", fmt.Errorf("-store: %w", err), stderr)
	}
	if err := p.during("looking for the tenant", func() error { return f.exists(ctx, s) }); err != nil {
		return unusable("move-tenant", errors.Join(err, s.Close()), stderr)
	}
	begun := false
	var result move.Result
	err = p.during("moving", func() (err error) {
		result, err = s.Move(ctx, f.tenant, f.to, sharded.MoveOptions{Progress: p.tell, Step: func(step sharded.Step) error {
			begun = true
			p.clear()
			fmt.Fprintln(stdout, step)
			return nil
		}})
		return errors.Join(err, s.Close())
	})
	if err == nil {
		if result.Total() > 0 {
			fmt.Fprintf(stdout, "%s; %s\n", itemsOf(result), plural(result.Changed, "change"))
		}
		fmt.Fprintf(stdout, "the tenant lives on shard %s\n", f.to)
		return exitOK
	}
	fmt.Fprintln(stderr, "fromline move-tenant:", plainly(err))
	if !begun {
		return exitUsage
	}
	if _, different := errors.AsType[*move.DifferentError](err); !different {
		fmt.Fprintln(stderr, "fromline move-tenant: start the same command again to go on: until it ends, sends of the tenant may be refused, and its messages may wait")
	}
	return exitRefused
}
