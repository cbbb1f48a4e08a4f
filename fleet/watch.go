package fleet

import (
	"context"

	"github.com/fromline/fromline/line"
)

// Watcher is told of a line of a tenant that has changed, with the line before
// and after it. The context is that of the caller who asked for the lines.
type Watcher func(ctx context.Context, tenant string, before, after line.Line)

// Watch makes the fleet call w for each line whose status, reputation or
// eligibility changes by an answer of [Options.Source]: not for what the first
// answer of a tenant says, nor for lines that the source adds or removes. A
// Router of the package fromline watches its lines by itself, for its log and
// its metrics. Several goroutines may call w at once, each within a call that
// asks for lines: w must return soon. Watch is safe for concurrent use.
func (f *Fleet) Watch(w Watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers = append(f.watchers[:len(f.watchers):len(f.watchers)], w)
}

// change is what an answer of a source changed of a line.
type change struct{ before, after line.Line }

// changeOf returns what changed between two records of a line, false for
// nothing that watchers are told.
func changeOf(before, after *record) (change, bool) {
	if before.status == after.status && before.reputation == after.reputation && before.ineligible == after.ineligible {
		return change{}, false
	}
	return change{before.line(), after.line()}, true
}

// tell tells the watchers what an answer changed. No lock is held, and the
// inquiry is over: a watcher may ask for the lines.
func (f *Fleet) tell(ctx context.Context, tenant string, changes []change) {
	if len(changes) == 0 {
		return
	}
	f.mu.RLock()
	watchers := f.watchers
	f.mu.RUnlock()
	for _, w := range watchers {
		for _, c := range changes {
			w(ctx, tenant, c.before, c.after)
		}
	}
}
