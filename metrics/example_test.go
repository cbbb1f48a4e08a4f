package metrics_test

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// A Router and its lines, counted for Prometheus.
func ExampleNew() {
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12055550101")}})
	chats := memory.New(memory.Options{})
	m := metrics.New()
	registry := prometheus.NewRegistry()
	registry.MustRegister(m, metrics.NewGauges(lines, chats, "acme"))
	router, err := fromline.New(chats, lines, fromline.Options{Observer: m.Observer()})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = router.Send(context.Background(), "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	families, _ := registry.Gather()
	for _, f := range families {
		if f.GetName() == "fromline_decisions_total" {
			for _, series := range f.GetMetric() {
				if series.GetCounter().GetValue() > 0 {
					fmt.Println(f.GetName(), series.GetLabel()[0].GetValue(), err)
				}
			}
		}
	}
	// Output: fromline_decisions_total new_best_number <nil>
}

// How many lines there are, by what keeps them from opening chats.
func ExampleGauges() {
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")},
		{Number: recipients.MustParse("+14155550102"), Status: line.Flagged},
	})
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.NewGauges(lines, memory.New(memory.Options{}), "acme"))
	families, err := registry.Gather()
	for _, f := range families {
		if f.GetName() == "fromline_lines" {
			for _, series := range f.GetMetric() {
				if n := series.GetGauge().GetValue(); n > 0 {
					fmt.Println(series.GetLabel()[0].GetValue(), n, err)
				}
			}
		}
	}
	// Output:
	// flagged 1 <nil>
	// open 1 <nil>
}
