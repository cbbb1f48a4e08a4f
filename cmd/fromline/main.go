// Command fromline is the library as a program: it decides the sends of a file,
// serves the HTTP API and hands messages over, imports existing chats, copies
// stores, checks a configuration, and shows lines, decisions and parked
// messages.
//
//	fromline route -fleet fleet.json sends.jsonl
//	fromline serve -fleet fleet.json -addr 127.0.0.1:8080
//	fromline import -store sqlite:chats.db -tenant acme chats.jsonl
//	fromline copy -from sqlite:chats.db -to postgres://db.internal/fromline
//	fromline move-tenant -store sharded:shards.json -tenant acme -to two
//	fromline doctor -fleet fleet.json -store sqlite:chats.db
//	fromline explain -store sqlite:chats.db MESSAGE_ID
//	fromline lines -fleet fleet.json -store sqlite:chats.db
//	fromline parked list -store sqlite:chats.db
//	fromline simulate -lines 50 -guard pace,careful
//	fromline migrate -store postgres://… -print
//	fromline completion bash
//
// fromline COMMAND -h lists the flags of a sub-command, and fromline help
// COMMAND prints its full help.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fromline/fromline/internal/nearest"
)

// The exit statuses of every sub-command.
const (
	exitOK      = 0
	exitRefused = 1 // some of the input was refused, or something is wrong
	exitUsage   = 2 // arguments or files that cannot be used

	exitInterrupted = 130 // a simulation was stopped, as shells say it of SIGINT
)

// command is a sub-command.
type command struct {
	name, arguments, does string
	run                   func(args []string, stdin io.Reader, stdout, stderr io.Writer) int
	add                   func(*flag.FlagSet) // adds its flags to a set; nil: it has none
}

// commands are all sub-commands, in the order in which they are told.
func commands() []command {
	return []command{
		{"route", "-fleet FILE [flags] [FILE|-]", "decide the sends of a file, and print one JSON answer a line", route, new(routeFlags).add},
		{"serve", "-fleet FILE [flags]", "serve the HTTP API, and hand over decided messages", serve, new(serveFlags).add},
		{"import", "-store STORE [flags] [FILE|-]", "make existing chats known", importChats, new(importFlags).add},
		{"copy", "-from STORE -to STORE", "copy everything from one store to another", copyStore, new(copyFlags).add},
		{"move-tenant", "-store … -tenant TENANT -to SHARD", "move a tenant to another shard while servers run", moveTenant, new(moveTenantFlags).add},
		{"doctor", "[-fleet FILE] [-store STORE]", "check files and stores, and say what is wrong", doctor, new(doctorFlags).add},
		{"explain", "-store STORE MESSAGE_ID", "show why a message was sent from its line, in its chat", explainMessage, new(explainFlags).add},
		{"lines", "-store STORE [flags]", "show our lines, their state and their use", showLines, new(linesFlags).add},
		{"parked", "ACTION -store STORE [flags]", "list parked messages; release, reroute or drop them", parkedMessages, new(parkedFlags).add},
		{"simulate", "[-fleet FILE] [flags]", "compare guards on our lines, against models of networks", simulateFleet, new(simulateFlags).add},
		{"migrate", "-store STORE [-print]", "bring the schema of a store up to date, or print it as SQL", migrate, new(migrateFlags).add},
		{"version", "", "print the version", version, nil},
		{"completion", "SHELL", "print the completion script of a shell: bash, zsh or fish", completion, nil},
		{"help", "[COMMAND]", "print this, or the full help of a command", help, nil},
	}
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage())
		return exitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return help(nil, stdin, stdout, stderr)
	case "-version", "--version":
		return version(nil, stdin, stdout, stderr)
	}
	if args[0] == completing {
		return complete(args[1:], stdout)
	}
	c, known := find(args[0])
	if !known {
		return unknownCommand(args[0], stderr)
	}
	if c.name != "serve" { // which has a log
		for _, flag := range exposed(args[1:]) {
			fmt.Fprintf(stderr, "fromline %s: %s: %s\n", c.name, flag, exposure)
		}
		for _, v := range strangers(c, args[1:]) {
			if v.meant {
				fmt.Fprintf(stderr, "fromline %s: %s has no effect: %s\n", c.name, v.name, v.why)
			}
		}
	}
	return c.run(args[1:], stdin, stdout, stderr)
}

func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// unknownCommand says what was meant, where that can be told, and else what
// there is.
func unknownCommand(name string, stderr io.Writer) int {
	var known []string
	for _, c := range commands() {
		known = append(known, c.name)
	}
	if meant := nearest.Name(name, known); meant != "" {
		fmt.Fprintf(stderr, "fromline: there is no command %q: did you mean %s?\n", name, meant)
	} else {
		fmt.Fprintf(stderr, "fromline: there is no command %q: type one of these\n\n%s", name, usage())
	}
	return exitUsage
}

// usage is the help of the whole.
func usage() string {
	var b strings.Builder
	b.WriteString("fromline decides from which of our phone lines, and in which chat, a message goes out.\n\nusage:\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  fromline %-11s %-33s  %s\n", c.name, c.arguments, c.does)
	}
	b.WriteString(`
Type fromline COMMAND -h for the flags of a command, and fromline help COMMAND for
the full text. Every flag of serve is also a setting: -deliver-url is the variable
FROMLINE_DELIVER_URL of the environment, or the member deliver-url of a JSON file
that -config or FROMLINE_CONFIG names. The other commands read the settings for which
they have a flag.
`)
	return b.String()
}

// help is the sub-command of that name.
func help(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		fmt.Fprint(stdout, usage())
		return exitOK
	}
	if c, known := find(args[0]); known {
		return c.run([]string{"-help"}, stdin, stdout, stderr)
	}
	return unknownCommand(args[0], stderr)
}
