//go:build unix

package main

import (
	"bufio"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/fromline/fromline/internal/chart"
)

// drawAll draws the files server.txt and server-open.txt of a directory: sends
// per second and processor time, today and before, and latencies at constant
// rates.
func drawAll(dir string) error {
	closed, err := rows(filepath.Join(dir, "server.txt"))
	if err != nil {
		return err
	}
	open, err := rows(filepath.Join(dir, "server-open.txt"))
	if err != nil {
		return err
	}
	if err := drawBars(filepath.Join(dir, "server-rates.svg"), "Sends a second, 16 connections, old (pale) and new", "sends/s", closed, func(f []string) float64 { return number(f[3]) }); err != nil {
		return err
	}
	if err := drawBars(filepath.Join(dir, "server-cpu.svg"), "Processor time of the server and of PostgreSQL a send, 16 connections, old (pale) and new", "µs", closed,
		func(f []string) float64 { return number(f[6]) + number(f[7]) }); err != nil {
		return err
	}
	return drawOpen(filepath.Join(dir, "server-open.svg"), open)
}

// rows returns the fields of the lines of a result file, without comments.
func rows(path string) (all [][]string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) >= 10 && !strings.HasPrefix(fields[0], "#") && !strings.HasPrefix(fields[0], "Benchmark") {
			all = append(all, fields)
		}
	}
	return all, lines.Err()
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return n
}

var (
	style = chart.Style{Ink: color.RGBA{0x24, 0x29, 0x2f, 255}, Grid: color.RGBA{0x8c, 0x95, 0x9f, 255}}
	now   = color.RGBA{0x09, 0x69, 0xda, 255}
	pale  = color.RGBA{0xb6, 0xd3, 0xf3, 255}
)

// servers are the servers that are compared with their former selves.
var servers = []string{"memory", "sqlite", "postgres", "slow"}

// drawBars draws the medians over the rounds with 16 connections, of each
// server today and before.
func drawBars(path, title, unit string, all [][]string, of func(fields []string) float64) error {
	p := style.New(title, "", unit)
	for i, prefix := range []string{"old-", ""} {
		var values plotter.Values
		for _, name := range servers {
			var seen []float64
			for _, f := range all {
				if f[1] == "16" && f[2] == prefix+name {
					seen = append(seen, of(f))
				}
			}
			if len(seen) == 0 {
				return fmt.Errorf("there is no row of %s%s with 16 connections", prefix, name)
			}
			slices.Sort(seen)
			values = append(values, seen[len(seen)/2])
		}
		bars, err := plotter.NewBarChart(values, vg.Points(24))
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width, bars.Offset = pale, 0, vg.Points(-13)
		if i == 1 {
			bars.Color, bars.Offset = now, vg.Points(13)
		}
		p.Add(bars)
	}
	p.Y.Min = 0
	p.NominalX(servers...)
	return write(path, p)
}

// drawOpen draws p50 and p99 of each server against the part of its highest
// rate.
func drawOpen(path string, open results) error {
	p := style.New("Latency at constant rates: p50 (dashed) and p99", "part of the most that the server takes, %", "ms, logarithmic")
	colours := []color.RGBA{now, {0x1a, 0x7f, 0x37, 255}, {0xcf, 0x22, 0x2e, 255}}
	for i, name := range servers[:3] {
		for _, column := range []int{openP50, openP99} {
			var points plotter.XYs
			for _, part := range openParts {
				points = append(points, plotter.XY{X: number(part), Y: open.open(name, part, column)})
			}
			line, err := plotter.NewLine(points)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			line.Color, line.Width = colours[i], vg.Points(1.5)
			if column == openP50 {
				line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
			} else {
				p.Legend.Add(name, line)
			}
			p.Add(line)
		}
	}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	return write(path, p)
}

func write(path string, p *plot.Plot) error {
	p.BackgroundColor = color.White
	text, err := chart.SVG(p, 420, 240)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
