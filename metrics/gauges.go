package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
)

// readTime bounds what one look at the gauges may take.
const readTime = 5 * time.Second

// Gauges show the lines and the outbox as they are when Prometheus reads them.
// It is a prometheus.Collector and safe for concurrent use. A gauge that cannot
// be read within five seconds is left out.
type Gauges struct {
	fleet   *fleet.Fleet
	outbox  store.Outbox   // nil: the store has none
	whole   store.Composed // nil: the store has no parts
	damaged store.Damaged  // nil: the store has no rows
	clocked store.Clocked  // nil: the store has no clock
	tenants []string

	lines, closed, waiting, parked, oldest, poll, part, bad, ahead *prometheus.Desc
}

// NewGauges returns gauges of the lines of the given tenants, and of the outbox
// if the store has one. It reads the lines and the store only when Prometheus
// reads the metrics.
func NewGauges(lines *fleet.Fleet, chats store.ChatStore, tenants ...string) *Gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("fromline_"+name, help, labels, nil)
	}
	outbox, _ := chats.(store.Outbox)
	whole, _ := chats.(store.Composed)
	damaged, _ := chats.(store.Damaged)
	clocked, _ := chats.(store.Clocked)
	return &Gauges{
		fleet: lines, outbox: outbox, whole: whole, damaged: damaged, clocked: clocked, tenants: tenants,
		lines:   desc("lines", "Lines by what keeps them from opening chats: open, flagged, ineligible, critical, new_chat_limit, pace or message_limit.", "state"),
		closed:  desc("tenants_without_open_line", "Tenants none of whose lines can open a chat."),
		waiting: desc("outbox_waiting", "Messages that wait to be handed over."),
		parked:  desc("outbox_parked", "Messages that are parked."),
		oldest:  desc("outbox_oldest_seconds", "Age of the oldest message that waits; 0 when none does."),
		part:    desc("store_part_up", "Whether a part of the store answers: 1 or 0.", "part"),
		bad:     desc("store_unreadable_rows", "Rows of the store that calls of this process could not read and set aside: damaged, or newer than this release."),
		ahead:   desc("clock_ahead_seconds", "How far the clock of this process is ahead of that of the store; negative is behind."),
		poll:    desc("line_states_age_seconds", "Time since the last good poll of line states and use."),
	}
}

// Describe implements prometheus.Collector.
func (g *Gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.lines, g.closed, g.waiting, g.parked, g.oldest, g.poll, g.part, g.bad, g.ahead} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (g *Gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	now := time.Now()
	if g.whole != nil {
		for _, p := range g.whole.Parts(ctx) {
			up := 1.0
			if p.Err != nil {
				up = 0
			}
			gauge(g.part, up, p.Name)
		}
	}
	if g.damaged != nil {
		_, n := g.damaged.Unreadable()
		gauge(g.bad, float64(n))
	}
	if g.clocked != nil {
		if at, err := g.clocked.Now(ctx); err == nil {
			gauge(g.ahead, time.Now().Round(0).Sub(at).Seconds())
		}
	}
	states, without := map[string]int{}, 0
	for _, tenant := range g.tenants {
		view, err := g.fleet.View(ctx, tenant, now)
		if err != nil {
			continue
		}
		c := view.PassedOver(fleet.Query{})
		states["open"] += c.Eligible
		if c.Eligible == 0 {
			without++
		}
		for cause, n := range closed(c) {
			states[cause] += n
		}
	}
	for state, n := range states {
		gauge(g.lines, float64(n), state)
	}
	gauge(g.closed, float64(without))
	if last := g.fleet.LastPoll(); !last.IsZero() {
		gauge(g.poll, now.Sub(last).Seconds())
	}
	if g.outbox == nil {
		return
	}
	b, err := g.outbox.Backlog(ctx)
	if err != nil {
		return
	}
	gauge(g.waiting, float64(b.Waiting))
	gauge(g.parked, float64(b.Parked))
	age := 0.0
	if !b.Oldest.IsZero() {
		age = max(0, now.Sub(b.Oldest).Seconds())
	}
	gauge(g.oldest, age)
}
