package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
	"github.com/fromline/fromline/cmd/fromline/internal/simulate/page"
)

const simulateUsage = `usage: fromline simulate [flags]

Simulates weeks of our lines in a moment, to compare guards before production: the
real router and a store in memory run in virtual time against models of networks
that flag lines.

Guards are named: off, careful, and pace, ramp and share, which are the parts
of careful and can be joined (pace+share); or a file with a guard as JSON. With
defer (careful+defer) openings wait up to an hour for the pace of a line. All
guards are compared with off, which is always played first.

No network publishes when it flags a line: the models are guesses. -print-models
prints them as JSON; change them and give them back with -model FILE. Read the
calibration first, and then trust only the results that all models agree on.

The same scene, models, guards and seeds give the same bytes. SIGINT prints
what is complete by then, marked as partial.

Exit status: 0 if all was played, 2 if the arguments or files cannot be used,
130 if it was stopped.

`

// simulateFlags are the settings of fromline simulate.
type simulateFlags struct {
	scene                   sceneFlags
	guards, models          string
	seeds, jobs             int
	seed                    uint64
	output, file            string
	printScene, printModels bool
	results                 string
}

// add adds the flags to a set.
func (f *simulateFlags) add(set *flag.FlagSet) {
	f.scene.add(set)
	set.StringVar(&f.guards, "guard", "off,pace,careful", "the `guards` that are compared: names, and files with a guard as JSON, with commas between them")
	set.StringVar(&f.models, "model", "all", "the `models`: all, or names of those that come with the program, and files, with commas between them")
	set.IntVar(&f.seeds, "seeds", 8, "`number` of worlds to play with each guard and model; their seeds are 1, 2, 3 and so on")
	set.Uint64Var(&f.seed, "seed", 0, "play only the world of this `seed`")
	set.IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "`number` of worlds to play at the same time")
	set.StringVar(&f.output, "out", "table", "`form` of the output: table, json, html (one file with plots) or svg (a drawing of the flags)")
	set.StringVar(&f.results, "results", "", "play nothing, and join the `files` that -out json wrote, with commas between them; all of one scene")
	set.StringVar(&f.file, "o", "", "`file` for the output; default: standard output")
	set.BoolVar(&f.printScene, "print-scene", false, "write the scene as JSON, for -scene, and play nothing")
	set.BoolVar(&f.printModels, "print-models", false, "write the models as JSON, for -model, and play nothing")
}

func (f *simulateFlags) parse(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("simulate", flag.ContinueOnError)
	f.add(set)
	if err := parseFlags(set, args, simulateUsage, stdout); err != nil {
		return err
	}
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("%q is not expected: simulate takes flags only", set.Arg(0))
	case f.seeds < 1 || f.seeds > 10_000:
		return fmt.Errorf("-seeds %d: give a number from 1 to 10000", f.seeds)
	case f.jobs < 1:
		return fmt.Errorf("-jobs %d: give a number from 1 on", f.jobs)
	}
	f.scene.noteSet(set)
	return nil
}

// simulateFleet is the sub-command of that name.
func simulateFleet(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	var f simulateFlags
	if err := f.parse(args, stdout); err != nil {
		return unusable("simulate", err, stderr)
	}
	plan, write, err := f.plan()
	if err != nil {
		return unusable("simulate", err, stderr)
	}
	ctx, stop := untilSignal()
	defer stop()
	p := &simulationProgress{progress: newProgress(stderr, nil), plan: &plan}
	plan.Told = p.tell
	var study *simulate.Study
	err = p.beside(p.text, func() (err error) {
		study, err = f.play(ctx, plan)
		return err
	})
	if err != nil {
		fmt.Fprintln(stderr, "fromline simulate:", err)
		return exitUsage
	}
	if err := writeTo(f.file, stdout, func(w io.Writer) error { return write(w, &plan, study) }); err != nil {
		fmt.Fprintln(stderr, "fromline simulate:", err)
		return exitUsage
	}
	if study != nil && study.Partial {
		return exitInterrupted
	}
	return exitOK
}

// play plays the plan, unless there is only something to print.
func (f *simulateFlags) play(ctx context.Context, plan simulate.Plan) (*simulate.Study, error) {
	if f.printScene || f.printModels {
		return nil, nil
	}
	if f.results == "" {
		return simulate.Play(ctx, plan)
	}
	var texts [][]byte
	for path := range strings.SplitSeq(f.results, ",") {
		text, err := readText(path)
		if err != nil {
			return nil, fmt.Errorf("-results: %w", err)
		}
		texts = append(texts, text)
	}
	study, err := simulate.ReadStudies(texts...)
	if err != nil {
		return nil, fmt.Errorf("-results: %w", err)
	}
	return study, nil
}

// simulationWriter writes what there is to be written.
type simulationWriter func(w io.Writer, plan *simulate.Plan, s *simulate.Study) error

// plan returns what is to be played, and how it is written. The error tells
// everything that is wrong.
func (f *simulateFlags) plan() (simulate.Plan, simulationWriter, error) {
	plan := simulate.Plan{Jobs: f.jobs}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	plan.Scene, err = f.scene.scene()
	note(err)
	if err == nil {
		note(plan.Scene.Check())
	}
	plan.Models, err = readModels(f.models)
	note(err)
	plan.Guards, err = readGuards(f.guards)
	note(err)
	for i := range f.seeds {
		plan.Seeds = append(plan.Seeds, uint64(i)+1)
	}
	if f.seed != 0 {
		plan.Seeds = []uint64{f.seed}
	}
	write, err := f.writer()
	note(err)
	return plan, write, errors.Join(errs...)
}

func (f *simulateFlags) writer() (simulationWriter, error) {
	switch {
	case f.printScene:
		return func(w io.Writer, p *simulate.Plan, _ *simulate.Study) error { return p.Scene.WriteScene(w) }, nil
	case f.printModels:
		return func(w io.Writer, p *simulate.Plan, _ *simulate.Study) error { return simulate.WriteModels(w, p.Models) }, nil
	}
	switch f.output {
	case "table":
		return func(w io.Writer, _ *simulate.Plan, s *simulate.Study) error { return s.WriteTable(w) }, nil
	case "json":
		return func(w io.Writer, _ *simulate.Plan, s *simulate.Study) error { return s.WriteJSON(w) }, nil
	case "html":
		return func(w io.Writer, _ *simulate.Plan, s *simulate.Study) error { return page.Write(w, s) }, nil
	case "svg":
		return func(w io.Writer, _ *simulate.Plan, s *simulate.Study) error { return page.WriteFlags(w, s) }, nil
	}
	return nil, fmt.Errorf("-out %q: give table, json, html or svg", f.output)
}

// writeTo writes to a file, or to standard output if none is named.
func writeTo(path string, stdout io.Writer, write func(io.Writer) error) error {
	if path == "" || path == "-" {
		return write(stdout)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	return errors.Join(write(file), file.Close())
}
