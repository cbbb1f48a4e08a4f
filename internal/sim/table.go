package sim

import (
	"context"
	"errors"

	"github.com/fromline/fromline/line"
)

// table is what a host keeps its lines in instead of filling a fleet.Fleet: its
// file says which they are, and nothing how they are. It fails now and then.
type table struct{ process *process }

var errTable = errors.New("the table of lines was not reached")

// Lines implements fleet.LineHealth.
func (t table) Lines(_ context.Context, tenant string) ([]line.Line, error) {
	w := t.process.world
	if w.current != nil && w.faults > 0 && w.draw.once(8) {
		return nil, errTable
	}
	for _, known := range w.tenants {
		if known.name == tenant {
			return known.lines, nil
		}
	}
	panic("sim: no tenant " + tenant)
}
