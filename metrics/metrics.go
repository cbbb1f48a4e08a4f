// Package metrics counts what a fromline.Router does, for Prometheus.
//
//	m := metrics.New()
//	registry.MustRegister(m, metrics.NewGauges(lines, chats, "acme"))
//	router, err := fromline.New(chats, lines, fromline.Options{Observer: m.Observer()})
//
// No label has a handle, a key, a line or a tenant: their number has no bound,
// and a dashboard must not show people. The names of metrics and labels are
// stable; docs/operations.md lists them. Everything here is safe for concurrent
// use.
//
// # What this package does not do
//
// It serves no HTTP: give the registry to promhttp.
package metrics

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// Metrics are counters and histograms of sends, requests and deliveries. It is
// a prometheus.Collector, and safe for concurrent use. Make one with New.
type Metrics struct {
	decisions   *prometheus.CounterVec
	deferred    prometheus.Counter
	refusals    *prometheus.CounterVec
	noLine      *prometheus.CounterVec
	conflicts   *prometheus.CounterVec
	route       *prometheus.HistogramVec
	requests    *prometheus.HistogramVec
	deliveries  *prometheus.CounterVec
	parked      *prometheus.CounterVec
	lineChanges *prometheus.CounterVec
	deliveryAge prometheus.Histogram
	reload      prometheus.Gauge
}

// New returns Metrics whose counts are all 0.
func New() *Metrics {
	// From the latency of a store in memory to a time-out.
	seconds := []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fromline_" + name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fromline_" + name, Help: help, Buckets: seconds}, labels)
	}
	m := &Metrics{
		decisions:   counter("decisions_total", "Sends that were decided, by branch, and whether the decision was one recorded before.", "reason", "replay"),
		deferred:    prometheus.NewCounter(prometheus.CounterOpts{Name: "fromline_deferred_total", Help: "Sends that were decided for a later slot of their line."}),
		refusals:    counter("refusals_total", "Requests that were answered with an error, by endpoint and wire code.", "endpoint", "code"),
		noLine:      counter("no_line_total", "Sends for which no line could be picked, by each cause that lines were passed over for; no_lines where there are none.", "cause"),
		conflicts:   counter("conflicts_total", "Commits that met a conflict and were decided anew, by kind.", "kind"),
		route:       histogram("route_seconds", "Time to decide and commit a send, by outcome: decided or refused.", "outcome"),
		requests:    histogram("request_seconds", "Time to answer a request, by endpoint and status.", "endpoint", "status"),
		deliveries:  counter("deliveries_total", "Attempts to hand a message over, by result.", "result"),
		parked:      counter("parked_total", "Messages that were parked, by reason: attempts, refused, line_flagged, no_line or unreadable.", "reason"),
		lineChanges: counter("line_changes_total", "Changes of the state of our lines that this process learned, by what a line became: flagged, recovered, out, back, worse or better; the last two are of reputation.", "to"),
		deliveryAge: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fromline_delivery_age_seconds", Help: "Time from the decision until the message was handed over.",
			Buckets: append(seconds[4:], 30, 60, 300, 1800),
		}),
		reload: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fromline_reload_failed", Help: "1 where the files of the last reload could not be used, and all goes on as before; else 0."}),
	}
	m.begin()
	return m
}

// begin makes the counters that alerts watch, at zero: where the first of
// something made its counter, its increase would never be seen.
func (m *Metrics) begin() {
	for _, to := range []string{"flagged", "recovered", "out", "back", "worse", "better"} {
		m.lineChanges.WithLabelValues(to)
	}
	for _, endpoint := range []string{"messages", "chat_messages", "events"} {
		for _, code := range []fault.Code{fault.CodeNoLine, fault.CodeStore, fault.CodeInternal} {
			m.refusals.WithLabelValues(endpoint, code.String())
		}
	}
	m.deliveries.WithLabelValues(delivery.Rerouted.String())
	for why := store.ParkedAttempts; why.IsValid(); why++ {
		m.parked.WithLabelValues(why.String())
	}
	for reason := store.ReusedActiveChat; reason <= store.FailoverFlagged; reason++ {
		m.decisions.WithLabelValues(reason.String(), "false")
	}
}

func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.decisions, m.deferred, m.refusals, m.noLine, m.conflicts, m.route, m.requests, m.deliveries, m.parked, m.lineChanges, m.deliveryAge, m.reload}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.collectors() {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.collectors() {
		c.Collect(to)
	}
}

// Observer returns the functions that count what a Router does, for
// fromline.Options.Observer.
func (m *Metrics) Observer() fromline.Observer {
	return fromline.Observer{
		Decided: func(_ context.Context, _ string, d *routing.Decision, took time.Duration) {
			m.decisions.WithLabelValues(d.Reason.String(), strconv.FormatBool(d.Replay)).Inc()
			if !d.Replay && !d.DeliverAt.IsZero() {
				m.deferred.Inc()
			}
			m.route.WithLabelValues("decided").Observe(took.Seconds())
		},
		Refused: func(_ context.Context, _ string, err error, took time.Duration) {
			m.route.WithLabelValues("refused").Observe(took.Seconds())
			refusal, is := errors.AsType[*routing.Refusal](err)
			if is && (refusal.Rule == "" || refusal.PassedOver != (fleet.Counts{})) { // else the line that was named stops it
				m.countCauses(refusal.PassedOver)
			}
		},
		Conflicted: func(_ context.Context, _ string, kind store.ConflictKind) {
			m.conflicts.WithLabelValues(kind.String()).Inc()
		},
		LineChanged: func(_ context.Context, _ string, before, after line.Line) {
			for _, to := range became(&before, &after) {
				m.lineChanges.WithLabelValues(to).Inc()
			}
		},
		Delivered: func(s delivery.Settlement) {
			m.deliveries.WithLabelValues(s.Result.String()).Inc()
			if s.Result == delivery.Parked {
				m.parked.WithLabelValues(s.Why.String()).Inc()
			}
			if s.Result == delivery.Sent {
				m.deliveryAge.Observe(time.Since(s.Delivery.At).Seconds())
			}
		},
	}
}

// became names what changed of a line.
func became(before, after *line.Line) (to []string) {
	switch {
	case before.Status != line.Flagged && after.Status == line.Flagged:
		to = append(to, "flagged")
	case before.Status == line.Flagged && after.Status != line.Flagged:
		to = append(to, "recovered")
	}
	switch {
	case !before.Ineligible && after.Ineligible:
		to = append(to, "out")
	case before.Ineligible && !after.Ineligible:
		to = append(to, "back")
	}
	switch {
	case after.Reputation > before.Reputation:
		to = append(to, "worse")
	case after.Reputation < before.Reputation:
		to = append(to, "better")
	}
	return to
}

// countCauses counts each cause for which lines were passed over, once.
func (m *Metrics) countCauses(c fleet.Counts) {
	causes := closed(c)
	causes["wrong_service"], causes["excluded"], causes["recipient"] = c.WrongService, c.Excluded, c.Recipient
	causes["other_country"], causes["other_province"], causes["other_area"], causes["other_label"] = c.OtherCountry, c.OtherProvince, c.OtherArea, c.OtherLabel
	causes["failover_share"] = c.FailoverShare
	if c == (fleet.Counts{}) {
		causes["no_lines"] = 1
	}
	for cause, n := range causes {
		if n > 0 {
			m.noLine.WithLabelValues(cause).Inc()
		}
	}
}

// Answered counts one answer of the HTTP API: call it from
// httpapi.Options.Observe. A program with endpoints of its own calls it with
// each answer of theirs: otherwise fromline_refusals_total and
// fromline_request_seconds stay empty. code is the wire code of an error, and 0
// for a success. It is safe for concurrent use.
func (m *Metrics) Answered(endpoint string, status, code int, took time.Duration) {
	if code != 0 {
		m.refusals.WithLabelValues(endpoint, strconv.Itoa(code)).Inc()
	}
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status)).Observe(took.Seconds())
}

// Reloaded records the result of a reload of the settings of the process: an
// error, after which the old settings stay, or nil. It is safe for concurrent
// use.
func (m *Metrics) Reloaded(err error) {
	if err != nil {
		m.reload.Set(1)
		return
	}
	m.reload.Set(0)
}

// closed counts lines by what keeps them from opening any chat.
func closed(c fleet.Counts) map[string]int {
	return map[string]int{
		"flagged": c.Flagged, "ineligible": c.Ineligible, "critical": c.Critical,
		"new_chat_limit": c.NewChatLimit, "pace": c.Pace, "message_limit": c.MessageLimit,
	}
}
