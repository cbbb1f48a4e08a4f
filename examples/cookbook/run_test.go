package cookbook

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/store/memory"
)

// Rows is a table of lines, as the program knows it.
type Rows []line.Line

// Lines implements fromline.LineHealth.
func (r Rows) Lines(context.Context, string) ([]line.Line, error) { return r, nil }

// A whole program: lines from a table, metrics, and a stop that loses nothing.
func Example_runMeasureAndStop() {
	ctx, stop := context.WithCancel(context.Background()) // signal.NotifyContext in a program
	defer stop()
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{Source: Rows{{Number: first}, {Number: second}}})
	must(err)

	counts := metrics.New()
	registry := prometheus.NewRegistry()
	registry.MustRegister(counts, metrics.NewGauges(lines, chats, "acme"))
	network := &Outbound{}
	router, err := fromline.New(chats, lines, fromline.Options{Sender: network, Observer: counts.Observer()})
	must(err)
	ran := make(chan error, 1)
	go func() { ran <- router.Run(ctx) }() // without it nothing is handed over

	_, err = router.Send(ctx, "acme", text("Hi!", "+14155559876"))
	must(err)

	stop() // when the last request is answered: Run ends what is on its way
	must(<-ran)
	rest, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	must(router.Drain(rest)) // what is due goes out; what is left waits in the store
	must(chats.Close())

	families, err := registry.Gather()
	fmt.Println(len(network.sent), len(families) > 0, err)
	// Output: 1 true <nil>
}
