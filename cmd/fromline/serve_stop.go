package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/fromline/fromline/store"
)

// A stop has one time for all its steps (-stop-within). What one of them leaves
// is there for those behind it, and each has to be over at its tenth of the
// time:
const (
	sendingOver  = 6  // what was being sent when it began
	requestsOver = 8  // requests that were there
	claimingOver = 9  // handing over what is due besides
	allOver      = 10 // looking at what is left
)

// What comes behind that time: for grace, what was cut short is given back and
// the store is closed; then the steps are left alone, and what is left is said,
// for lastWords at most a word.
const (
	grace     = 2 * time.Second
	lastWords = 300 * time.Millisecond
)

// stop runs the steps of a stop, and returns when they ended or their time is
// over. Whatever does not heed its time, be it a receiver, a disk or the reader
// of the log, does not keep the process: what was not handed over is in the
// store.
//
// ran is closed when the Router runs no more, and rest waits for what runs
// besides.
func (s *server) stop(ran <-chan struct{}, rest func()) error {
	s.stopBy = time.Now().Add(s.stopWithin)
	if err, ended := within(s.stopWithin+grace, func() error { return s.stopInOrder(ran, rest) }); ended {
		return err
	}
	step, _ := s.step.Load().(string)
	left := append(s.left(lastWords), slog.String("unfinished", step))
	say(func() { s.logger.Error("stop cut short", left...) })
	return fmt.Errorf("the stop was cut short %v after its time: %s did not end", grace, step)
}

// stopInOrder accepts no request any more, lets those that are there and what
// is being sent finish, and hands over what is due.
func (s *server) stopInOrder(ran <-chan struct{}, rest func()) error {
	s.step.Store("logging")
	s.logger.Info("stopping")
	s.step.Store("requests and deliveries under way")
	answered := make(chan error, 1)
	go func() { answered <- s.shutdown(s.api, requestsOver) }()
	<-ran
	s.step.Store("deliveries that are due")
	s.drain()
	s.step.Store("requests under way")
	err := <-answered
	s.step.Store("deliveries that are due")
	s.drain() // what these requests decided
	s.step.Store("looking at what is left")
	s.logger.Info("deliveries left", s.left(max(lastWords, time.Until(s.at(allOver))))...)
	s.step.Store("what serves the operators")
	if s.ops != nil {
		err = errors.Join(err, s.shutdown(s.ops, allOver))
	}
	s.step.Store("what runs in the background")
	rest()
	s.step.Store("closing the store")
	err = errors.Join(err, s.close())
	s.step.Store("logging")
	s.logger.Info("stopped")
	return err
}

// at returns when a tenth of the time of a stop is over.
func (s *server) at(tenth time.Duration) time.Time {
	return s.stopBy.Add(-s.stopWithin * (allOver - tenth) / allOver)
}

// shutdown lets requests finish up to a tenth of the time, and then cuts them.
func (s *server) shutdown(server *http.Server, tenth time.Duration) error {
	ctx, cancel := context.WithDeadline(context.Background(), s.at(tenth))
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// drain hands over what is due. What remains stays in the store.
func (s *server) drain() {
	ctx, cancel := context.WithDeadline(context.Background(), s.at(claimingOver))
	defer cancel()
	if ctx.Err() == nil {
		_ = s.router.Drain(ctx)
	}
}

// left says what was not handed over, if the store says so in time.
func (s *server) left(patience time.Duration) []any {
	type answer struct {
		store.Backlog
		err error
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	got, ended := within(patience, func() answer {
		b, err := s.store.Backlog(ctx)
		return answer{b, err}
	})
	switch {
	case !ended:
		return []any{slog.String("error", "the store did not say in time what is left")}
	case got.err != nil:
		return []any{slog.String("error", got.err.Error())}
	}
	return []any{slog.Int("waiting", got.Waiting), slog.Int("parked", got.Parked)}
}

// within calls a function and returns what it returned, or false when some time
// is over before: then it goes on alone.
func within[T any](d time.Duration, call func() T) (result T, ended bool) {
	returned := make(chan T, 1)
	go func() { returned <- call() }()
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case result = <-returned:
		return result, true
	case <-late.C:
		return result, false
	}
}

// say writes to the log or standard error, unless it is not read.
func say(write func()) {
	within(lastWords, func() struct{} {
		write()
		return struct{}{}
	})
}
