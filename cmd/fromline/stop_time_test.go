//go:build unix

package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// hung is what of a server no longer does what it is asked to.
type hung struct {
	sending, claiming, asking, closing, logging bool
}

// parts are the store, the receiver and the log of a server. From when they are
// told to be stuck, those that hang do so until they are let go.
type parts struct {
	store.Store
	hung
	slowly bool // a message is sent until it is cut short
	stuck  atomic.Bool
	letGo  chan struct{}
}

func (p *parts) hang(does bool) {
	if does && p.stuck.Load() {
		<-p.letGo
	}
}

func (p *parts) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	p.hang(p.claiming)
	return p.Store.Claim(ctx, lease, limit, except...)
}

func (p *parts) Backlog(ctx context.Context) (store.Backlog, error) {
	p.hang(p.asking)
	return p.Store.Backlog(ctx)
}

func (p *parts) Close() error {
	p.hang(p.closing)
	return nil
}

func (p *parts) Send(ctx context.Context, _ delivery.Delivery) error {
	switch {
	case p.sending:
		<-p.letGo
	case p.slowly:
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// reader is the program that reads the log. (A writer that hangs would keep the
// lock of its slog.Handler, and a clock of its own does not go on while
// a goroutine waits for that lock.)
type reader struct{ *parts }

func (reader) Enabled(context.Context, slog.Level) bool { return true }

func (r reader) Handle(context.Context, slog.Record) error {
	r.hang(r.logging)
	return nil
}

func (r reader) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r reader) WithGroup(string) slog.Handler      { return r }

// pipes is a listener without a network.
type pipes struct {
	coming chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.coming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// serverOf returns a server of these parts that has one message to deliver and
// needs no network.
func serverOf(t *testing.T, p *parts) (*server, *pipes) {
	t.Helper()
	var f serveFlags
	require.NoError(t, f.parse([]string{"-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"}, io.Discard))
	s, err := newServer(t.Context(), f, io.Discard, slog.New(reader{p}))
	require.NoError(t, err)
	require.NoError(t, s.apiListener.Close())
	listener := &pipes{coming: make(chan net.Conn), closed: make(chan struct{})}
	p.Store, p.letGo = s.store, make(chan struct{})
	s.apiListener, s.store, s.sender = listener, p, p
	s.closers = append(s.closers, p)
	require.NoError(t, s.buildRouter(t.Context(), f))
	send := httptest.NewRequest("POST", "http://localhost/v3/messages", strings.NewReader(sendTo("+14155559876", "hi")))
	send.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	s.api.Handler.ServeHTTP(answer, send)
	require.Equal(t, 202, answer.Code)
	return s, listener
}

// TestStopKeepsItsTime says, by a clock of its own, how long a stop may take:
// nothing where nothing hangs, no longer than its time where everything ends
// when it is told to, and never three seconds longer, whatever hangs; then it
// is an error.
func TestStopKeepsItsTime(t *testing.T) {
	const its, atLast = 10 * time.Second, 13 * time.Second
	for name, c := range map[string]struct {
		hung             hung
		slowly, requests bool
		atMost           time.Duration
	}{
		"nothing hangs":          {},
		"a receiver is slow":     {slowly: true, atMost: its},
		"a request is slow":      {requests: true, atMost: its},
		"both are slow":          {slowly: true, requests: true, atMost: its},
		"nobody counts":          {hung: hung{asking: true}, atMost: its},
		"a receiver hangs":       {hung: hung{sending: true}, atMost: its}, // its message goes out again
		"the outbox hangs":       {hung: hung{claiming: true}, atMost: atLast},
		"closing hangs":          {hung: hung{closing: true}, atMost: atLast},
		"nobody reads the log":   {hung: hung{logging: true}, atMost: atLast},
		"nothing works any more": {hung: hung{true, true, true, true, true}, requests: true, atMost: atLast},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &parts{hung: c.hung, slowly: c.slowly}
				s, listener := serverOf(t, p)
				ctx, stop := context.WithCancel(t.Context())
				over := make(chan error, 1)
				go func() { over <- s.run(ctx) }()
				if c.requests {
					here, there := net.Pipe()
					defer here.Close()
					listener.coming <- there
					_, err := io.WriteString(here, "POST /v3/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
					require.NoError(t, err)
				}
				time.Sleep(time.Second) // of the clock of this test: the message is being sent
				p.stuck.Store(true)
				began := time.Now()
				stop()
				err := <-over
				took := time.Since(began)
				close(p.letGo)
				assert.LessOrEqual(t, took, c.atMost)
				assert.Equal(t, c.atMost == atLast, err != nil, "%v", err)
				t.Logf("%v: %v", took, err)
			})
		})
	}
}
