package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fromline/fromline/store"
)

const importUsage = `usage: fromline import -store STORE [flags] [FILE|-]

Makes chats known that exist already, one JSON object a line:

  {"id": UUID, "from": OUR_LINE, "to": [HANDLE, …], "created_at": TIME,
   "active_at"?: TIME, "service"?: "iMessage"|"RCS"|"SMS", "named"?: BOOL}

"to" lists the other participants as they are now. A chat that is known already
only becomes active at active_at, so the same file may be loaded again, as a
whole or from where a load stopped.

SIGINT or SIGTERM stops it, and it says where to go on.

Exit status: 0 if every line was loaded, 1 if some were refused or it was
stopped, 2 if the arguments or files cannot be used.

`

// importFlags are the settings of fromline import.
type importFlags struct {
	store, tenant string
	after         int
	input         string
}

func (f *importFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.StringVar(&f.store, "store", "", storeUsage+" (required)")
	set.StringVar(&f.tenant, "tenant", defaultTenant, "whose chats they are")
	set.IntVar(&f.after, "after", 0, "skip the lines up to this one, which were loaded before")
	if err := parseFlags(set, args, importUsage, stdout); err != nil {
		return err
	}
	switch {
	case f.store == "":
		return errors.New("-store is missing: say where the chats are to be kept")
	case f.store == "memory:":
		return errors.New("-store memory: would forget the chats at once: use sqlite:PATH or postgres://…")
	case f.after < 0:
		return errors.New("-after is a number of lines")
	case set.NArg() > 1:
		return fmt.Errorf("one input file at most, and flags before it: %q is too much", set.Arg(1))
	}
	f.input = set.Arg(0)
	return store.CheckTenant(f.tenant)
}

// importChats is the sub-command import.
func importChats(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var f importFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("import", err, stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	input := stdin
	if f.input != "" && f.input != "-" {
		file, err := os.Open(f.input)
		if err != nil {
			fmt.Fprintln(stderr, "fromline import:", err)
			return exitUsage
		}
		defer file.Close()
		input = file
	}
	chats, closer, err := openStore(ctx, f.store)
	if err != nil {
		fmt.Fprintln(stderr, "fromline import:", err)
		return exitUsage
	}
	l := &loader{chats: chats, tenant: f.tenant, stderr: stderr, told: time.Now()}
	err = errors.Join(l.load(ctx, f.after, interruptible(ctx, input)), closer.Close())
	fmt.Fprintf(stdout, "%d chats loaded, %d lines refused\n", l.loaded, l.refused)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "fromline import: %v\nfromline import: every line up to %d is done: go on with -after %d\n", err, l.done, l.done)
		return exitRefused
	case l.refused > 0:
		return exitRefused
	}
	return exitOK
}

// errStopped is the end of an input that nobody wants to read on.
var errStopped = errors.New("stopped")

// interruptible returns a reader of the input that fails when the context ends,
// also in the middle of a read, which a terminal or a pipe may keep for ever. That
// read goes on, and ends with the process.
func interruptible(ctx context.Context, input io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(errStopped) })
	go func() {
		_, err := io.Copy(w, input)
		w.CloseWithError(err)
	}()
	return r
}
