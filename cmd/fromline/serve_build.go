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
	"github.com/fromline/fromline/internal/rarely"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
	"github.com/fromline/fromline/validate/imagecheck"
)

// server is everything that fromline serve runs.
type server struct {
	settings serveFlags // as at the start

	logger     *slog.Logger
	store      store.Store
	fleet      *fleet.Fleet
	guard      line.Guard
	tenants    []string
	named      map[string][]line.Line // by tenant: what the fleet files name
	sender     delivery.Sender
	deliveries *delivery.FileSender // the same, if its path is opened anew at SIGHUP
	closers    []io.Closer          // closed last to first
	metrics    *metrics.Metrics
	router     *fromline.Router
	recent     recent // decisions, for the console

	stopping   chan struct{} // closed when it is told to stop
	stopWithin time.Duration // how long a stop may take
	stopBy     time.Time     // when that is over; set by stop
	step       atomic.Value  // of a stop, in words: what it waits for

	handler atomic.Pointer[http.Handler] // of the endpoint, as it was loaded last

	api, ops                 *http.Server
	apiListener, opsListener net.Listener
}

// newServer builds the parts. An error means that the settings cannot be used;
// then nothing is left open.
func newServer(ctx context.Context, f serveFlags, stdout io.Writer, logger *slog.Logger) (*server, error) {
	s := &server{settings: f, logger: logger, stopping: make(chan struct{}), stopWithin: f.stopWithin}
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
	s.warnOfEmptyFleets()
	if err := s.openStore(ctx, f.store); err != nil {
		return err
	}
	if err := s.openSender(f, stdout); err != nil {
		return err
	}
	if err := s.buildRouter(ctx, f); err != nil {
		return err
	}
	built, err := s.buildHandler(f, s.guard)
	if err != nil {
		return err
	}
	s.handler.Store(&built)
	var handler http.Handler = http.HandlerFunc(s.serveNow)
	if s.apiListener, err = net.Listen("tcp", f.addr); err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	if len(f.tokens.values) == 0 {
		handler = localHosts(handler, s.refuseHost)
	}
	s.api = s.httpServer(handler)
	if f.opsAddr == "" {
		return nil
	}
	if s.opsListener, err = net.Listen("tcp", f.opsAddr); err != nil {
		return errors.Join(fmt.Errorf("-ops-addr: %w", err), s.apiListener.Close())
	}
	operators, err := s.buildConsole(f)
	if err != nil {
		return errors.Join(fmt.Errorf("-ops-token: %w", err), s.apiListener.Close(), s.opsListener.Close())
	}
	ops, err := s.guardOps(f, s.opsHandler(operators))
	if err != nil {
		return errors.Join(fmt.Errorf("-ops-token: %w", err), s.apiListener.Close(), s.opsListener.Close())
	}
	s.ops = s.httpServer(ops)
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
	policy, err := readPolicy(f.policy)
	if err != nil {
		return err
	}
	guard, err := readGuard(f.guard)
	if err != nil {
		return err
	}
	assigned, warnings, err := readAssigned(f.assigned)
	if err != nil {
		return err
	}
	s.guard = guard
	s.warnOfFleet(f.assigned, warnings)
	s.fleet, err = fleet.New(fleet.Options{Policy: policy, Guard: guard, Assigned: assigned, OnPollError: rarely.Tell(time.Minute, func(err error) {
		s.logger.Warn("cannot read from the store what changed of the lines", slog.String("error", err.Error()))
	})})
	if err != nil {
		return err
	}
	s.named = map[string][]line.Line{}
	for tenant, files := range f.fleets.values {
		text, err := readText(files[0])
		if err != nil {
			return fmt.Errorf("-fleet, of tenant %q: %w", tenant, err)
		}
		warnings, err := s.fleet.Load(tenant, text)
		if err != nil {
			return fmt.Errorf("-fleet %s: %w", files[0], err)
		}
		s.warnOfFleet(files[0], warnings)
		if s.named[tenant], err = s.fleet.Lines(context.Background(), tenant); err != nil {
			return err
		}
		s.tenants = append(s.tenants, tenant)
	}
	return nil
}

// warnOfFleet logs what of a file was not understood.
func (s *server) warnOfFleet(file string, warnings []fleet.Warning) {
	for _, w := range warnings {
		s.logger.Warn("a member of a fleet file has no effect", slog.String("file", file), slog.String("pointer", w.Pointer), slog.String("detail", w.Detail))
	}
}

// openStore opens the store and learns from it what was learned before.
func (s *server) openStore(ctx context.Context, name string) error {
	err := s.awaitStore(ctx, func() (err error) {
		told := newSchemaProgress(openingStore)
		defer s.tellOpening(told)()
		s.store, err = openStore(ctx, name, told.tell)
		return err
	})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.store)
	if err := s.awaitStore(ctx, func() error { return s.fleet.Sync(ctx, s.store) }); err != nil {
		return fmt.Errorf("-store: %w", err)
	}
	return nil
}

func (s *server) openSender(f serveFlags, stdout io.Writer) error {
	switch {
	case f.deliverURL != "":
		sender, err := newHTTPSender(f)
		if err != nil {
			return err
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
	s.deliveries = sender
	s.closers = append(s.closers, sender)
	return nil
}

func (s *server) buildRouter(ctx context.Context, f serveFlags) (err error) {
	s.metrics = metrics.New()
	o := fromline.Options{
		Rules:    validate.Options{GraphemeCuts: graphemes.Cuts, CardURLOptional: f.cardURLOptional},
		Sender:   s.sender,
		Reroute:  f.reroute,
		Consents: f.consents,

		DeferUpTo: f.deferUpTo,

		Delivery: delivery.Options{Concurrency: f.deliverConcurrency, StopWithin: s.stopWithin * sendingOver / allOver},
		Observer: s.metrics.Observer(),
		Logger:   s.logger,

		MaxBacklog:  f.maxBacklog,
		KeepTraces:  f.traces,
		KeepUnkeyed: f.keepUnkeyed,
	}
	if o.Webhooks, err = newWebhookSender(f); err != nil {
		return err
	}
	if f.checkImages {
		o.Images = imagecheck.New(f.images)
	}
	if s.router, err = fromline.New(s.store, s.fleet, o); err != nil {
		return err
	}
	for tenant, lines := range s.named {
		if err := s.awaitStore(ctx, func() error { return s.router.Named(ctx, tenant, lines) }); err != nil {
			return fmt.Errorf("-store: %w", err)
		}
	}
	return nil
}

func (s *server) buildHandler(f serveFlags, guard line.Guard) (http.Handler, error) {
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
	return httpapi.New(remembering{s.router, &s.recent}, httpapi.Options{
		Authenticate: authenticate,
		Signatures:   signed,
		Ready:        s.ready,
		Prefix:       f.prefix,
		Rate:         rate.Limit(f.rate),
		Burst:        f.burst,
		DocBase:      f.docBase,
		Observe:      func(a httpapi.Answered) { s.metrics.Answered(a.Endpoint, a.Status, a.Code, a.Took) },
		Logger:       s.logger,
		RetrySpread:  spreadOf(guard),

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
	return s.router.Ready(ctx)
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
