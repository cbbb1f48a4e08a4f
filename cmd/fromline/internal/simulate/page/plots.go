package page

import (
	"html/template"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

// The size of a plot in points.
const width, height = 330, 200

// flagsPlot shows the flags of every run under a model, a column of dots for
// each guard, with a bar at the mean.
func flagsPlot(m *simulate.ModelResult, wide float64) (template.HTML, error) {
	p := newPlot(m.Model.Name, "", "flags")
	var names []string
	for i := range m.Guards {
		g := &m.Guards[i]
		names = append(names, g.Guard.Name)
		var dots plotter.XYs
		mean := 0.0
		for j, r := range g.Runs {
			aside := (float64(j) - float64(len(g.Runs)-1)/2) / float64(max(len(g.Runs), 1)) * 0.4
			dots = append(dots, plotter.XY{X: float64(i) + aside, Y: float64(r.Flags)})
			mean += float64(r.Flags) / float64(len(g.Runs))
		}
		scatter, err := plotter.NewScatter(dots)
		if err != nil {
			return "", err
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: guardColor(i), Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
		bar, err := plotter.NewLine(plotter.XYs{{X: float64(i) - 0.3, Y: mean}, {X: float64(i) + 0.3, Y: mean}})
		if err != nil {
			return "", err
		}
		bar.LineStyle = draw.LineStyle{Color: guardColor(i), Width: vg.Points(2)}
		p.Add(scatter, bar)
	}
	p.NominalX(names...)
	p.Y.Min, p.X.Min, p.X.Max = 0, -0.6, float64(len(names))-0.4
	p.Y.Max = math.Max(p.Y.Max, 5)
	p.Y.Tick.Marker = counts{}
	return svg(p, wide, height)
}

// upPlot shows the share of lines that could send, over the days.
func upPlot(m *simulate.ModelResult) (template.HTML, error) {
	p := newPlot("lines that can send", "day", "%")
	for i := range m.Guards {
		r, ok := m.Shown(i)
		if !ok || r.Series() == nil {
			continue
		}
		s := r.Series()
		var points plotter.XYs
		for hour, up := range s.Up {
			points = append(points, plotter.XY{X: float64(hour+1) / 24, Y: 100 * float64(up) / float64(s.Lines[hour])})
		}
		if err := addLine(p, points, i, 1.2); err != nil {
			return "", err
		}
	}
	p.Y.Min, p.Y.Max, p.X.Min = 0, 102, 0
	p.X.Tick.Marker, p.Y.Tick.Marker = counts{}, every(25)
	return svg(p, width, height)
}

// cascadesPlot shows the cascades: when each began, and how
// many flags it had.
func cascadesPlot(m *simulate.ModelResult) (template.HTML, error) {
	p := newPlot("cascades: flags that follow from one", "day", "flags")
	most, days := 4.0, 1.0
	for i := range m.Guards {
		r, ok := m.Shown(i)
		if !ok || r.Series() == nil {
			continue
		}
		s := r.Series()
		days = math.Max(days, float64(len(s.Up))/24)
		for _, c := range s.Cascades {
			x := c.Day + 0.12*float64(i)
			if err := addLine(p, plotter.XYs{{X: x, Y: 0}, {X: x, Y: float64(c.Flags)}}, i, 2.5); err != nil {
				return "", err
			}
			most = math.Max(most, float64(c.Flags))
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, days, 0, most
	p.X.Tick.Marker, p.Y.Tick.Marker = counts{}, counts{}
	return svg(p, width, height)
}

// waitsPlot shows which share of the sends wanted was sent within a time.
func waitsPlot(m *simulate.ModelResult, title string, of func(*simulate.Run) (waits []float64, wanted int)) (template.HTML, error) {
	p := newPlot(title, "hours waited", "% sent by then")
	const last = 48
	for i := range m.Guards {
		r, ok := m.Shown(i)
		if !ok || r.Series() == nil {
			continue
		}
		waits, wanted := of(r)
		if wanted == 0 {
			continue
		}
		points, n := plotter.XYs{}, 0
		for x := 0.0; x <= last; x += 0.25 {
			for n < len(waits) && waits[n] <= x {
				n++
			}
			points = append(points, plotter.XY{X: x, Y: 100 * float64(n) / float64(wanted)})
		}
		if err := addLine(p, points, i, 1.5); err != nil {
			return "", err
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, last, 0, 102
	p.X.Tick.Marker, p.Y.Tick.Marker = every(12), every(25)
	return svg(p, width, height)
}

// worstPlot shows what the busiest line of each guard opened by the hour, in
// the two days around its busiest hour.
func worstPlot(m *simulate.ModelResult) (template.HTML, error) {
	p := newPlot("the busiest line, by the hour", "hours around its busiest one", "chats opened")
	most := 5.0
	for i := range m.Guards {
		r, ok := m.Shown(i)
		if !ok || r.Series() == nil || len(r.Series().Worst) == 0 {
			continue
		}
		s := r.Series()
		busiest := 0
		for hour, n := range s.Worst {
			if n > s.Worst[busiest] {
				busiest = hour
			}
		}
		most = math.Max(most, float64(s.Worst[busiest]))
		var points plotter.XYs
		for hour := max(busiest-24, 0); hour <= min(busiest+24, len(s.Worst)-1); hour++ {
			points = append(points, plotter.XY{X: float64(hour - busiest), Y: float64(s.Worst[hour])})
		}
		if err := addLine(p, points, i, 1.2); err != nil {
			return "", err
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -24, 24, 0, most
	p.X.Tick.Marker, p.Y.Tick.Marker = every(12), counts{}
	return svg(p, width, height)
}

// addLine adds a line in the colour of a guard.
func addLine(p *plot.Plot, points plotter.XYs, guard int, wide float64) error {
	if len(points) == 0 {
		return nil
	}
	l, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	l.LineStyle = draw.LineStyle{Color: guardColor(guard), Width: vg.Points(wide)}
	p.Add(l)
	return nil
}

// counts marks an axis of whole numbers at a few round ones.
type counts struct{}

// Ticks implements plot.Ticker.
func (counts) Ticks(low, high float64) []plot.Tick {
	for step := 1.0; ; step *= 10 {
		for _, s := range []float64{step, 2 * step, 5 * step} {
			if (high-low)/s <= 5 {
				return every(s).Ticks(low, high)
			}
		}
	}
}

// every marks an axis at the multiples of a number.
type every float64

// Ticks implements plot.Ticker.
func (e every) Ticks(low, high float64) (ticks []plot.Tick) {
	for x := math.Ceil(low/float64(e)) * float64(e); x <= high; x += float64(e) {
		ticks = append(ticks, plot.Tick{Value: x, Label: strconv.Itoa(int(x))})
	}
	return ticks
}
