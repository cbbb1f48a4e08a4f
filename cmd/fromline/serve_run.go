package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
)

// run serves until the context ends or a part of it fails, and then stops.
// After an error something may still run: the process has to end.
func (s *server) run(ctx context.Context) error {
	listening := s.listening()
	var running sync.WaitGroup
	failed := make(chan error, 3)
	start := func(work func() error) {
		running.Go(func() { failed <- work() })
	}
	beside, stopBeside := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBeside()
	ran := make(chan struct{})
	start(func() error {
		defer close(ran)
		return s.router.Run(beside)
	})
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	running.Go(func() { s.atHangUp(beside, hangups) })
	start(func() error { return listen(s.api, s.apiListener) })
	if s.ops != nil {
		start(func() error { return listen(s.ops, s.opsListener) })
	}
	s.logger.Info("listening", listening...)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	close(s.stopping)
	stopBeside()
	return errors.Join(err, s.stop(ran, running.Wait))
}

// listening says where the server is, and what runs there. Of the store it
// names only the kind, as the rest may hold a password.
func (s *server) listening() []any {
	info, _ := debug.ReadBuildInfo()
	kind, _, _ := strings.Cut(s.settings.store, ":")
	lines := 0
	for _, named := range s.named {
		lines += len(named)
	}
	says := []any{slog.String("addr", s.apiListener.Addr().String()), slog.String("version", releaseOf(info)),
		slog.String("store", kind), slog.Int("tenants", len(s.tenants)), slog.Int("lines", lines)}
	if s.ops != nil {
		says = append(says, slog.String("ops_addr", s.opsListener.Addr().String()))
	}
	return says
}

// reopen opens the deliveries file anew.
func (s *server) reopen(ctx context.Context) {
	if err := s.deliveries.Reopen(ctx); err != nil {
		s.logger.Error("cannot open the deliveries file again", slog.String("error", err.Error()))
		return
	}
	s.logger.Info("opened the deliveries file again")
}

// listen serves until the server is shut down.
func listen(server *http.Server, l net.Listener) error {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
