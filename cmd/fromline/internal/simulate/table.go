package simulate

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the study for people: the notice, what the models think of
// lone lines, a block for each model with a row for each guard, and last what
// the models agree on.
func (s *Study) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", Notice)
	if s.Partial {
		fmt.Fprintf(&b, "PARTIAL: the run was stopped; what follows is what was complete by then.\n")
	}
	if len(s.Models) == 1 {
		fmt.Fprintf(&b, "One model alone says little: what it answers may be the guess, and not the guard.\n")
	}
	fmt.Fprintf(&b, "\n%s\n", s.Describe())
	s.tableCalibration(&b)
	for i := range s.Models {
		s.Models[i].table(&b)
	}
	s.tableVerdicts(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// Describe says what was played, in a sentence.
func (s *Study) Describe() string {
	lines := strconv.Itoa(s.Scene.Lines) + " lines"
	if len(s.Scene.Fleet) > 0 {
		lines = "the lines of the fleet file"
	}
	text := fmt.Sprintf("%s, %d chats a line, %v first contacts a day, %d days, ", lines, s.Scene.Chats, s.Scene.First, s.Scene.Days)
	if len(s.Seeds) == 1 {
		return text + fmt.Sprintf("seed %d", s.Seeds[0])
	}
	return text + fmt.Sprintf("%d seeds", len(s.Seeds))
}

// tableCalibration writes the chance of a flag per day for a lone line.
func (s *Study) tableCalibration(b *strings.Builder) {
	fmt.Fprintf(b, "\nChance of a flag per day for a lone line, by new chats a day (spread over 12 h / within 1 h / within 1 min)\n")
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	if len(s.Models) > 0 {
		fmt.Fprintf(t, "model\t%s\n", strings.Join(s.Models[0].CalibrationRows()[0], "\t"))
	}
	for i := range s.Models {
		m := &s.Models[i]
		for _, cells := range m.CalibrationRows()[1:] {
			fmt.Fprintf(t, "%s\t%s\n", m.Model.Name, strings.Join(cells, "\t"))
		}
	}
	t.Flush()
}

// CalibrationRows returns the calibration as a table: a head, and a row for
// each age, with the ways of one number in one cell.
func (m *ModelResult) CalibrationRows() [][]string {
	head := []string{"age"}
	for _, n := range calibrationNs {
		head = append(head, strconv.Itoa(n)+" a day")
	}
	rows, ways := [][]string{head}, len(calibrationWays)
	for i := 0; i < len(m.Calibration); i += ways * len(calibrationNs) {
		cells := []string{strconv.Itoa(m.Calibration[i].Age) + " days"}
		for j := range calibrationNs {
			var chances []string
			for _, c := range m.Calibration[i+j*ways : i+(j+1)*ways] {
				chances = append(chances, perCent(c.Chance))
			}
			cells = append(cells, strings.Join(chances, " / ")+" %")
		}
		rows = append(rows, cells)
	}
	return rows
}

// perCent writes a chance in per cent, with what matters of it.
func perCent(x float64) string {
	switch x *= 100; {
	case x < 0.005:
		return "0"
	case x < 9.95:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// columns are the short heads of the measures in a block.
func columns() []string {
	return []string{
		"flags", "days lost", "cascade", "moved", "twice",
		"first refused %", "given up %", "wait h 50", "95", "tries",
		"failovers refused %", "given up %", "wait h 50", "95", "tries",
		"in 60 min", "in 24 h", "least up %",
	}
}

func (m *ModelResult) table(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s: %s\n", m.Model.Name, m.Model.Says)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "guard\t%s\t\n", strings.Join(columns(), "\t"))
	for i := range m.Guards {
		g := &m.Guards[i]
		fmt.Fprintf(t, "%s\t%s\t\n", g.Guard.Name, strings.Join(g.Cells(), "\t"))
	}
	t.Flush()
}

// Cells returns the means in the order of [Measures], as people read them; the
// first with its standard error.
func (g *GuardResult) Cells() []string {
	mean, se := g.Mean()
	cells := make([]string, len(mean))
	for i, v := range mean {
		cells[i] = short(v)
	}
	if len(g.Runs) > 1 {
		cells[0] += " ± " + short(se[0])
	}
	return cells
}

// short writes a number with what matters of it.
func short(x float64) string {
	switch {
	case x == float64(int64(x)) || x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x < 0.95:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// tableVerdicts writes what the models agree on.
func (s *Study) tableVerdicts(b *strings.Builder) {
	verdicts := s.Verdicts()
	if len(verdicts) == 0 {
		return
	}
	fmt.Fprintf(b, "\nAgainst %s, over %d models: better in / worse in / no difference, and where it does worst\n", s.Models[0].Guards[0].Guard.Name, len(s.Models))
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		fmt.Fprintf(t, "%s\t%s\t%d / %d / %d\tworst %s in %s\t%s\n", v.Guard, Title(v.Measure), v.Better, v.Worse, v.Same, short(v.Value), v.Worst, v.Word())
	}
	t.Flush()
}

// Title returns the title of a measure, by its name.
func Title(name string) string {
	for _, m := range Measures() {
		if m.Name == name {
			return m.Title
		}
	}
	return name
}

// Word says what a verdict comes to.
func (v Verdict) Word() string {
	switch {
	case v.Depends:
		return "depends on the model"
	case v.Better > 0:
		return "better"
	case v.Worse > 0:
		return "worse"
	}
	return "no difference"
}

// Class is the word as a class of the page: better, worse, depends or same.
func (v Verdict) Class() string {
	switch v.Word() {
	case "better", "worse":
		return v.Word()
	case "depends on the model":
		return "depends"
	}
	return "same"
}

// Shown is the worst mean as people read it.
func (v Verdict) Shown() string { return short(v.Value) }
