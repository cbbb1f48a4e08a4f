package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/fromline/fromline/store/open"
)

// storeWithin is for how long a start waits for a store that does not answer: a
// database that is started at the same time, or that fails over.
const storeWithin = 30 * time.Second

// awaitStore does a step of the start that needs the store, again and again
// while the store is away. It returns the last error when the time is over or
// the context ends; any other error at once.
func (s *server) awaitStore(ctx context.Context, step func() error) error {
	const longest = time.Second
	told := false
	until := time.Now().Add(storeWithin)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := step()
		if err == nil || !open.Away(err) || !time.Now().Before(until) {
			return err
		}
		if !told {
			s.logger.Warn("the store does not answer; waiting for it", slog.String("at_most", storeWithin.String()), slog.String("error", err.Error()))
			told = true
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// openingEvery is how often the log says that opening the store goes on:
// bringing the schema of a large store up to date takes minutes.
const openingEvery = 10 * time.Second

// tellOpening logs that the store is being opened, and which migration runs,
// again and again until the function that it returns is called.
func (s *server) tellOpening(told *schemaProgress) (opened func()) {
	ended := make(chan struct{})
	go func() {
		ticks := time.NewTicker(openingEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ended:
				return
			case now := <-ticks.C:
				s.logger.Info("opening the store; an older schema is brought up to date, which can take long", slog.String("so_far", now.Sub(told.began).Round(time.Second).String()), slog.String("detail", told.text(now)))
			}
		}
	}()
	return func() { close(ended) }
}
