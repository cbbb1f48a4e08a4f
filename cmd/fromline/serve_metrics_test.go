//go:build unix

package main

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// TestMetrics says that everything that is promised is counted, whatever happens
// first, and under no label that is not in the list.
func TestMetrics(t *testing.T) {
	var f serveFlags
	require.NoError(t, f.parse([]string{"-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"}, io.Discard))
	s, err := newServer(t.Context(), f, io.Discard, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	defer s.apiListener.Close()

	m := newMetrics(s)
	o := observer{m, s.dispatcher}
	for reason := store.ReusedActiveChat; reason <= store.FailoverFlagged; reason++ {
		o.Decided(t.Context(), reason, false, time.Millisecond)
		o.Decided(t.Context(), reason, true, time.Millisecond)
	}
	for kind := store.RevisionMoved; kind <= store.KeyTaken; kind++ {
		o.Conflicted(t.Context(), kind)
	}
	o.Refused(t.Context(), &routing.Refusal{PassedOver: fleet.Counts{Flagged: 7, NewChatLimit: 1, Excluded: 2}}, time.Millisecond)
	o.Refused(t.Context(), &routing.Refusal{PassedOver: fleet.Counts{Flagged: 1}}, time.Millisecond)
	o.Refused(t.Context(), &routing.UnavailableError{Err: io.EOF}, time.Millisecond)
	m.answered(httpapi.Answered{Endpoint: "messages", Status: 409, Code: 2015, Took: time.Millisecond})
	m.answered(httpapi.Answered{Endpoint: "messages", Status: 202, Took: time.Millisecond})
	m.deliveries.WithLabelValues("sent").Inc()
	m.deliveryAge.Observe(1)

	families, err := m.registry.Gather()
	require.NoError(t, err)
	series := map[string]int{}
	for _, family := range families {
		series[family.GetName()] = len(family.GetMetric())
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				assert.Contains(t, labels, label.GetName(), family.GetName())
			}
		}
	}
	for name, want := range map[string]int{
		"fromline_decisions_total": 6, "fromline_conflicts_total": 3, "fromline_refusals_total": 1, "fromline_no_line_total": 3, "fromline_route_seconds": 2,
		"fromline_request_seconds": 2, "fromline_deliveries_total": 1, "fromline_delivery_age_seconds": 1, "fromline_lines": 6,
		"fromline_outbox_waiting": 1, "fromline_outbox_parked": 1, "fromline_outbox_oldest_seconds": 1, "fromline_line_states_age_seconds": 1,
	} {
		assert.Equal(t, want, series[name], name)
	}
}
