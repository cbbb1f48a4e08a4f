package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/fromline/fromline/store"
)

// schemaProgress tells how far a store is that is opened and brings its schema
// up to date meanwhile. It is safe for concurrent use.
type schemaProgress struct {
	doing string // what the command does until the first migration
	began time.Time

	mu      sync.Mutex
	at      store.Migration
	runs    time.Time // since when that migration runs
	counted time.Time // since when its engine counts what it counts now
	first   int       // how much of that was done then
}

func newSchemaProgress(doing string) *schemaProgress {
	return &schemaProgress{doing: doing, began: time.Now()}
}

// tell notes how far the store is.
func (p *schemaProgress) tell(at store.Migration) { p.note(at, time.Now()) }

func (p *schemaProgress) note(at store.Migration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.at
	p.at = at
	if at.Number != last.Number || at.Shard != last.Shard || p.runs.IsZero() {
		p.runs, last = now, store.Migration{}
	}
	if at.Doing != last.Doing || at.Done < last.Done {
		p.counted, p.first = now, at.Done
	}
}

// text says how far the store is, and how much is left of what the engine
// counts. A migration is one step to most engines: how much of it is left is
// not known then.
func (p *schemaProgress) text(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs.IsZero() {
		return soFar(p.doing, now.Sub(p.began))
	}
	text := "schema"
	if p.at.Shard != "" {
		text += " of shard " + p.at.Shard
	}
	if p.at.Number == 0 {
		return soFar(text+": "+p.at.Doing, now.Sub(p.runs))
	}
	text += fmt.Sprintf(": migration %d of %d (%s)", p.at.Number, p.at.Last, p.at.Name)
	if p.at.Doing != "" {
		text += ", " + p.at.Doing
	}
	if done, all := p.at.Done-p.first, p.at.Total-p.first; all > 0 {
		text += fmt.Sprintf(": %d of %d, %s", p.at.Done, p.at.Total, pace(now.Sub(p.counted), done, float64(done)/float64(all)))
		if done > 0 {
			text += " of that" // and not of the migration
		}
		return text
	}
	return soFar(text, now.Sub(p.runs)) + ", time left unknown"
}
