package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/fromline/fromline/internal/nearest"
)

// stranger is a variable of the environment that is named like a setting, is
// none, and so has no effect.
type stranger struct {
	name  string
	why   string
	meant bool // it was meant to have an effect, by its name
}

// strangers returns the variables that a command does not know, in the order of
// their names. Those that env:NAME leads to are no strangers. They are told and
// not refused: other programs, such as tests, have variables of such names too.
func strangers(c command, args []string) (all []stranger) {
	if c.add == nil {
		return nil
	}
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	c.add(set)
	config := addConfig(set)
	_ = set.Parse(args) // where it is wrong the command says so
	named := variablesNamed(args, *config)
	var known []string
	settings().VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
	known = append(known, configFlag)
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		setting := strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		if !ours || value == "" || named[name] || variable(setting) == name && slices.Contains(known, setting) {
			continue
		}
		s := stranger{name: name, why: "no setting has that name"}
		if meant := nearest.Name(setting, known); meant != "" {
			s.meant, s.why = true, "did you mean "+variable(meant)+"?"
		} else if set.Lookup(setting) != nil {
			s.meant, s.why = true, fmt.Sprintf("-%s stands on the command line alone", setting)
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b stranger) int { return strings.Compare(a.name, b.name) })
	return all
}

var envSource = regexp.MustCompile(`env:(\w+)`)

// variablesNamed are the variables that env:NAME names, on the command line, in
// the environment and in the file with settings.
func variablesNamed(args []string, config string) map[string]bool {
	if config == "" {
		config = os.Getenv(variable(configFlag))
	}
	text, _ := os.ReadFile(config) // where it cannot be read the command says so
	named := map[string]bool{}
	for _, m := range envSource.FindAllStringSubmatch(strings.Join(append(slices.Concat(args, os.Environ()), string(text)), "\n"), -1) {
		named[m[1]] = true
	}
	return named
}
