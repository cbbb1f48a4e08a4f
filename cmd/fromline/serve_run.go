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

// run serves until the context ends or a part of it fails, and then stops. After an
// error something may still run: the process has to end.
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
	stopDelivering()
	return errors.Join(err, s.stop(delivered, func() {
		cancel()
		running.Wait()
	}))
}

// listen serves until the server is shut down.
func listen(server *http.Server, l net.Listener) error {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
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
