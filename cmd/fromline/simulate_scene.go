package main

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
	"github.com/fromline/fromline/internal/nearest"
	"github.com/fromline/fromline/internal/rfc3339"
)

// sceneFlags are what a command line says of a scene. Flags that are given
// change the scene of the file, or the usual one.
type sceneFlags struct {
	file, fleet  string
	values       simulate.Scene
	begins       string
	sends, first string
	broadcast    string
	joins, young string
	set          map[string]bool
}

func (f *sceneFlags) add(set *flag.FlagSet) {
	d := simulate.DefaultScene()
	set.StringVar(&f.file, "scene", "", "`file` with a scene as JSON, as -print-scene writes it; other flags change it")
	set.StringVar(&f.fleet, "fleet", "", "`file` with our lines, for their limits and starts; default: -lines like each other")
	set.IntVar(&f.values.Lines, "lines", d.Lines, "`number` of lines")
	set.StringVar(&f.young, "young", "20%", "`share` of the lines that are less than four weeks old")
	set.IntVar(&f.values.Chats, "chats", d.Chats, "`number` of chats that a grown line has at the start")
	set.StringVar(&f.sends, "sends", "0.4/day", "how `often` a message is sent into each chat")
	set.StringVar(&f.broadcast, "broadcast", "50%@15:00+10m", "`share` of those messages that are sent at one time of the day, and within what time")
	set.StringVar(&f.first, "first", "50%", "first contacts a day: a `number` (1250/day) or a share of the limits of all lines (50%)")
	set.StringVar(&f.joins, "joins", "0@day10", "number of `lines` that join, and when: 10@day10")
	set.DurationVar((*time.Duration)(&f.values.Outage), "outage", time.Duration(d.Outage), "median `time` for which a flagged line is out")
	set.DurationVar((*time.Duration)(&f.values.Retry), "retry", time.Duration(d.Retry), "`time` for which a refused send is tried again")
	set.IntVar(&f.values.Days, "days", d.Days, "`number` of days to play")
	set.StringVar(&f.begins, "begins", "", "`time` of the first day (RFC 3339); default: 2026-01-05, and today where a fleet file says when lines started")
}

// noteSet notes which flags were given.
func (f *sceneFlags) noteSet(set *flag.FlagSet) {
	f.set = map[string]bool{}
	set.Visit(func(g *flag.Flag) { f.set[g.Name] = true })
}

// scene returns the scene that file and flags say.
func (f *sceneFlags) scene() (simulate.Scene, error) {
	s := simulate.DefaultScene()
	var errs []error
	if f.file != "" {
		text, err := readText(f.file)
		if err == nil {
			s, err = simulate.ParseScene(text)
		}
		if err != nil {
			return s, fmt.Errorf("-scene %s: %w", f.file, err)
		}
	}
	if f.fleet != "" {
		text, err := readText(f.fleet)
		if err != nil {
			return s, fmt.Errorf("-fleet: %w", err)
		}
		s.Fleet = jsontext.Value(text)
	}
	given := func(name string, take func() error) {
		if f.set[name] {
			if err := take(); err != nil {
				errs = append(errs, fmt.Errorf("-%s: %w", name, err))
			}
		}
	}
	given("lines", func() error { s.Lines = f.values.Lines; return nil })
	given("chats", func() error { s.Chats = f.values.Chats; return nil })
	given("outage", func() error { s.Outage = f.values.Outage; return nil })
	given("retry", func() error { s.Retry = f.values.Retry; return nil })
	given("days", func() error { s.Days = f.values.Days; s.JoinDay = min(s.JoinDay, s.Days); return nil })
	given("young", func() (err error) { s.Young, err = readShare(f.young); return err })
	given("sends", func() (err error) { s.Sends, err = readRate(f.sends); return err })
	given("broadcast", func() error { return readBroadcast(f.broadcast, &s) })
	given("joins", func() error { return readJoins(f.joins, &s) })
	given("begins", func() (err error) { s.Begins, err = rfc3339.Parse(f.begins); return err })
	if f.set["first"] || f.file == "" {
		if err := readFirst(f.first, &s); err != nil {
			errs = append(errs, fmt.Errorf("-first: %w", err))
		}
	}
	if len(s.Fleet) > 0 && f.file == "" && f.begins == "" && strings.Contains(string(s.Fleet), `"started_at"`) {
		s.Begins = time.Now().UTC().Truncate(24 * time.Hour)
	}
	return s, errors.Join(errs...)
}

// readShare reads a share, "20%" or "0.2".
func readShare(text string) (float64, error) {
	number, perCent := strings.CutSuffix(text, "%")
	x, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no share: write it like 20%%", text)
	}
	if perCent {
		x /= 100
	}
	return x, nil
}

// readRate reads how often a day, "0.4/day" or "0.4".
func readRate(text string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSuffix(text, "/day"), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no rate: write it like 0.4/day", text)
	}
	return x, nil
}

// readFirst reads first contacts a day: a rate, or a share of the limits.
func readFirst(text string, s *simulate.Scene) (err error) {
	if !strings.HasSuffix(text, "%") {
		s.First, err = readRate(text)
		return err
	}
	share, err := readShare(text)
	if err != nil {
		return err
	}
	s.First = share * float64(s.Limits())
	return nil
}

// readBroadcast reads "50%@15:00+10m".
func readBroadcast(text string, s *simulate.Scene) error {
	share, at, _ := strings.Cut(text, "@")
	clock, over, both := strings.Cut(at, "+")
	when, err := time.Parse("15:04", clock)
	within, overErr := time.ParseDuration(over)
	x, shareErr := readShare(share)
	if !both || errors.Join(err, overErr, shareErr) != nil {
		return fmt.Errorf("%q: write it like 50%%@15:00+10m", text)
	}
	s.Broadcast, s.BroadcastOver = x, simulate.Span(within)
	s.BroadcastAt = simulate.Span(time.Duration(when.Hour())*time.Hour + time.Duration(when.Minute())*time.Minute)
	return nil
}

// readJoins reads "10@day10".
func readJoins(text string, s *simulate.Scene) error {
	n, day, _ := strings.Cut(text, "@day")
	joins, err := strconv.Atoi(n)
	on, dayErr := strconv.Atoi(day)
	if errors.Join(err, dayErr) != nil {
		return fmt.Errorf("%q: write it like 10@day10", text)
	}
	s.Joins, s.JoinDay = joins, on
	return nil
}

// readModels returns the models of a list of names and files.
func readModels(list string) ([]simulate.Model, error) {
	known := simulate.Models()
	if list == "all" {
		return known, nil
	}
	var models []simulate.Model
	var errs []error
	for name := range strings.SplitSeq(list, ",") {
		found := false
		var names []string
		for _, m := range known {
			names = append(names, m.Name)
			if m.Name == name {
				models, found = append(models, m), true
			}
		}
		if found {
			continue
		}
		if !strings.ContainsAny(name, "./") {
			meant := strings.Join(names, ", ")
			if near := nearest.Name(name, names); near != "" {
				meant = near
			}
			errs = append(errs, fmt.Errorf("-model: %q is neither a model nor a file: did you mean %s?", name, meant))
			continue
		}
		text, err := readText(name)
		if err == nil {
			var more []simulate.Model
			more, err = simulate.ParseModels(text)
			models = append(models, more...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("-model %s: %w", name, err))
		}
	}
	return models, errors.Join(errs...)
}

// readGuards returns the guards of a list of names and files, off before all.
func readGuards(list string) ([]simulate.Guard, error) {
	guards := []simulate.Guard{{Name: "off"}}
	seen := map[string]bool{"off": true}
	var errs []error
	for name := range strings.SplitSeq(list, ",") {
		if seen[name] {
			continue
		}
		seen[name] = true
		g, err := simulate.ParseGuard(name)
		if strings.HasSuffix(name, ".json") {
			var text []byte
			if text, err = readText(name); err == nil {
				g, err = simulate.ReadGuard(name, text)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("-guard: %w", err))
			continue
		}
		guards = append(guards, g)
	}
	return guards, errors.Join(errs...)
}
