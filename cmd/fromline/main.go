// Command fromline shows the library at work: it routes sends from a file,
// serves the endpoint, loads chats that exist already, and looks over what it
// would run with.
//
//	fromline route -fleet fleet.json sends.jsonl
//	fromline serve -fleet fleet.json -addr 127.0.0.1:8080
//	fromline import -store sqlite:chats.db -tenant acme chats.jsonl
//	fromline doctor -fleet fleet.json -store sqlite:chats.db
//
// Each sub-command describes its flags with -h.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// The exit statuses of every sub-command.
const (
	exitOK      = 0
	exitRefused = 1 // some of the input was refused, or something is wrong
	exitUsage   = 2 // arguments or files that cannot be used
)

const usage = `fromline decides from which of our lines, and in which chat, a message goes out.

usage:
  fromline route  -fleet FILE [flags] [FILE|-]   decide the sends of a file, one JSON answer a line
  fromline serve  -fleet FILE [flags]            serve the endpoint, and hand decided messages over
  fromline import -store STORE [flags] [FILE|-]  make chats known that exist already
  fromline doctor [-fleet FILE] [-store STORE]   look over files and stores, and say what is wrong
  fromline help [COMMAND]                        print this, or what a command does

Each command describes its flags with -h.
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "route":
		return route(args[1:], stdin, stdout, stderr)
	case "serve":
		return serve(args[1:], stdin, stdout, stderr)
	case "import":
		return importChats(args[1:], stdin, stdout, stderr)
	case "doctor":
		return doctor(args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		if len(args) > 1 && args[0] == "help" && args[1] != "help" {
			return run([]string{args[1], "-h"}, stdin, stdout, stderr)
		}
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	fmt.Fprintf(stderr, "fromline: unknown command %q\n\n%s", args[0], usage)
	return exitUsage
}

// parseFlags reads the arguments of a command into its flags. Help that was asked
// for goes to standard output, and is flag.ErrHelp; what is wrong is told by
// unusable alone.
func parseFlags(set *flag.FlagSet, args []string, usage string, stdout io.Writer) error {
	set.SetOutput(io.Discard)
	err := set.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		set.SetOutput(stdout)
		set.PrintDefaults()
	}
	return err
}

// unusable answers a command line that cannot be used; asking for help is no
// mistake.
func unusable(command string, err error, stderr io.Writer) int {
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(stderr, "fromline %s: %v\nfromline %[1]s -h describes the flags\n", command, err)
	return exitUsage
}
