package page

import (
	"bytes"
	"html/template"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
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
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	sans := func(size float64) font.Font {
		return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	}
	p.Title.TextStyle.Font, p.Title.TextStyle.Color, p.Title.Padding = sans(10), ink, vg.Points(6)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Label.TextStyle.Color, a.Tick.Label.Color = grid, ink, ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = grid, grid
		a.Label.TextStyle.Font, a.Tick.Label.Font = sans(8), sans(8)
		a.Label.Padding = vg.Points(3)
	}
	return p
}

// svg draws a plot, to be put into a page.
func svg(p *plot.Plot, width, height float64) (template.HTML, error) {
	c := vgsvg.New(vg.Points(width), vg.Points(height))
	p.Draw(newCanvas(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", err
	}
	text := b.String()
	text = text[strings.Index(text, "<svg"):] // inside of HTML there is no XML declaration
	return template.HTML(variables().Replace(text)), nil
}
