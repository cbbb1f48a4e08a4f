package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// run serves until the context ends, and then stops in order: no new requests,
// the requests that are there, the deliveries that are due.
func (s *server) run(ctx context.Context) error {
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	failed := make(chan error, 4)
	start := func(work func() error) {
		running.Go(func() { failed <- work() })
	}

	delivering, stopDelivering := context.WithCancel(background)
	defer stopDelivering()
	delivered := make(chan struct{})
	running.Go(func() {
		defer close(delivered)
		if err := s.dispatcher.Run(delivering); delivering.Err() == nil {
			failed <- err
		}
	})
	running.Go(func() { _ = s.fleet.Follow(background, s.store) })
	running.Go(func() { s.purge(background) })
	start(func() error { return listen(s.api, s.apiListener) })
	listening := []any{slog.String("addr", s.apiListener.Addr().String())}
	if s.ops != nil {
		start(func() error { return listen(s.ops, s.opsListener) })
		listening = append(listening, slog.String("ops_addr", s.opsListener.Addr().String()))
	}
	s.logger.Info("listening", listening...)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	close(s.stopping)
	s.logger.Info("stopping")
	err = errors.Join(err, shutdown(s.api, finishRequests))
	stopDelivering()
	<-delivered
	s.deliverDue(background)
	if s.ops != nil {
		err = errors.Join(err, shutdown(s.ops, time.Second))
	}
	cancel()
	running.Wait()
	err = errors.Join(err, s.close())
	s.logger.Info("stopped")
	return err
}

// listen serves until the server is shut down.
func listen(server *http.Server, l net.Listener) error {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// shutdown lets requests finish for some time, and then cuts them.
func shutdown(server *http.Server, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// deliverDue hands over what is due at the end. What remains stays in the store.
func (s *server) deliverDue(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, finishDue)
	defer cancel()
	_ = s.finisher.Drain(ctx)
	ask, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer done()
	if b, err := s.store.Backlog(ask); err == nil {
		s.logger.Info("deliveries left", slog.Int("waiting", b.Waiting), slog.Int("parked", b.Parked))
	}
}

// purge removes records whose time is over, a batch at a time.
func (s *server) purge(ctx context.Context) {
	const batch = 1000
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		removed, err := s.store.Purge(ctx, time.Now(), batch)
		if err != nil && ctx.Err() == nil {
			s.logger.Warn("purge", slog.String("error", err.Error()))
		}
		if removed == batch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}
