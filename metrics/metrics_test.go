package metrics_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// labels are all that metrics may have: none holds a handle, a key, a line or a
// tenant.
var labels = []string{"reason", "replay", "endpoint", "code", "cause", "kind", "outcome", "status", "result", "state", "to", "le"}

// TestMetrics says that everything that is promised is counted, whatever
// happens first, and under no label that is not in the list.
func TestMetrics(t *testing.T) {
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12052535597")}}))
	chats := memory.New(memory.Options{})
	require.NoError(t, lines.Sync(t.Context(), chats))
	m := metrics.New()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m, metrics.NewGauges(lines, chats, "acme"))
	o := m.Observer()
	for reason := store.ReusedActiveChat; reason <= store.FailoverFlagged; reason++ {
		o.Decided(t.Context(), "acme", &routing.Decision{Reason: reason, Replay: false}, time.Millisecond)
		o.Decided(t.Context(), "acme", &routing.Decision{Reason: reason, Replay: true}, time.Millisecond)
	}
	for kind := store.RevisionMoved; kind <= store.KeyTaken; kind++ {
		o.Conflicted(t.Context(), "acme", kind)
	}
	o.Refused(t.Context(), "acme", &routing.Refusal{PassedOver: fleet.Counts{Flagged: 7, NewChatLimit: 1, Excluded: 2}}, time.Millisecond)
	o.Refused(t.Context(), "acme", &routing.Refusal{PassedOver: fleet.Counts{Flagged: 1}}, time.Millisecond)
	o.Refused(t.Context(), "acme", &fromline.UnavailableError{Err: io.EOF}, time.Millisecond)
	m.Answered("messages", 409, 2015, time.Millisecond)
	m.Answered("messages", 202, 0, time.Millisecond)
	o.Delivered(delivery.Settlement{Result: delivery.Sent, Delivery: delivery.Delivery{At: time.Now()}})
	for why := store.ParkedAttempts; why.IsValid(); why++ {
		o.Delivered(delivery.Settlement{Result: delivery.Parked, Why: why})
	}
	o.Delivered(delivery.Settlement{Result: delivery.Rerouted})
	well := line.Line{Status: line.Active, Reputation: line.Healthy}
	ill := line.Line{Status: line.Flagged, Reputation: line.Critical, Ineligible: true}
	o.LineChanged(t.Context(), "acme", well, ill)
	o.LineChanged(t.Context(), "acme", ill, well)

	families, err := registry.Gather()
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
		"fromline_decisions_total": 6, "fromline_conflicts_total": 3, "fromline_refusals_total": 9, "fromline_no_line_total": 3, "fromline_route_seconds": 2,
		"fromline_request_seconds": 2, "fromline_deliveries_total": 3, "fromline_parked_total": 5, "fromline_delivery_age_seconds": 1, "fromline_lines": 7,
		"fromline_line_changes_total": 6, "fromline_tenants_without_open_line": 1, "fromline_outbox_waiting": 1, "fromline_outbox_parked": 1, "fromline_outbox_oldest_seconds": 1, "fromline_line_states_age_seconds": 1, "fromline_reload_failed": 1,
	} {
		assert.Equal(t, want, series[name], name)
	}
}

// TestTenantsWithoutAnOpenLine says that a tenant whose lines are all closed,
// or that has none, is counted beside tenants with open lines.
func TestTenantsWithoutAnOpenLine(t *testing.T) {
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	well, ill := line.Line{Number: recipients.MustParse("+12052535597")}, line.Line{Number: recipients.MustParse("+12052535598"), Status: line.Flagged}
	other := line.Line{Number: recipients.MustParse("+12052535599"), Status: line.Flagged}
	for tenant, of := range map[string][]line.Line{"open": {well, ill}, "flagged": {other}, "empty": nil} {
		require.NoError(t, lines.SetLines(tenant, of))
	}
	for want, tenants := range map[float64][]string{0: {"open"}, 1: {"open", "flagged"}, 2: {"open", "flagged", "empty"}} {
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(metrics.NewGauges(lines, memory.New(memory.Options{}), tenants...))
		families, err := registry.Gather()
		require.NoError(t, err)
		found := false
		for _, family := range families {
			if family.GetName() == "fromline_tenants_without_open_line" {
				found = true
				assert.Equal(t, want, family.GetMetric()[0].GetGauge().GetValue(), tenants)
			}
		}
		assert.True(t, found)
	}
}

// TestRefusalsByCause says that a send for which no line could be picked is
// counted under what ruled our lines out, each cause once, also if there are
// none, and that no other error is.
func TestRefusalsByCause(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want map[string]float64
	}{
		"another error": {&fromline.GateError{Admission: fromline.Blocked}, nil},
		"no lines":      {&routing.Refusal{Code: fault.CodeNoLine}, map[string]float64{"no_lines": 1}},
		"one cause":     {&routing.Refusal{Code: fault.CodeNoLine, PassedOver: fleet.Counts{Flagged: 7}}, map[string]float64{"flagged": 1}},
		"wrapped":       {fmt.Errorf("x: %w", &routing.Refusal{Code: fault.CodeNoLine, PassedOver: fleet.Counts{Flagged: 7}}), map[string]float64{"flagged": 1}},
		"excluded":      {&routing.Refusal{Code: fault.CodeValue, PassedOver: fleet.Counts{Excluded: 1, Ineligible: 2}}, map[string]float64{"excluded": 1, "ineligible": 1}},
		"all causes": {&routing.Refusal{Code: fault.CodeNoLine, PassedOver: fleet.Counts{
			Flagged: 1, Ineligible: 2, Critical: 3, NewChatLimit: 4, MessageLimit: 5, WrongService: 6, Excluded: 7, Recipient: 8,
			OtherCountry: 9, OtherProvince: 10, OtherArea: 11, OtherLabel: 12,
		}}, map[string]float64{"flagged": 1, "ineligible": 1, "critical": 1, "new_chat_limit": 1, "message_limit": 1, "wrong_service": 1, "excluded": 1, "recipient": 1,
			"other_country": 1, "other_province": 1, "other_area": 1, "other_label": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			m := metrics.New()
			m.Observer().Refused(t.Context(), "acme", c.err, time.Millisecond)
			registry := prometheus.NewRegistry()
			registry.MustRegister(m)
			families, err := registry.Gather()
			require.NoError(t, err)
			var causes map[string]float64
			for _, family := range families {
				if family.GetName() != "fromline_no_line_total" {
					continue
				}
				causes = map[string]float64{}
				for _, metric := range family.GetMetric() {
					causes[metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue()
				}
			}
			assert.Equal(t, c.want, causes)
		})
	}
}
