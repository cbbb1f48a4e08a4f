package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

const routeUsage = `usage: fromline route -fleet FILE [flags] [FILE|-]

Reads one JSON object a line, from the file or from standard input. An object with
"to" is a send: the body of POST /v3/messages, which may also have
"idempotency_key" and "at". An object with "event_type" is a line event. Prints one
JSON object a line: the answer to the send or to the event. It writes decisions to
the store, unless -dry-run is given.

Exit status: 0 if every line was answered, 1 if some were refused, 2 if the
arguments or files cannot be used.

`

// routeFlags are the settings of fromline route.
type routeFlags struct {
	fleet, store, tenant string
	policy               string
	seed                 uint64
	now                  string
	explain, dryRun      bool
	input                string
}

// add adds the flags to a set.
func (f *routeFlags) add(set *flag.FlagSet) {
	set.StringVar(&f.fleet, "fleet", "", "`file` with our lines (required)")
	set.StringVar(&f.policy, "policy", "", policyUsage)
	f.store = "memory:"
	storeVar(set, &f.store, "store", storeUsage)
	set.StringVar(&f.tenant, "tenant", "default", "the `tenant` that sends")
	set.Uint64Var(&f.seed, "seed", 0, "draw ids from this `seed`, so that two runs print the same bytes; 0 draws at random; with a store that outlives the run give another seed for each run, because a store accepts a message id only once")
	set.StringVar(&f.now, "now", "", "`time` of the first line (RFC 3339); each later line without a time of its own is one second after the one before it; default: the clock")
	set.BoolVar(&f.explain, "explain", false, "print the reasons as text for people, instead of JSON")
	set.BoolVar(&f.dryRun, "dry-run", false, "print what would be decided now, and write nothing; every send is decided on the store as it is, and line events count for this run only")
}

func (f *routeFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("route", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, routeUsage, stdout); err != nil {
		return err
	}
	switch {
	case f.fleet == "":
		return errors.New("-fleet is missing: type -fleet FILE, with the name of the file that lists our lines")
	case f.tenant == "":
		return errors.New("-tenant is empty: type the name of a tenant, or leave the flag out")
	case set.NArg() > 1:
		return fmt.Errorf("%q is one argument too many: type the flags first and then at most one file", set.Arg(1))
	}
	f.input = set.Arg(0)
	return checkTenant(f.tenant)
}

// route is the sub-command of that name.
func route(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var f routeFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("route", err, stderr)
	}
	refused, err := routeLines(f, stdin, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "fromline route:", err)
		return exitUsage
	case refused > 0:
		return exitRefused
	}
	return exitOK
}

// routeLines answers every line of the input and returns how many it refused.
func routeLines(f routeFlags, stdin io.Reader, stdout, stderr io.Writer) (refused int, err error) {
	ctx := context.Background()
	session, err := newSession(ctx, f, stderr)
	if err != nil {
		return 0, err
	}
	defer session.close()

	input := stdin
	if f.input != "" && f.input != "-" {
		file, err := os.Open(f.input)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		input = file
	}
	out := bufio.NewWriter(stdout)
	p := newProgress(stderr, input)
	defer p.clear()
	lines := newLineReader(p.reader(input))
	for lines.next() {
		answer, refusal := session.answer(ctx, lines.number, lines.text, lines.err)
		if refusal != "" {
			refused++
			p.clear()
			fmt.Fprintf(stderr, "line %d: %s\n", lines.number, refusal)
		}
		if _, err := out.Write(answer); err != nil {
			return refused, err
		}
		if err := out.Flush(); err != nil { // a reader of a pipe sees each answer at once
			return refused, err
		}
		if !isTerminal(stdout) { // else the answers say how far it is
			p.tell(time.Now(), lines.number, plural(refused, "refusal"))
		}
	}
	return refused, lines.failure
}

// maxLine is the longest line in bytes: the largest body of the endpoint.
const maxLine = 8 << 20

// lineReader reads lines of bounded length and counts them. Lines that hold
// only white space are passed over.
type lineReader struct {
	r       *bufio.Reader
	number  int
	text    []byte
	err     error // the line is longer than maxLine; text is empty
	failure error // the input failed; nothing more can be read
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(newTextReader(r), 64<<10)}
}

var errLineTooLong = fmt.Errorf("the line is longer than %d bytes", maxLine)

func (l *lineReader) next() bool {
	for l.failure == nil {
		l.text, l.err = l.text[:0], nil
		var end bool
		for more := true; more; {
			chunk, err := l.r.ReadSlice('\n')
			if more = errors.Is(err, bufio.ErrBufferFull); !more && err != nil {
				end = true
				if err != io.EOF {
					l.failure = err
					return false
				}
			}
			if len(l.text)+len(chunk) > maxLine {
				l.err = errLineTooLong
			}
			if l.err == nil {
				l.text = append(l.text, chunk...)
			}
		}
		if end && len(l.text) == 0 && l.err == nil {
			return false
		}
		l.number++
		if end {
			l.r.Reset(eof{})
		}
		if l.err != nil || !blank(l.text) {
			return true
		}
	}
	return false
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func blank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
