package sim

import (
	"context"
	"errors"
	"slices"

	"github.com/fromline/fromline/line"
)

// table is what a host keeps its lines in instead of filling a fleet.Fleet: its
// file says which they are, and nothing how they are. It fails now and then,
// and now and then one of its rows cannot be read, or the number in it.
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
			return t.spoilt(tenant, known.lines), nil
		}
	}
	panic("sim: no tenant " + tenant)
}

// spoilt returns lines of which one cannot be read, or all as they are. A row
// stays spoilt for a while.
func (t table) spoilt(tenant string, lines []line.Line) []line.Line {
	p := t.process
	w := p.world
	if w.faults == 0 || len(lines) < 2 {
		return lines
	}
	row, is := p.spoilt[tenant]
	switch {
	case w.current == nil: // as it is
	case is && w.draw.once(10):
		delete(p.spoilt, tenant)
		is = false
	case !is && w.draw.once(12):
		row, is = spoiltRow{w.draw.below(len(lines)), w.draw.once(3)}, true
		if p.spoilt == nil {
			p.spoilt = map[string]spoiltRow{}
		}
		p.spoilt[tenant] = row
	}
	if !is {
		return lines
	}
	w.stats.BadRows++
	lines = slices.Clone(lines)
	lines[row.index].Err = errTable
	if row.nameless {
		lines[row.index] = line.Line{Err: errTable}
	}
	return lines
}

// spoiltRow is a row that cannot be read, or not even its number.
type spoiltRow struct {
	index    int
	nameless bool
}
