package simulate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fleet"
)

// ReadStudies puts together what WriteJSON wrote of runs of one scene: with
// other seeds, guards or models, of which each comes in the order in which it
// is read first. Where one run is in several, it has to be the same. What was
// drawn over time is not in them, so plots of that are left out.
func ReadStudies(texts ...[]byte) (*Study, error) {
	s := &Study{}
	for i, text := range texts {
		var in studyJSON
		if err := json.Unmarshal(text, &in); err != nil {
			return nil, fmt.Errorf("study %d: not what simulate -out json wrote: %w", i+1, err)
		}
		if in.Version != jsonVersion {
			return nil, fmt.Errorf("study %d: it has version %d, and this release reads %d", i+1, in.Version, jsonVersion)
		}
		if i == 0 {
			s.Scene = in.Scene
		}
		if !reflect.DeepEqual(s.Scene, in.Scene) {
			return nil, fmt.Errorf("study %d: it is of another scene than the first", i+1)
		}
		s.Partial = s.Partial || in.Partial
		if err := s.add(&in); err != nil {
			return nil, fmt.Errorf("study %d: %w", i+1, err)
		}
	}
	if len(s.Models) == 0 {
		return nil, errors.New("there is no run in it")
	}
	slices.Sort(s.Seeds)
	s.Seeds = slices.Compact(s.Seeds)
	return s, nil
}

func (s *Study) add(in *studyJSON) error {
	s.Seeds = append(s.Seeds, in.Seeds...)
	for _, m := range in.Models {
		if err := m.Model.check(); err != nil {
			return fmt.Errorf("model %s: %w", m.Name, err)
		}
		i := slices.IndexFunc(s.Models, func(r ModelResult) bool { return r.Model.Name == m.Name })
		if i < 0 {
			i = len(s.Models)
			s.Models = append(s.Models, ModelResult{Model: m.Model, Calibration: m.Calibration})
		}
		r := &s.Models[i]
		if !reflect.DeepEqual(r.Model, m.Model) {
			return fmt.Errorf("model %s is another one than before", m.Name)
		}
		for _, g := range m.Guards {
			if err := r.add(&g); err != nil {
				return fmt.Errorf("model %s, guard %s: %w", m.Name, g.Name, err)
			}
		}
	}
	return nil
}

func (r *ModelResult) add(in *guardJSON) error {
	guard, err := fleet.ParseGuard(in.Guard)
	if err != nil {
		return err
	}
	g := Guard{Name: in.Name, Guard: guard, Defer: time.Duration(in.Defer)}
	i := slices.IndexFunc(r.Guards, func(other GuardResult) bool { return other.Guard.Name == g.Name })
	if i < 0 {
		i = len(r.Guards)
		r.Guards = append(r.Guards, GuardResult{Guard: g})
	}
	into := &r.Guards[i]
	if into.Guard != g {
		return errors.New("it has other values than before")
	}
	for _, run := range in.Runs {
		at, there := slices.BinarySearchFunc(into.Runs, run.Seed, func(known Run, seed uint64) int {
			return int(min(max(int64(known.Seed)-int64(seed), -1), 1))
		})
		run.complete = true
		switch {
		case !there:
			into.Runs = slices.Insert(into.Runs, at, run)
		case !reflect.DeepEqual(into.Runs[at], run):
			return fmt.Errorf("seed %d came out another way than before", run.Seed)
		}
	}
	return nil
}

// UnmarshalJSONFrom passes values over: they follow from the runs.
func (v *Values) UnmarshalJSONFrom(d *jsontext.Decoder) error { return d.SkipValue() }
