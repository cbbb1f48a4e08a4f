package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/internal/nearest"
)

const (
	configFlag  = "config"
	configUsage = "`file` with settings of serve: a JSON object with a member for each flag; a list for a flag that may be repeated; a variable such as FROMLINE_STORE wins over the file, and the command line over both"
)

// settings are the flags of fromline serve. The environment and a file hold
// these alone: what a command does only this once stands on its command line.
func settings() *flag.FlagSet {
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	new(serveFlags).add(set)
	return set
}

// addConfig adds -config to a set that has flags.
func addConfig(set *flag.FlagSet) (path *string) {
	path = new(string)
	flags := 0
	set.VisitAll(func(*flag.Flag) { flags++ })
	if flags > 0 {
		set.StringVar(path, configFlag, "", configUsage)
	}
	return path
}

// settle sets the settings that the command line left alone: from the
// environment, and then from the file that -config or FROMLINE_CONFIG names.
func settle(set *flag.FlagSet, config string) error {
	if set.Lookup(configFlag) == nil {
		return nil
	}
	known := settings()
	given := map[string]bool{}
	set.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var err error
	set.VisitAll(func(f *flag.Flag) {
		text, there := os.LookupEnv(variable(f.Name))
		if err != nil || !there || text == "" || given[f.Name] || known.Lookup(f.Name) == nil {
			return
		}
		given[f.Name] = true
		values := []string{text}
		if repeats(f) {
			values = strings.Split(text, ",")
		}
		for _, v := range values {
			if wrong := setValue(set, f.Name, v); wrong != nil {
				err = fmt.Errorf("%s %w", variable(f.Name), wrong)
				return
			}
		}
	})
	if err != nil {
		return err
	}
	from := "-" + configFlag
	if config == "" {
		from, config = variable(configFlag), os.Getenv(variable(configFlag))
	}
	if config == "" {
		return nil
	}
	if err := readConfig(config, set, known, given); err != nil {
		return fmt.Errorf("%s %s: %w", from, config, err)
	}
	return nil
}

// variablePrefix begins the name of every setting in the environment.
const variablePrefix = "FROMLINE_"

// variable is the name of a setting in the environment.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// repeats says whether a flag takes several values, which have commas between
// them in the environment and are a list in a file.
func repeats(f *flag.Flag) bool {
	_, many := f.Value.(*ofTenants)
	return many
}

// readConfig sets the flags that are not given from a file. A setting that is
// given, or that is one of serve and no flag here, is checked and passed over.
func readConfig(path string, set, known *flag.FlagSet, given map[string]bool) error {
	text, err := readText(path)
	if err != nil {
		return err
	}
	var values map[string]jsontext.Value
	if err := json.Unmarshal(text, &values); err != nil {
		return fmt.Errorf(`it has to be a JSON object, such as {"store": "sqlite:chats.db"}: %w`, err)
	}
	for name, value := range values {
		if known.Lookup(name) == nil {
			return unknownSetting(name, known)
		}
		if err := setAll(known, known.Lookup(name), value); err != nil {
			return fmt.Errorf("%q %w", name, err)
		}
		if f := set.Lookup(name); f != nil && !given[name] {
			if err := setAll(set, f, value); err != nil {
				return fmt.Errorf("%q %w", name, err)
			}
		}
	}
	return nil
}

func unknownSetting(name string, known *flag.FlagSet) error {
	var names []string
	known.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if meant := nearest.Name(name, names); meant != "" {
		return fmt.Errorf("there is no setting %q: did you mean %q?", name, meant)
	}
	return fmt.Errorf("there is no setting %q: fromline serve -h lists them", name)
}

// setAll sets a flag to the value of a setting, or to each of a list.
func setAll(set *flag.FlagSet, f *flag.Flag, value jsontext.Value) error {
	values := []jsontext.Value{value}
	if value.Kind() == jsontext.KindBeginArray {
		if err := json.Unmarshal(value, &values); err != nil {
			return err
		}
	}
	if len(values) != 1 && !repeats(f) {
		return fmt.Errorf("holds %d values, and this command takes one: give -%s", len(values), f.Name)
	}
	for _, v := range values {
		if err := setFlag(set, f.Name, v); err != nil {
			return err
		}
	}
	return nil
}

func setFlag(set *flag.FlagSet, name string, value jsontext.Value) error {
	f := set.Lookup(name)
	switch value.Kind() {
	case jsontext.KindString:
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		return setValue(set, name, text)
	case jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse:
		if !takesText(f) {
			return setValue(set, name, string(value))
		}
	}
	_, usage := flag.UnquoteUsage(f)
	usage, _, _ = strings.Cut(usage, ";")
	return fmt.Errorf("is %s: %s", kindOf(value), form(f, "give a string, the "+usage))
}

// takesText says whether the value of a flag is text, so that a number, true or
// false in its place is a mistake: it would become the name of a file, or be
// told as a wrong name of something.
func takesText(f *flag.Flag) bool {
	if getter, is := f.Value.(flag.Getter); is {
		_, text := getter.Get().(string)
		return text
	}
	_, either := f.Value.(interface{ IsBoolFlag() bool })
	return !either
}

// kindOf names what a JSON value is, and not the value, which may be a secret.
func kindOf(value jsontext.Value) string {
	switch value.Kind() {
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "true or false"
	case jsontext.KindBeginArray:
		return "a list in a list"
	case jsontext.KindBeginObject:
		return "an object"
	}
	return "null"
}
