// Package chart draws plots as SVG in the one style of this module.
package chart

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Style holds the colours of everything but the data.
type Style struct{ Ink, Grid color.Color }

// New returns an empty plot.
func (s Style) New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font, p.Title.TextStyle.Color, p.Title.Padding = Sans(10), s.Ink, vg.Points(6)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Label.TextStyle.Color, a.Tick.Label.Color = s.Grid, s.Ink, s.Ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = s.Grid, s.Grid
		a.Label.TextStyle.Font, a.Tick.Label.Font = Sans(8), Sans(8)
		a.Label.Padding = vg.Points(3)
	}
	p.Legend.TextStyle.Font, p.Legend.TextStyle.Color = Sans(8), s.Ink
	return p
}

// Sans returns the font of all plots, in a size in points.
func Sans(size float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}

// SVG draws a plot as an SVG document. Width and height are in points.
func SVG(p *plot.Plot, width, height float64) ([]byte, error) {
	c := vgsvg.New(vg.Points(width), vg.Points(height))
	// The margin keeps labels at the ends whole.
	p.Draw(draw.Crop(draw.New(c), vg.Points(2), vg.Points(-10), vg.Points(2), vg.Points(-2)))
	var b bytes.Buffer
	_, err := c.WriteTo(&b)
	return b.Bytes(), err
}
