package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

//go:embed page.html
var source string

// content is what the page shows.
type content struct {
	*simulate.Study
	Notice   string
	Guards   []guardRow
	Flags    []template.HTML
	Sections []section
}

// guardRow is what the models agree on about one guard.
type guardRow struct {
	Name     string
	Says     string
	Color    template.CSS
	Verdicts []simulate.Verdict
	Ranges   []simulate.Range
}

// section is one model.
type section struct {
	Name, Says  string
	Heads       []string
	Calibration [][]string
	Rows        []row
	Plots       []template.HTML
}

// row is the means of one guard under one model.
type row struct {
	Name  string
	Color template.CSS
	Cells []string
}

// Write writes the study as one HTML file.
func Write(w io.Writer, s *simulate.Study) error {
	t, err := template.New("page").Funcs(template.FuncMap{"title": simulate.Title}).Parse(source)
	if err != nil {
		return err
	}
	c := content{Study: s, Notice: simulate.Notice, Guards: guardRows(s)}
	for i := range s.Models {
		m := &s.Models[i]
		flags, err := flagsPlot(m, width)
		if err != nil {
			return fmt.Errorf("plot of %s: %w", m.Model.Name, err)
		}
		c.Flags = append(c.Flags, flags)
		part, err := sectionOf(m)
		if err != nil {
			return fmt.Errorf("plots of %s: %w", m.Model.Name, err)
		}
		c.Sections = append(c.Sections, part)
	}
	return t.Execute(w, c)
}

func colorOf(i int) template.CSS { return template.CSS("var(--g" + strconv.Itoa(i%guardColors) + ")") }

// guardRows returns the guards with their verdicts; the first has none.
func guardRows(s *simulate.Study) (rows []guardRow) {
	if len(s.Models) == 0 {
		return nil
	}
	verdicts := map[string][]simulate.Verdict{}
	for _, v := range s.Verdicts() {
		verdicts[v.Guard] = append(verdicts[v.Guard], v)
	}
	for i, g := range s.Models[0].Guards {
		r := guardRow{Name: g.Guard.Name, Says: g.Guard.Says(), Color: colorOf(i), Ranges: s.Ranges(i)}
		if i > 0 {
			r.Verdicts = verdicts[g.Guard.Name]
		}
		rows = append(rows, r)
	}
	return rows
}

func sectionOf(m *simulate.ModelResult) (section, error) {
	s := section{Name: m.Model.Name, Says: m.Model.Says, Calibration: m.CalibrationRows()}
	for _, measure := range simulate.Measures() {
		s.Heads = append(s.Heads, measure.Title)
	}
	for i := range m.Guards {
		s.Rows = append(s.Rows, row{m.Guards[i].Guard.Name, colorOf(i), m.Guards[i].Cells()})
	}
	if shown, ok := m.Shown(0); !ok || shown.Series() == nil {
		return s, nil // it was read, and not played
	}
	for _, draw := range []func(*simulate.ModelResult) (template.HTML, error){
		upPlot, cascadesPlot,
		func(m *simulate.ModelResult) (template.HTML, error) {
			return waitsPlot(m, "first contacts", func(r *simulate.Run) ([]float64, int) { return r.Series().FirstWaits, r.First.Wanted })
		},
		func(m *simulate.ModelResult) (template.HTML, error) {
			return waitsPlot(m, "chats whose line was flagged", func(r *simulate.Run) ([]float64, int) { return r.Series().FailoverWaits, r.Failovers.Wanted })
		},
		worstPlot,
	} {
		p, err := draw(m)
		if err != nil {
			return s, err
		}
		s.Plots = append(s.Plots, p)
	}
	return s, nil
}
