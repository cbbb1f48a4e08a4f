package main

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/fromline/fromline/internal/chart"
)

var (
	style = chart.Style{Ink: color.RGBA{0x24, 0x29, 0x2f, 255}, Grid: color.RGBA{0x8c, 0x95, 0x9f, 255}}
	blue  = color.RGBA{0x09, 0x69, 0xda, 255}
	red   = color.RGBA{0xcf, 0x22, 0x2e, 255}
)

// A series is a column of the table, with its name in the legend ("" for none)
// and its colour.
type series struct {
	column, name string
	colour       color.Color
}

// bars draws a table as horizontal bars, a group for each row, the first row on
// top.
func bars(title, unit string, t table, all ...series) ([]byte, error) {
	p := style.New(title, unit, "")
	p.BackgroundColor = color.White
	const wide = 7.0
	for i, s := range all {
		numbers, err := t.column(s.column)
		if err != nil {
			return nil, err
		}
		slices.Reverse(numbers)
		group, err := plotter.NewBarChart(plotter.Values(numbers), vg.Points(wide))
		if err != nil {
			return nil, err
		}
		group.Horizontal, group.Color, group.LineStyle.Width = true, s.colour, 0
		group.Offset = vg.Points(wide * (float64(len(all)-1)/2 - float64(i)))
		p.Add(group)
		if s.name != "" {
			p.Legend.Add(s.name, group)
		}
	}
	var names []string
	for _, row := range slices.Backward(t.rows) {
		names = append(names, row[0])
	}
	p.NominalY(names...)
	p.X.Min = 0
	p.Legend.Top = false
	return chart.SVG(p, 460, 80+float64(len(names))*wide*2.4)
}
