package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/decorations/graphemes"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/httpapi"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
	"github.com/fromline/fromline/validate/imagecheck"
)

// chatStore is what serve needs of a store; every one of ours has it.
type chatStore interface {
	store.ChatStore
	store.ChatReader
	store.Outbox
	store.LineStates
	store.UsageReader
	store.Purger
}

// server is everything that fromline serve runs.
type server struct {
	logger  *slog.Logger
	store   chatStore
	fleet   *fleet.Fleet
	tenants []string
	sender  delivery.Sender
	closers []io.Closer // closed last to first

	router     *fromline.Router
	dispatcher *delivery.Dispatcher // runs while serving
	finisher   *delivery.Dispatcher // delivers what is due at the end

	stopping   chan struct{} // closed when it is told to stop
	stopWithin time.Duration // how long a stop may take
	stopBy     time.Time     // when that is over; set by stop
	step       atomic.Value  // of a stop, in words: what it waits for

	api, ops                 *http.Server
	apiListener, opsListener net.Listener
}

// newServer builds the parts. An error means that the settings cannot be used;
// then nothing is left open.
func newServer(ctx context.Context, f serveFlags, stdout io.Writer, logger *slog.Logger) (*server, error) {
	s := &server{logger: logger, stopping: make(chan struct{}), stopWithin: f.stopWithin}
	if err := s.build(ctx, f, stdout); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *server) build(ctx context.Context, f serveFlags, stdout io.Writer) error {
	s.warn(f)
	if err := s.loadFleets(f); err != nil {
		return err
	}
	if err := s.openStore(ctx, f.store); err != nil {
		return err
	}
	if err := s.openSender(f, stdout); err != nil {
		return err
	}
	m := newMetrics(s)
	if err := s.buildDispatchers(m); err != nil {
		return err
	}
	handler, err := s.buildHandler(f, m)
	if err != nil {
		return err
	}
	if s.apiListener, err = net.Listen("tcp", f.addr); err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	s.api = s.httpServer(handler)
	if f.opsAddr == "" {
		return nil
	}
	if s.opsListener, err = net.Listen("tcp", f.opsAddr); err != nil {
		return errors.Join(fmt.Errorf("-ops-addr: %w", err), s.apiListener.Close())
	}
	s.ops = s.httpServer(s.opsHandler(m))
	return nil
}

func (s *server) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i].Close())
	}
	return errors.Join(errs...)
}

func (s *server) loadFleets(f serveFlags) error {
	var err error
	s.fleet, err = fleet.New(fleet.Options{OnPollError: func(err error) {
		s.logger.Warn("poll of the store", slog.String("error", err.Error()))
	}})
	if err != nil {
		return err
	}
	for tenant, files := range f.fleets.values {
		text, err := readText(files[0])
		if err != nil {
			return fmt.Errorf("-fleet, of tenant %q: %w", tenant, err)
		}
		warnings, err := s.fleet.Load(tenant, text)
		if err != nil {
			return fmt.Errorf("-fleet %s: %w", files[0], err)
		}
		for _, w := range warnings {
			s.logger.Warn("fleet", slog.String("file", files[0]), slog.String("pointer", w.Pointer), slog.String("detail", w.Detail))
		}
		s.tenants = append(s.tenants, tenant)
	}
	return nil
}

// openStore opens the store and learns from it what was learned before.
func (s *server) openStore(ctx context.Context, name string) error {
	chats, closer, err := openStore(ctx, name)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, closer)
	full, is := chats.(chatStore)
	if !is {
		return fmt.Errorf("-store: %T lacks a power that serve needs", chats)
	}
	s.store = full
	if err := s.fleet.Sync(ctx, s.store); err != nil {
		return fmt.Errorf("-store: %w", err)
	}
	return nil
}

func (s *server) openSender(f serveFlags, stdout io.Writer) error {
	switch {
	case f.deliverURL != "":
		sender, err := delivery.NewHTTPSender(f.deliverURL, nil)
		if err != nil {
			return fmt.Errorf("-deliver-url: %w", err)
		}
		s.sender = sender
		return nil
	case f.deliveries == "-":
		sender, err := delivery.NewFileSender(stdout)
		s.sender = sender
		return err
	}
	sender, err := delivery.OpenFile(f.deliveries)
	if err != nil {
		return fmt.Errorf("-deliveries: %w", err)
	}
	s.sender = sender
	s.closers = append(s.closers, sender)
	return nil
}

func (s *server) buildDispatchers(m *metrics) error {
	o := delivery.Options{Concurrency: 64, StopWithin: s.stopWithin * sendingOver / allOver, Logger: s.logger, Settled: s.settled(m)}
	var err error
	if s.dispatcher, err = delivery.New(s.store, s.sender, o); err != nil {
		return err
	}
	o.StopWithin = s.stopWithin * (allOver - claimingOver) / allOver / 2
	s.finisher, err = delivery.New(s.store, s.sender, o)
	return err
}

// settled counts how attempts ended. A line that the network has flagged is
// flagged here too, durably, so that the next send fails over.
func (s *server) settled(m *metrics) func(delivery.Settlement) {
	return func(d delivery.Settlement) {
		m.deliveries.WithLabelValues(d.Result.String()).Inc()
		if d.Result == delivery.Sent {
			m.deliveryAge.Observe(time.Since(d.Delivery.At).Seconds())
		}
		failure, is := errors.AsType[*delivery.Failure](d.Err)
		if !is || !failure.LineFlagged {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := s.router.Report(ctx, d.Delivery.Tenant, fromline.Outcome{Line: d.Delivery.From, Kind: fleet.LineFlagged, At: time.Now()})
		if err != nil {
			s.logger.Error("a line that the network flagged", slog.Any("line", d.Delivery.From), slog.String("error", err.Error()))
		}
	}
}

func (s *server) buildHandler(f serveFlags, m *metrics) (http.Handler, error) {
	told := observer{m, s.dispatcher}
	o := fromline.Options{
		Deliver: true, Logger: s.logger,
		Observer: fromline.Observer{Decided: told.decided, Refused: told.refused, Conflicted: told.conflicted},
	}
	if f.checkImages {
		o.Images = imagecheck.New(f.images)
	}
	var err error
	if s.router, err = fromline.New(s.store, s.fleet, o); err != nil {
		return nil, err
	}
	authenticate, err := s.authentication(f)
	if err != nil {
		return nil, err
	}
	signatures, err := readSecrets(f.secrets)
	if err != nil {
		return nil, fmt.Errorf("-webhook-secret: %w", err)
	}
	signed, err := httpapi.NewSignatures(signatures)
	if err != nil {
		return nil, fmt.Errorf("-webhook-secret: %w", err)
	}
	return httpapi.New(s.router, httpapi.Options{
		Authenticate: authenticate,
		Signatures:   signed,
		Lines:        s.fleet,
		Events:       fromline.LineEvents{Fleet: s.fleet, States: s.store},
		Chats:        s.store,
		Ready:        s.ready,
		Prefix:       f.prefix,
		Rules:        validate.Options{GraphemeCuts: graphemes.Cuts},
		Rate:         rate.Limit(f.rate),
		Burst:        f.burst,
		DocBase:      docBase,
		Observe:      m.answered,
		Logger:       s.logger,

		LegacySignatures: f.legacySignatures,
	})
}

// ready says why sends cannot be decided now.
func (s *server) ready(ctx context.Context) error {
	select {
	case <-s.stopping:
		return errors.New("it is stopping")
	default:
	}
	for _, tenant := range s.tenants {
		if _, err := s.fleet.Lines(ctx, tenant, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// httpServer is an HTTP server that no client can keep busy for long.
func (s *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      time.Minute, // reading the body, the work and the answer
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
}
