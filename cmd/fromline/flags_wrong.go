package main

import (
	"flag"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/store"
)

// What package flag says of a command line that cannot be used.
const (
	flagUnknown = "flag provided but not defined: -"
	flagAlone   = "flag needs an argument: -"
)

var flagInvalid = regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([^\s:]+): (.*)$`)

// meantFlag says of a command line that cannot be used what to write instead:
// which flag was meant, or what form its value has.
func meantFlag(set *flag.FlagSet, err error) error {
	if name, alone := strings.CutPrefix(err.Error(), flagAlone); alone && set.Lookup(name) != nil {
		f := set.Lookup(name)
		value, _ := flag.UnquoteUsage(f)
		return fmt.Errorf("-%s is given without its value, %s: %s", name, value, strings.TrimPrefix(form(f, "give one"), ": "))
	}
	if m := flagInvalid.FindStringSubmatch(err.Error()); m != nil && set.Lookup(m[2]) != nil {
		if given, bad := strconv.Unquote(m[1]); bad == nil {
			return fmt.Errorf("-%s %w", m[2], wrongValue(set.Lookup(m[2]), given, m[3]))
		}
	}
	name, unknown := strings.CutPrefix(err.Error(), flagUnknown)
	if !unknown {
		return err
	}
	var known []string
	set.VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
	if meant := nearest.Name(name, known); meant != "" {
		return fmt.Errorf("there is no flag -%s: did you mean -%s?", name, meant)
	}
	return fmt.Errorf("there is no flag -%s", name)
}

// wrongValue is the error of a value that a flag does not take: what it has to
// be, where its type tells that, and else why it was refused.
func wrongValue(f *flag.Flag, given, why string) error {
	return fmt.Errorf("%q: %s", given, form(f, why))
}

// form says what form the value of a flag has; otherwise is for one whose type
// does not tell.
func form(f *flag.Flag, otherwise string) string {
	getter, is := f.Value.(flag.Getter)
	if !is {
		return otherwise
	}
	switch getter.Get().(type) {
	case time.Duration:
		return "give a time with its unit, such as 10s, 90m or 1h30m"
	case int, int64:
		return fmt.Sprintf("give a whole number, at most %d", uint64(1<<63-1))
	case uint64:
		return fmt.Sprintf("give a whole number from 0 to %d", uint64(1<<64-1))
	case float64:
		return "give a number, such as 50 or 0.5"
	case bool:
		return "give true or false"
	case *slog.Level:
		return "give DEBUG, INFO, WARN or ERROR"
	}
	return otherwise
}

// setValue gives a flag a value that does not stand on the command line.
func setValue(set *flag.FlagSet, name, given string) error {
	if err := set.Set(name, given); err != nil {
		return wrongValue(set.Lookup(name), given, err.Error())
	}
	return nil
}

// parkReasons are the reasons for which messages are parked, as -reason takes
// them.
func parkReasons() (names []string) {
	for why := store.ParkedAttempts; why.IsValid(); why++ {
		names = append(names, why.String())
	}
	return names
}

// orOf joins words with commas, and the last with or.
func orOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// andOf joins at least two words.
func andOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
