package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// insteadOfBare says how a secret is given instead of as it is.
const insteadOfBare = "with the secret in the file, or env:NAME, with the secret in that variable of the environment: other users of the machine can read a command line"

// isSource says whether a text says where a secret is: @FILE or env:NAME.
func isSource(text string) bool {
	file, isFile := strings.CutPrefix(text, "@")
	variable, isVariable := strings.CutPrefix(text, "env:")
	return isFile && file != "" || isVariable && variable != ""
}

// secretLines reads what a source leads to, one secret a line, without empty
// lines and without spaces around them. No error holds a secret.
func secretLines(source string) (lines []string, err error) {
	var text []byte
	variable, isVariable := strings.CutPrefix(source, "env:")
	if isVariable {
		value, set := os.LookupEnv(variable)
		if !set {
			return nil, fmt.Errorf("there is no variable %s in the environment: set it, or give @FILE", variable)
		}
		text = []byte(value)
	} else if text, err = readText(strings.TrimPrefix(source, "@")); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, string(line))
		}
	}
	switch {
	case len(lines) > 0:
		return lines, nil
	case isVariable:
		return nil, fmt.Errorf("the variable %s of the environment is empty: put the secret into it", variable)
	}
	return nil, errors.New("the file is empty: write the secret into it")
}

// secretSource is a flag whose value is elsewhere, because other users of the
// machine can read a command line.
type secretSource struct {
	source string // @FILE or env:NAME; empty: not given
	err    error  // what was given wrongly
}

func (s *secretSource) String() string { return "" }

// Set takes @FILE and env:NAME. What is wrong is told later by check: package
// flag would repeat the value, which may be the secret itself.
func (s *secretSource) Set(text string) error {
	if s.source = text; !isSource(text) {
		s.err = errors.New("give @FILE, " + insteadOfBare)
	}
	return nil
}

// lines reads the secrets; none if no source is given.
func (s *secretSource) lines() ([]string, error) {
	if s.source == "" {
		return nil, nil
	}
	return secretLines(s.source)
}

// storeName is a flag with the name of a store, which @FILE and env:NAME may
// lead to.
type storeName string

// storeVar defines such a flag. The value that it has is the default.
func storeVar(set *flag.FlagSet, value *string, name, usage string) {
	set.Var((*storeName)(value), name, usage)
}

func (s *storeName) String() string { return string(*s) }

// Set takes a name, or where it is.
func (s *storeName) Set(text string) error {
	if !isSource(text) {
		*s = storeName(text)
		return nil
	}
	lines, err := secretLines(text)
	switch {
	case err != nil:
		return err
	case len(lines) > 1:
		return errors.New("it has more than one line: give the name of the store alone")
	}
	*s = storeName(lines[0])
	return nil
}

// password finds one in a URL, or among keywords and values.
var password = regexp.MustCompile(`://[^/?#@:]*:[^@]+@|(?:^|[\s:?&])(?:password|sslpassword)\s*=\s*[^\s&]`)

// exposed returns the flags of a command line that hold a password which other
// users of the machine can read there.
func exposed(args []string) (flags []string) {
	name := ""
	for _, arg := range args {
		value := arg
		if strings.HasPrefix(arg, "-") {
			name, value, _ = strings.Cut(arg, "=")
			name = "-" + strings.TrimLeft(name, "-")
		}
		if password.MatchString(value) {
			flags = append(flags, name)
		}
	}
	return flags
}

// exposure is the warning about such a flag.
const exposure = "other users of this machine can read the password on a command line: give @FILE or env:NAME"
