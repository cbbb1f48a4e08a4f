package main

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

// tellSimulation tells how far a simulation is.
func tellSimulation(p *progress, plan *simulate.Plan, at simulate.Progress) {
	now := time.Now()
	if !p.due(now) {
		return
	}
	share := float64(at.Done) / float64(at.All)
	took := now.Sub(p.started)
	p.show(fmt.Sprintf("seed %d/%d model %d/%d guard %d/%d day %d/%d, %.0f days/s, %v left",
		at.Seed+1, len(plan.Seeds), at.Model+1, len(plan.Models), at.Guard+1, len(plan.Guards), at.Day, plan.Scene.Days,
		float64(at.Done)/took.Seconds(), time.Duration(float64(took)*(1-share)/share).Round(time.Second)))
}
