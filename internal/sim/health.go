package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// LineHealth is the part of a *fleet.Fleet that a Router picks lines with; a
// bug may replace it.
type LineHealth interface {
	View(ctx context.Context, tenant string, at time.Time) (fleet.View, error)
	Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool
	Confirm(tenant string, at time.Time, line recipients.Handle, failover bool)
	Release(tenant string, at time.Time, line recipients.Handle, failover bool)
}

// health is the fleet as the Router of a process sees it. The process may die
// at every call.
type health struct {
	*fleet.Fleet
	process *process
	inner   LineHealth
}

// View pauses the task, and keeps the view.
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

// Reserve reserves a pick, unless other picks come before.
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

// pause pauses a task. It does not while other picks come before: those are one
// step.
func (h health) pause(t *task) {
	if h.process.refuses == 0 {
		t.pause()
	}
}

// Confirm confirms a pick.
func (h health) Confirm(tenant string, at time.Time, line recipients.Handle, failover bool) {
	h.process.world.current.pause()
	h.inner.Confirm(tenant, at, line, failover)
}

// Release releases a pick.
func (h health) Release(tenant string, at time.Time, line recipients.Handle, failover bool) {
	h.process.world.current.pause()
	h.inner.Release(tenant, at, line, failover)
}
