package page

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// newCanvas leaves a margin, so that labels at the ends are not cut.
func newCanvas(c *vgsvg.Canvas) draw.Canvas {
	return draw.Crop(draw.New(c), vg.Points(2), vg.Points(-10), vg.Points(2), vg.Points(-2))
}
