package main

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/store/move"
)

// copyProgress tells how far each step of a copy or a move is.
type copyProgress struct {
	*progress
	first, last move.Progress // of its step
	since       time.Time     // when the first was told
}

func (p *copyProgress) tell(at move.Progress) {
	now := time.Now()
	if at.Step != p.last.Step || at.Done < p.last.Done { // some steps are made again and again
		p.first, p.since = at, now
	}
	p.last = at
	switch {
	case at.Total == 0: // there is nothing to do
	case at.Step != move.Waiting:
		done := at.Done - p.first.Done
		share := float64(done) / float64(at.Total-p.first.Done)
		p.tellShare(fmt.Sprintf("%v: %d of %d", at.Step, at.Done, at.Total), done, share, p.since)
	case p.due(now):
		left := time.Duration(at.Total-at.Done) * time.Millisecond
		p.show(fmt.Sprintf("%v, %v left", at.Step, left.Round(time.Second)))
	}
}
