package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/recipients/national"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

const importUsage = `usage: fromline import -store STORE [flags] [FILE|-]

Makes existing chats known to fromline. It reads one JSON object a line:

  {"id": UUID, "from": OUR_LINE, "to": [HANDLE, …], "created_at": TIME,
   "active_at"?: TIME, "service"?: "iMessage"|"RCS"|"SMS", "named"?: BOOL}

"to" lists the participants of today, without our line. Handles are checked as in a
send. A chat with a handle that no send can name, or with a time in the future, is
refused.

If the store has the chat already, it keeps the later of the two times of activity.
Where people or name differ, it keeps its own and the command reports the line;
with -on-difference update it takes those of the file. A chat never changes its
line. So you can import the same file again, as a whole or from where an import
stopped. SIGINT or SIGTERM stops the command, which then prints how to go on.

Exit status: 0 if no line was refused, 1 if some were or it was stopped, 2 if the
arguments or files cannot be used.

`

// importFlags are the settings of fromline import.
type importFlags struct {
	store, tenant string
	tenantGiven   bool
	after         int
	onDifference  string
	dryRun        bool
	fleet, region string
	input         string
}

// add adds the flags to a set.
func (f *importFlags) add(set *flag.FlagSet) {
	storeVar(set, &f.store, "store", storeUsage+" (required)")
	set.StringVar(&f.tenant, "tenant", defaultTenant, "`tenant` of the chats; required where the store has chats of other tenants")
	set.IntVar(&f.after, "after", 0, "skip the first lines up to this `number`, which were imported before")
	set.StringVar(&f.onDifference, "on-difference", "keep", "`what` to do where people or names differ: keep those of the store, or update them from the file")
	set.BoolVar(&f.dryRun, "dry-run", false, "read, check and compare everything, but write nothing")
	set.StringVar(&f.fleet, "fleet", "", "`file` with our lines; chats on other lines are listed at the end")
	set.StringVar(&f.region, "region", "", "read national numbers as dialled in the country `CC`, two letters such as US")
}

func (f *importFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, importUsage, stdout); err != nil {
		return err
	}
	set.Visit(func(given *flag.Flag) { f.tenantGiven = f.tenantGiven || given.Name == "tenant" })
	switch {
	case f.store == "":
		return errors.New("-store is missing: type -store sqlite:PATH or -store postgres://…, the store that is to keep the chats")
	case f.after < 0:
		return errors.New("-after: give a number of lines, 0 or more")
	case f.onDifference != "keep" && f.onDifference != "update":
		return fmt.Errorf("-on-difference %q: give keep or update", f.onDifference)
	case set.NArg() > 1:
		return fmt.Errorf("%q is one argument too many: type the flags first and then at most one file", set.Arg(1))
	}
	f.input = set.Arg(0)
	if err := store.CheckTenant(f.tenant); err != nil {
		return fmt.Errorf("-tenant: %w: type -tenant TENANT, or leave it out for the tenant %s", plainly(err), defaultTenant)
	}
	return needDurable("-store", f.store, "forgets the chats when the command ends")
}

// importChats is the sub-command import.
func importChats(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var f importFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("import", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	status, err := importFrom(ctx, f, stdin, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "fromline import:", err)
	}
	return status
}

// importFrom loads the input and returns the exit status.
func importFrom(ctx context.Context, f importFlags, stdin io.Reader, stdout, stderr io.Writer) (status int, err error) {
	l, err := newLoader(f, stderr)
	if err != nil {
		return exitUsage, err
	}
	input, err := openInput(f.input, stdin)
	if err != nil {
		return exitUsage, err
	}
	defer input.Close()
	p := newProgress(stderr, nil)
	chats, err := openForImport(ctx, f, p)
	if err != nil {
		return exitUsage, err
	}
	if err := p.during("reading the tenants", func() error { return needTenant(ctx, chats, f) }); err != nil {
		return exitUsage, errors.Join(err, chats.Close())
	}
	l.chats, l.progress = chats, newProgress(stderr, input)
	err = l.progress.during("importing", func() error { // which takes the line of progress away at its end
		return errors.Join(l.load(ctx, f.after, interruptible(ctx, input)), chats.Close())
	})
	if errors.Is(err, errUTF16) {
		return exitUsage, errUTF16
	}
	fmt.Fprintln(stdout, l.summary())
	l.conclude(f)
	switch {
	case err != nil && f.dryRun:
		return exitRefused, err
	case err != nil:
		return exitRefused, fmt.Errorf("%w\nfromline import: every line up to %d is done: go on with -after %[2]d", err, l.done)
	case l.counts[refused] > 0:
		return exitRefused, nil
	}
	return exitOK, nil
}

// newLoader returns a loader that lacks its store.
func newLoader(f importFlags, stderr io.Writer) (*loader, error) {
	l := &loader{
		tenant: f.tenant, update: f.onDifference == "update", dry: f.dryRun, stderr: stderr,
		read: chatReader{now: time.Now}, seen: map[uuid.UUID]bool{}, strange: map[recipients.Handle]int{},
	}
	if f.region != "" {
		parser, err := national.New(national.Options{Region: f.region})
		if err != nil {
			return nil, fmt.Errorf("-region %q is no region with telephones: give two capital letters, such as US or GB", f.region)
		}
		l.read.handles.National = parser
	}
	if f.fleet == "" {
		return l, nil
	}
	text, err := readText(f.fleet)
	if err != nil {
		return nil, fmt.Errorf("-fleet: %w", err)
	}
	file, _, err := fleet.ParseFile(text)
	if err != nil {
		return nil, fmt.Errorf("-fleet %s: %w", f.fleet, err)
	}
	l.ours = map[recipients.Handle]bool{}
	for _, ours := range file.Lines {
		l.ours[ours.Number] = true
	}
	return l, nil
}

// openForImport opens the store, in a dry run only to be read. A file that is
// not there yet is then as good as an empty store.
func openForImport(ctx context.Context, f importFlags, p *progress) (store.Store, error) {
	if !f.dryRun {
		return opened(ctx, f.store, p, openStore)
	}
	s, err := opened(ctx, f.store, p, lookAtStore)
	if errors.Is(err, fs.ErrNotExist) {
		return memory.New(memory.Options{}), nil
	}
	return s, err
}

// needTenant refuses to guess whose the chats are where the store has chats of
// other tenants.
func needTenant(ctx context.Context, chats store.ChatWalker, f importFlags) error {
	if f.tenantGiven {
		return nil
	}
	tenants, err := chats.Tenants(ctx, "", 3)
	if err != nil {
		return fmt.Errorf("-store: %w", err)
	}
	others := slices.DeleteFunc(tenants, func(t string) bool { return t == defaultTenant })
	if len(others) > 0 {
		return fmt.Errorf("-tenant is missing: the store has chats of other tenants, such as %q: type -tenant TENANT, whose chats the file has, or -tenant %s if they are its", others[0], defaultTenant)
	}
	return nil
}

// conclude says at the end what concerns many lines.
func (l *loader) conclude(f importFlags) {
	for _, line := range slices.SortedFunc(maps.Keys(l.strange), recipients.Handle.Compare) {
		fmt.Fprintf(l.stderr, "%s on %s, which %s does not have\n", counted(l.strange[line], "chat is", "chats are"), line.String(), f.fleet)
	}
	if l.national && f.region == "" {
		fmt.Fprintln(l.stderr, "numbers without + and calling code are read with -region CC, such as -region US")
	}
	if l.dry {
		fmt.Fprintln(l.stderr, "nothing was written: this was a dry run")
	}
}

// errStopped is the end of an input that is not read on.
var errStopped = errors.New("stopped")

// interruptible returns a reader of the input that fails when the context ends,
// also in the middle of a read, which a terminal or a pipe may keep for ever.
// That read goes on, and ends with the process.
func interruptible(ctx context.Context, input io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(errStopped) })
	go func() {
		_, err := io.Copy(w, input)
		w.CloseWithError(err)
	}()
	return r
}
