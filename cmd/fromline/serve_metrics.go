package main

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// metrics are what /metrics shows. No label holds a handle, a key, a line or a
// tenant: there would be too many, and they are nobody's business.
type metrics struct {
	registry    *prometheus.Registry
	decisions   *prometheus.CounterVec
	refusals    *prometheus.CounterVec
	noLine      *prometheus.CounterVec
	conflicts   *prometheus.CounterVec
	route       *prometheus.HistogramVec
	requests    *prometheus.HistogramVec
	deliveries  *prometheus.CounterVec
	deliveryAge prometheus.Histogram
}

// seconds are the buckets of latencies: from a memory store's to a time-out.
var seconds = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newMetrics(s *server) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fromline_" + name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fromline_" + name, Help: help, Buckets: seconds}, labels)
	}
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		decisions:  counter("decisions_total", "Sends that were decided, by branch, and whether the decision was one recorded before.", "reason", "replay"),
		refusals:   counter("refusals_total", "Requests that were answered with an error, by endpoint and wire code.", "endpoint", "code"),
		noLine:     counter("no_line_total", "Sends for which no line could be picked, by each cause that lines were passed over for; no_lines where there are none.", "cause"),
		conflicts:  counter("conflicts_total", "Commits that met a conflict and were decided anew, by kind.", "kind"),
		route:      histogram("route_seconds", "Time to decide and commit a send, by outcome: decided or refused.", "outcome"),
		requests:   histogram("request_seconds", "Time to answer a request, by endpoint and status.", "endpoint", "status"),
		deliveries: counter("deliveries_total", "Attempts to hand a message over, by result.", "result"),
		deliveryAge: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fromline_delivery_age_seconds", Help: "Time from the decision until the message was handed over.",
			Buckets: append(seconds[4:len(seconds):len(seconds)], 30, 60, 300, 1800),
		}),
	}
	m.registry.MustRegister(m.decisions, m.refusals, m.noLine, m.conflicts, m.route, m.requests, m.deliveries, m.deliveryAge,
		newGauges(s), collectors.NewGoCollector(liveHeap), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// liveHeap adds what the last collection of garbage found in use: whether memory
// grows shows there, and not in what is merely not collected yet.
var liveHeap = collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/gc/heap/live:bytes$")})

// answered counts an answer of the endpoint.
func (m *metrics) answered(a httpapi.Answered) {
	if a.Code != 0 {
		m.refusals.WithLabelValues(a.Endpoint, strconv.Itoa(a.Code)).Inc()
	}
	m.requests.WithLabelValues(a.Endpoint, strconv.Itoa(a.Status)).Observe(a.Took.Seconds())
}

// observer counts what the router does, and wakes the dispatcher when there is
// something to deliver.
type observer struct {
	*metrics
	dispatcher *delivery.Dispatcher
}

func (o observer) decided(_ context.Context, d *routing.Decision, took time.Duration) {
	o.decisions.WithLabelValues(d.Reason.String(), strconv.FormatBool(d.Replay)).Inc()
	o.route.WithLabelValues("decided").Observe(took.Seconds())
	if !d.Replay {
		o.dispatcher.Wake()
	}
}

func (o observer) refused(_ context.Context, err error, took time.Duration) {
	o.route.WithLabelValues("refused").Observe(took.Seconds())
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		c := refusal.PassedOver
		causes := closed(c)
		causes["wrong_service"], causes["excluded"], causes["recipient"] = c.WrongService, c.Excluded, c.Recipient
		causes["other_country"], causes["other_province"], causes["other_area"], causes["other_label"] = c.OtherCountry, c.OtherProvince, c.OtherArea, c.OtherLabel
		if refusal.PassedOver == (fleet.Counts{}) {
			causes["no_lines"] = 1
		}
		for cause, n := range causes {
			if n > 0 {
				o.noLine.WithLabelValues(cause).Inc()
			}
		}
	}
}

// closed counts lines by what keeps them from opening any chat.
func closed(c fleet.Counts) map[string]int {
	return map[string]int{
		"flagged": c.Flagged, "ineligible": c.Ineligible, "critical": c.Critical,
		"new_chat_limit": c.NewChatLimit, "message_limit": c.MessageLimit,
	}
}

func (o observer) conflicted(_ context.Context, kind store.ConflictKind) {
	o.conflicts.WithLabelValues(kind.String()).Inc()
}

// gauges are read when they are asked for.
type gauges struct {
	*server
	lines, waiting, parked, oldest, poll *prometheus.Desc
}

func newGauges(s *server) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("fromline_"+name, help, labels, nil)
	}
	return &gauges{
		server:  s,
		lines:   desc("lines", "Lines by what keeps them from opening chats: open, flagged, ineligible, critical, new_chat_limit or message_limit.", "state"),
		waiting: desc("outbox_waiting", "Messages that wait to be handed over."),
		parked:  desc("outbox_parked", "Messages that used up their attempts."),
		oldest:  desc("outbox_oldest_seconds", "Age of the oldest message that waits; 0 when none does."),
		poll:    desc("line_states_age_seconds", "Time since the last good poll of line states and use."),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, to) }

// Collect implements prometheus.Collector. What cannot be read is left out.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	now := time.Now()
	states := map[string]int{}
	for _, tenant := range g.tenants {
		view, err := g.fleet.Lines(ctx, tenant, now)
		if err != nil {
			continue
		}
		c := view.PassedOver(fleet.Query{})
		states["open"] += c.Eligible
		for cause, n := range closed(c) {
			states[cause] += n
		}
	}
	for state, n := range states {
		gauge(g.lines, float64(n), state)
	}
	gauge(g.poll, now.Sub(g.fleet.LastPoll()).Seconds())
	b, err := g.store.Backlog(ctx)
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
