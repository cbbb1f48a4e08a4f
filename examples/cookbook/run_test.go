package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Rows is a table of lines, as the program knows it.
type Rows []line.Line

// Lines implements fromline.LineHealth.
func (r Rows) Lines(context.Context, string) ([]line.Line, error) { return r, nil }

// Printer is a network that prints what it is given.
type Printer struct{}

// Send implements delivery.Sender.
func (Printer) Send(_ context.Context, d delivery.Delivery) error {
	_, err := fmt.Printf("from %s: %s\n", d.From, d.Content)
	return err
}

// A whole program: lines from a table, metrics, and a stop that loses nothing.
func Example_runMeasureAndStop() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background()) // signal.NotifyContext in a program
	defer stop()
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{
		Source:      Rows{{Number: recipients.MustParse("+14155550102")}},
		OnPollError: func(err error) { slog.Warn("lines", "error", err) }, // a bad row, or no answer
	})
	check(err)
	counts := metrics.New()
	registry := prometheus.NewRegistry()
	registry.MustRegister(counts, metrics.NewGauges(lines, chats, "acme"))
	router, err := fromline.New(chats, lines, fromline.Options{Sender: Printer{}, Observer: counts.Observer()})
	check(err)
	ran := make(chan error, 1)
	go func() { ran <- router.Run(ctx) }() // without it nothing is handed over

	_, err = router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)

	stop() // when the last request is answered: Run ends what is on its way
	check(<-ran)
	rest, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	check(router.Drain(rest)) // what is due goes out; what is left waits in the store
	check(chats.Close())

	families, err := registry.Gather()
	check(err)
	fmt.Println("metrics:", len(families) > 0)
	// Output:
	// from +14155550102: {"parts":[{"type":"text","value":"Hi!"}]}
	// metrics: true
}
