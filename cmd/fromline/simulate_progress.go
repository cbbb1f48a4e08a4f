package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
)

// simulationProgress tells how far a simulation is. It is safe for concurrent
// use.
type simulationProgress struct {
	*progress
	plan *simulate.Plan

	last sync.Mutex // guards at
	at   simulate.Progress
}

// tell notes that a day has ended, and tells it if it is time to.
func (p *simulationProgress) tell(at simulate.Progress) {
	p.last.Lock()
	p.at = at
	p.last.Unlock()
	if now := time.Now(); p.due(now) {
		p.show(p.text(now))
	}
}

// text says how far it is by that time. A day of many lines takes long.
func (p *simulationProgress) text(now time.Time) string {
	p.last.Lock()
	at := p.at
	p.last.Unlock()
	took := now.Sub(p.started)
	if at.Done == 0 {
		return soFar("simulating the first day", took)
	}
	share := float64(at.Done) / float64(at.All)
	return fmt.Sprintf("seed %d/%d model %d/%d guard %d/%d day %d/%d, %s, %v left",
		at.Seed+1, len(p.plan.Seeds), at.Model+1, len(p.plan.Models), at.Guard+1, len(p.plan.Guards), at.Day, p.plan.Scene.Days,
		speed(took, at.Done, " days"), time.Duration(float64(took)*(1-share)/share).Round(time.Second))
}
