package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// LineHealth is what a process knows its lines by.
type LineHealth interface {
	fromline.LineHealth
	fromline.Reserver
	fromline.LineReporter
}

// health is the fleet or the table as the Router of a process sees it: every call
// may be the last thing that the process does.
type health struct {
	process *process
	inner   LineHealth
}

// uncounting is a health without fromline.Reserver.
type uncounting struct {
	fromline.LineHealth
	fromline.LineReporter
}

// Lines implements fromline.LineHealth.
func (h health) Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	t := h.process.world.current
	h.pause(t)
	view, err := h.inner.Lines(ctx, tenant, at)
	if err == nil {
		t.told.view, t.told.at = view, at
		h.process.checkUse(t, view)
	}
	return view, err
}

// Reserve implements fromline.Reserver.
func (h health) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	t := h.process.world.current
	picked(t, line)
	h.pause(t)
	return h.inner.Reserve(tenant, at, q, line)
}

// pause stops a task, unless the host refuses one pick after the other, which is
// one step.
func (h health) pause(t *task) {
	if table := h.process.table; table == nil || table.refuses == 0 {
		t.pause()
	}
}

// Confirm implements fromline.Reserver.
func (h health) Confirm(tenant string, at time.Time, line recipients.Handle) {
	h.process.world.current.pause()
	h.inner.Confirm(tenant, at, line)
}

// Release implements fromline.Reserver.
func (h health) Release(tenant string, at time.Time, line recipients.Handle) {
	h.process.world.current.pause()
	h.inner.Release(tenant, at, line)
}

// Full implements fromline.Reserver.
func (h health) Full(tenant string, line recipients.Handle, until time.Time) {
	h.inner.Full(tenant, line, until)
}

// ReportDelivery implements fromline.LineReporter.
func (h health) ReportDelivery(ctx context.Context, tenant string, o fleet.Outcome) error {
	return h.inner.ReportDelivery(ctx, tenant, o)
}
