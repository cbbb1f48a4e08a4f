package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// parseFlags reads the arguments of a command into its flags, and settings that
// they leave alone from the environment and a file. Help that was asked for
// goes to standard output, and is flag.ErrHelp: one screen for -h, all there is
// for -help, which is what fromline help COMMAND asks for. What is wrong is
// told by unusable alone.
func parseFlags(set *flag.FlagSet, args []string, usage string, stdout io.Writer) error {
	set.SetOutput(io.Discard)
	config := addConfig(set)
	err := set.Parse(args)
	if err == nil {
		return settle(set, *config)
	}
	if !errors.Is(err, flag.ErrHelp) {
		return meantFlag(set, err)
	}
	full := slices.Contains(args, "-help") || slices.Contains(args, "--help")
	if full {
		fmt.Fprint(stdout, usage)
	} else {
		paragraphs := strings.SplitAfter(usage, "\n\n")
		last := 2
		if strings.HasSuffix(paragraphs[1], ":\n\n") {
			last++
		}
		fmt.Fprint(stdout, strings.Join(paragraphs[:last], ""))
	}
	printFlags(set, full, stdout)
	if !full {
		fmt.Fprintf(stdout, "\nType fromline help %s to read all about it.\n", set.Name())
	}
	return err
}

// printFlags tells each flag: in short in one line, its usage up to the first
// semicolon, and else in full.
func printFlags(set *flag.FlagSet, full bool, out io.Writer) {
	const column, width = 26, 100
	set.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		text = strings.ReplaceAll(text, "\n", " ")
		if !full {
			text, _, _ = strings.Cut(text, ";")
		}
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			text += " (default " + f.DefValue + ")"
		}
		name := fmt.Sprintf("  -%s %s", f.Name, value)
		var line strings.Builder
		fmt.Fprintf(&line, "%-*s", column, name)
		for _, word := range strings.Fields(text) {
			if line.Len()+1+len(word) > width {
				fmt.Fprintln(out, line.String())
				line.Reset()
				fmt.Fprintf(&line, "%-*s", column, "")
			}
			line.WriteString(" " + word)
		}
		fmt.Fprintln(out, line.String())
	})
}

// unusable answers a command line that cannot be used; asking for help is no
// mistake.
func unusable(command string, err error, stderr io.Writer) int {
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(stderr, "fromline %s: %v\nfromline %[1]s -h lists the flags\n", command, err)
	return exitUsage
}
