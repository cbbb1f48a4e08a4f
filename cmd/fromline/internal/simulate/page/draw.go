package page

import (
	"bytes"
	"html/template"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot"

	"github.com/fromline/fromline/internal/chart"
)

// The colours that plots are drawn in. They stand for variables of the style
// sheet, so that one drawing is right in light and in dark.
var (
	ink  = color.RGBA{1, 1, 1, 255}
	grid = color.RGBA{1, 1, 2, 255}
)

// guardColor stands for the colour of a guard.
func guardColor(i int) color.RGBA { return color.RGBA{1, 2, uint8(i % guardColors), 255} }

// guardColors is how many the style sheet has.
const guardColors = 8

// variables replaces colours by the variables that they stand for.
func variables() *strings.Replacer {
	pairs := []string{"#010101", "var(--ink)", "#010102", "var(--grid)", "font-family:'Liberation Sans'", "font-family:inherit"}
	for i := range guardColors {
		pairs = append(pairs, "#01020"+strconv.Itoa(i), "var(--g"+strconv.Itoa(i)+")")
	}
	return strings.NewReplacer(pairs...)
}

// newPlot returns an empty plot in the style of the page.
func newPlot(title, x, y string) *plot.Plot {
	p := chart.Style{Ink: ink, Grid: grid}.New(title, x, y)
	p.Title.TextStyle.Font = chart.Sans(11)
	for _, a := range []*plot.Axis{&p.X, &p.Y} { // a page shows plots small
		a.Label.TextStyle.Font, a.Tick.Label.Font = chart.Sans(9), chart.Sans(9)
	}
	return p
}

// svg draws a plot, to be put into a page.
func svg(p *plot.Plot, width, height float64) (template.HTML, error) {
	drawn, err := chart.SVG(p, width, height)
	if err != nil {
		return "", err
	}
	text := string(drawn[bytes.Index(drawn, []byte("<svg")):]) // inside of HTML there is no XML declaration
	return template.HTML(variables().Replace(text)), nil
}
