package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// LineHealth is what a Router picks lines by: a *fleet.Fleet, or what a bug makes
// of it.
type LineHealth interface {
	View(ctx context.Context, tenant string, at time.Time) (fleet.View, error)
	Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool
	Confirm(tenant string, at time.Time, line recipients.Handle, failover bool)
	Release(tenant string, at time.Time, line recipients.Handle, failover bool)
}

// health is the fleet as the Router of a process sees it: every call may be the
// last thing that the process does.
type health struct {
	*fleet.Fleet
	process *process
	inner   LineHealth
}

// View stops the task, and keeps what it is told.
func (h health) View(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	t := h.process.world.current
	h.pause(t)
	view, err := h.inner.View(ctx, tenant, at)
	if err == nil {
		t.told.view = view
		h.process.checkUse(t, view)
	}
	return view, err
}

// Reserve counts a pick, unless others come in before.
func (h health) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	t, p := h.process.world.current, h.process
	picked(t, line)
	h.pause(t)
	for p.refuses > 0 {
		p.refuses--
		t.outrun(line)
		if !p.world.bug.Insists {
			return false
		}
	}
	reserved := h.inner.Reserve(tenant, at, q, line)
	if !reserved {
		t.outrun(line)
		return false
	}
	t.refused = 0
	return true
}

// pause stops a task, unless others come in before one pick after the other, which
// is one step.
func (h health) pause(t *task) {
	if h.process.refuses == 0 {
		t.pause()
	}
}

// Confirm ends a pick.
func (h health) Confirm(tenant string, at time.Time, line recipients.Handle, failover bool) {
	h.process.world.current.pause()
	h.inner.Confirm(tenant, at, line, failover)
}

// Release ends a pick.
func (h health) Release(tenant string, at time.Time, line recipients.Handle, failover bool) {
	h.process.world.current.pause()
	h.inner.Release(tenant, at, line, failover)
}
