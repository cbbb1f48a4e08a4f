package simulate

import (
	"context"
	"fmt"
	"sync"
)

// Plan is a comparison: each guard under each model, with each seed.
type Plan struct {
	Scene  Scene
	Models []Model
	Guards []Guard
	Seeds  []uint64
	Jobs   int // runs at a time; less than 1 is 1

	// Told, if set, is told how far the runs are, by one goroutine at a time.
	Told func(Progress)
}

// Progress says how far a study is: one run has reached the end of a day.
type Progress struct {
	Model, Guard, Seed int // of the run that did, from 0
	Day                int // of the scene, from 1
	Done, All          int // days of all runs
}

// Study is what came of a plan. Partial says that it was stopped: runs that
// were not played are not in it.
type Study struct {
	Scene   Scene
	Seeds   []uint64
	Models  []ModelResult
	Partial bool
}

// ModelResult is what came of the guards under one model.
type ModelResult struct {
	Model       Model
	Calibration []Calibration
	Guards      []GuardResult
}

// GuardResult is the runs of one guard under one model, in the order of the
// seeds.
type GuardResult struct {
	Guard Guard
	Runs  []Run
}

// Play plays a plan, seed by seed. Where the context ends before, the study is
// partial, and that is no error.
func Play(ctx context.Context, p Plan) (*Study, error) {
	if err := p.Scene.Check(); err != nil {
		return nil, fmt.Errorf("the scene: %w", err)
	}
	s := &Study{Scene: p.Scene, Seeds: p.Seeds}
	for _, m := range p.Models {
		r := ModelResult{Model: m, Calibration: m.Calibrate(p.Scene.Replies)}
		for _, g := range p.Guards {
			r.Guards = append(r.Guards, GuardResult{Guard: g, Runs: make([]Run, len(p.Seeds))})
		}
		s.Models = append(s.Models, r)
	}
	if err := p.playAll(ctx, s); err != nil && ctx.Err() == nil {
		return nil, err
	}
	s.Partial = ctx.Err() != nil
	s.drop()
	return s, nil
}

// job is one run of a plan.
type job struct{ model, guard, seed int }

// jobs are all runs. Those of one seed come together, so that a study which is
// stopped compares all guards under all models over some seeds.
func (p *Plan) jobs() []job {
	var all []job
	for s := range p.Seeds {
		for m := range p.Models {
			for g := range p.Guards {
				all = append(all, job{m, g, s})
			}
		}
	}
	return all
}

// playAll plays all runs, some at a time, and returns the first error.
func (p *Plan) playAll(ctx context.Context, s *Study) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	all := p.jobs()
	next := make(chan job)
	var telling sync.Mutex
	done := 0
	var workers sync.WaitGroup
	for range max(1, min(p.Jobs, len(all))) {
		workers.Go(func() {
			for j := range next {
				run, err := p.one(ctx, j, func(day int) {
					telling.Lock()
					defer telling.Unlock()
					done++
					if p.Told != nil {
						p.Told(Progress{Model: j.model, Guard: j.guard, Seed: j.seed, Day: day, Done: done, All: len(all) * p.Scene.Days})
					}
				})
				if err != nil {
					cancel(err)
					continue
				}
				s.Models[j.model].Guards[j.guard].Runs[j.seed] = run
			}
		})
	}
	for _, j := range all {
		if ctx.Err() != nil {
			break
		}
		next <- j
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// one plays one run.
func (p *Plan) one(ctx context.Context, j job, told func(day int)) (Run, error) {
	w, err := newWorld(&p.Scene, &p.Models[j.model], p.Guards[j.guard], p.Seeds[j.seed])
	if err != nil {
		return Run{}, err
	}
	if err := w.play(ctx, told); err != nil {
		return Run{}, fmt.Errorf("model %s, guard %s, seed %d: %w", p.Models[j.model].Name, p.Guards[j.guard].Name, p.Seeds[j.seed], err)
	}
	w.run.complete = true
	return w.run, nil
}

// drop takes out what was not played to its end.
func (s *Study) drop() {
	var models []ModelResult
	for _, m := range s.Models {
		var guards []GuardResult
		for _, g := range m.Guards {
			var runs []Run
			for _, r := range g.Runs {
				if r.complete {
					runs = append(runs, r)
				}
			}
			if g.Runs = runs; len(runs) > 0 {
				guards = append(guards, g)
			}
		}
		if m.Guards = guards; len(guards) > 0 {
			models = append(models, m)
		}
	}
	s.Models = models
}

// worstSeed returns the place of the run in which the first guard has the most
// flags: there is something to see in it.
func (m *ModelResult) worstSeed() int {
	worst := 0
	for i, r := range m.Guards[0].Runs {
		if r.Flags > m.Guards[0].Runs[worst].Flags {
			worst = i
		}
	}
	return worst
}

// Shown returns the run of a guard that plots show, and false if it was not
// played.
func (m *ModelResult) Shown(guard int) (*Run, bool) {
	seed := m.Guards[0].Runs[m.worstSeed()].Seed
	for i := range m.Guards[guard].Runs {
		if r := &m.Guards[guard].Runs[i]; r.Seed == seed {
			return r, true
		}
	}
	return nil, false
}
