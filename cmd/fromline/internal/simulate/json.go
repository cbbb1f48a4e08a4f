package simulate

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fleet"
)

// Notice is what every output begins with.
const Notice = "The flag models are invented; no network publishes one. Read differences that all models agree on."

// jsonVersion is that of the form below.
const jsonVersion = 1

// The study on paper. It holds no time of its own: the same plan gives the same
// bytes.
type (
	studyJSON struct {
		Version  int         `json:"version"`
		Notice   string      `json:"notice"`
		Partial  bool        `json:"partial,omitzero"`
		Scene    Scene       `json:"scene"`
		Seeds    []uint64    `json:"seeds"`
		Models   []modelJSON `json:"models"`
		Verdicts []Verdict   `json:"verdicts"`
	}
	modelJSON struct {
		Name        string        `json:"name"`
		Model       Model         `json:"model"`
		Calibration []Calibration `json:"calibration"`
		Guards      []guardJSON   `json:"guards"`
	}
	guardJSON struct {
		Name  string         `json:"name"`
		Guard jsontext.Value `json:"guard"`
		Defer Span           `json:"defer,omitzero"`
		Mean  Values         `json:"mean"`
		Error Values         `json:"se"`
		Runs  []Run          `json:"runs"`
	}
)

// WriteJSON writes the study as JSON.
func (s *Study) WriteJSON(w io.Writer) error {
	out := studyJSON{Version: jsonVersion, Notice: Notice, Partial: s.Partial, Scene: s.Scene, Seeds: s.Seeds, Verdicts: s.Verdicts()}
	for _, m := range s.Models {
		r := modelJSON{Name: m.Model.Name, Model: m.Model, Calibration: m.Calibration}
		for _, g := range m.Guards {
			mean, se := g.Mean()
			r.Guards = append(r.Guards, guardJSON{g.Guard.Name, fleet.FormatGuard(g.Guard.Guard), Span(g.Guard.Defer), mean, se, g.Runs})
		}
		out.Models = append(out.Models, r)
	}
	if err := json.MarshalWrite(w, out, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// WriteScene writes the scene as JSON, as ParseScene reads it.
func (s *Scene) WriteScene(w io.Writer) error {
	if err := json.MarshalWrite(w, s, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// WriteModels writes models as JSON, as ParseModels reads them.
func WriteModels(w io.Writer, models []Model) error {
	if err := json.MarshalWrite(w, models, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
