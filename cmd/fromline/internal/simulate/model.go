package simulate

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"
)

// Model is a guess at what a network punishes: how likely it is that a line is
// flagged, as a rate per day. The rates of its terms add up. A term that is
// left out adds nothing.
type Model struct {
	Name string `json:"name"`
	Says string `json:"says"` // what it guesses, in a sentence

	// Always is a rate that depends on nothing; Sweeps flag a share of all lines
	// on one day.
	Always float64 `json:"always,omitzero"`
	Sweeps []Sweep `json:"sweeps,omitzero"`

	// Windows count the chats that the line opened lately.
	Windows []Window `json:"windows,omitzero"`

	Failovers Failovers `json:"failovers,omitzero"`
	Reports   Reports   `json:"reports,omitzero"`
	Campaigns Campaigns `json:"campaigns,omitzero"`

	// Tolerance makes all of the above count for more in a young line, Memory in
	// one that was flagged, and Replies in one that few people answer. They do not
	// touch Always, Sweeps and Failovers.
	Tolerance Tolerance `json:"tolerance,omitzero"`
	Memory    Memory    `json:"memory,omitzero"`
	Replies   Replies   `json:"replies,omitzero"`

	// AtRisk is the rate, without windows of an hour or less, from which on the
	// network says that the line is at risk; it says so no more at half of it.
	// Zero: it never says so.
	AtRisk float64 `json:"at_risk,omitzero"`
}

// Sweep flags each line with the chance Share, on one day at noon.
type Sweep struct {
	Day   int     `json:"day"`
	Share float64 `json:"share"`
}

// Window is a rate of PerDay·(n/At)^Power, at most Most, for a line that opened
// n chats in a time of 10m, 60m or 24h. Most is 0 for no end.
type Window struct {
	Window Span    `json:"window"`
	At     float64 `json:"at"`
	Power  float64 `json:"power"`
	PerDay float64 `json:"per_day"`
	Most   float64 `json:"most,omitzero"`
}

// Failovers is a rate of PerDay for each failover above Free in 24 hours:
// people who were written to from another number before.
type Failovers struct {
	Free   int     `json:"free"`
	PerDay float64 `json:"per_day"`
}

// Reports is a rate of PerDay·(s/At)^Power, at most Most, for a score s that
// grows by one whenever an opening is reported, with the chance First or
// Failover, and halves in HalfLife.
type Reports struct {
	First    float64 `json:"first"`
	Failover float64 `json:"failover"`
	HalfLife Span    `json:"half_life"`
	At       float64 `json:"at"`
	Power    float64 `json:"power"`
	PerDay   float64 `json:"per_day"`
	Most     float64 `json:"most,omitzero"`
}

// Campaigns is a rate of PerDay for each opening in 24 hours, times the heat of
// its campaign. The heat of the first Bad of Count campaigns is 1; each flag
// adds Spreads to those that the line carried, by their shares of it, which
// halves in HalfLife.
type Campaigns struct {
	Count    int     `json:"count"`
	Bad      int     `json:"bad"`
	PerDay   float64 `json:"per_day"`
	Spreads  float64 `json:"spreads"`
	HalfLife Span    `json:"half_life"`
}

// Tolerance is Young for a line of age 0, and grows to 1 in Days.
type Tolerance struct {
	Young float64 `json:"young"`
	Days  int     `json:"days"`
}

// Memory is the share of its tolerance that a line has for Days after a flag.
type Memory struct {
	Tolerance float64 `json:"tolerance"`
	Days      int     `json:"days"`
}

// Replies multiplies rates by 1 where the share Few of a line's openings in a
// week is answered, and by up to Times where fewer are.
type Replies struct {
	Few   float64 `json:"few"`
	Times float64 `json:"times"`
}

//go:embed models.json
var embedded []byte

// Models returns the six models that come with the program.
func Models() []Model {
	models, err := ParseModels(embedded)
	if err != nil {
		panic(err) // they are part of this program, and tested
	}
	return models
}

// ParseModels reads a list of models, or one. The error tells every fault.
func ParseModels(text []byte) ([]Model, error) {
	var models []Model
	reject := json.RejectUnknownMembers(true)
	if err := json.Unmarshal(text, &models, reject); err != nil {
		one := make([]Model, 1)
		if json.Unmarshal(text, &one[0], reject) != nil {
			return nil, fmt.Errorf("not a list of models: %w", err)
		}
		models = one
	}
	var errs []error
	names := map[string]bool{}
	for i := range models {
		m := &models[i]
		if err := m.check(); err != nil {
			errs = append(errs, fmt.Errorf("model %d (%s): %w", i+1, m.Name, err))
		}
		if names[m.Name] {
			errs = append(errs, fmt.Errorf("model %d: the name %q is taken", i+1, m.Name))
		}
		names[m.Name] = true
	}
	if len(models) == 0 {
		errs = append(errs, errors.New("there is no model"))
	}
	return models, errors.Join(errs...)
}

// check returns every fault of a model.
func (m *Model) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	rate := func(name string, values ...float64) {
		for _, v := range values {
			if !(v >= 0 && v <= 1e6) {
				wrong("%s: %v is no number from 0 to a million", name, v)
			}
		}
	}
	if m.Name == "" {
		wrong("give it a name")
	}
	rate("always", m.Always)
	rate("at_risk", m.AtRisk)
	for i, s := range m.Sweeps {
		if s.Day < 0 || !(s.Share >= 0 && s.Share <= 1) {
			wrong("sweeps: number %d needs a day from 0 on and a share from 0 to 1", i+1)
		}
	}
	for i, w := range m.Windows {
		if ticksOf(w.Window) == 0 {
			wrong("windows: number %d: the window is %v: give 10m, 60m or 24h", i+1, w.Window)
		}
		if !(w.At > 0) || !(w.Power >= 0 && w.Power <= 20) {
			wrong("windows: number %d needs at above 0 and a power from 0 to 20", i+1)
		}
		rate("windows", w.PerDay, w.Most)
	}
	rate("failovers", float64(m.Failovers.Free), m.Failovers.PerDay)
	if r := m.Reports; r != (Reports{}) {
		if !(r.First >= 0 && r.First <= 1 && r.Failover >= 0 && r.Failover <= 1) || r.HalfLife < Span(tick) || !(r.At > 0) || !(r.Power >= 0 && r.Power <= 20) {
			wrong("reports: give chances from 0 to 1, a half life of at least %v, at above 0, and a power from 0 to 20", Span(tick))
		}
		rate("reports", r.PerDay, r.Most)
	}
	if c := m.Campaigns; c != (Campaigns{}) {
		if c.Count < 1 || c.Count > maxCampaigns || c.Bad < 0 || c.Bad > c.Count || c.HalfLife < Span(tick) {
			wrong("campaigns: give a count from 1 to %d, at most as many bad ones, and a half life of at least %v", maxCampaigns, Span(tick))
		}
		rate("campaigns", c.PerDay, c.Spreads)
	}
	if t := m.Tolerance; t != (Tolerance{}) && (!(t.Young > 0 && t.Young <= 1) || t.Days < 1) {
		wrong("tolerance: give a young one above 0 and at most 1, and days from 1 on")
	}
	if y := m.Memory; y != (Memory{}) && (!(y.Tolerance > 0 && y.Tolerance <= 1) || y.Days < 1) {
		wrong("memory: give a tolerance above 0 and at most 1, and days from 1 on")
	}
	if r := m.Replies; r != (Replies{}) && (!(r.Few > 0 && r.Few <= 1) || !(r.Times >= 1)) {
		wrong("replies: give few above 0 and at most 1, and times from 1 on")
	}
	return errors.Join(errs...)
}

// tick is how often the network looks at the lines.
const (
	tick        = 10 * time.Minute
	ticksPerDay = int(24 * time.Hour / tick)
)

const maxCampaigns = 8

// ticksOf returns how many ticks a window has, 0 for one that is not counted.
func ticksOf(s Span) int {
	switch time.Duration(s) {
	case tick:
		return 1
	case time.Hour:
		return 6
	case 24 * time.Hour:
		return ticksPerDay
	}
	return 0
}

// atMost is value, or its end if that is less; an end of 0 is none.
func atMost(value, end float64) float64 {
	if end > 0 {
		return math.Min(value, end)
	}
	return value
}
