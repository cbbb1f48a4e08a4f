package delivery_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store/memory"
)

// gate is a writer that takes nothing until it is opened.
type gate struct {
	open chan struct{}
	mu   sync.Mutex
	text bytes.Buffer
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(b)
}

func (g *gate) lines() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Split(strings.TrimSpace(g.text.String()), "\n")
}

// TestStuckWriteEndsItsSend says that a message that nobody takes is let go of
// when its time is up, and those that wait behind it; that what is stuck is
// still whole when it is taken after all; and that later messages come after
// it.
func TestStuckWriteEndsItsSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		s, err := delivery.NewFileSender(g)
		require.NoError(t, err)
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for c := range 4 {
			wg.Go(func() { assert.ErrorIs(t, s.Send(ctx, someDelivery(c, 0, `{}`)), context.DeadlineExceeded) })
		}
		wg.Wait()
		require.Equal(t, 3*time.Second, time.Since(began))
		close(g.open)
		require.NoError(t, s.Send(context.Background(), someDelivery(9, 0, `{}`)))
		lines := g.lines()
		require.Len(t, lines, 2, "the one that was stuck, and the one after it; who only waited left nothing")
		assert.Contains(t, lines[1], messageID(9, 0).String())
	})
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("injected panic") }

// TestWriterThatPanics says that it is a failure like any other, and holds up
// nobody.
func TestWriterThatPanics(t *testing.T) {
	s, err := delivery.NewFileSender(panicking{})
	require.NoError(t, err)
	for range 3 {
		require.Error(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))
	}
}

// TestStopWithAStuckWriter says that a dispatcher can be stopped whose messages
// nobody takes.
func TestStopWithAStuckWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		for c := range 4 {
			commit(t, o, c, 0)
		}
		g := &gate{open: make(chan struct{})}
		defer close(g.open) // the bubble has to end without the write that is left
		s, err := delivery.NewFileSender(g)
		require.NoError(t, err)
		var l log
		d, err := delivery.New(o, s, delivery.Options{StopWithin: 5 * time.Second, Settled: l.add})
		require.NoError(t, err)
		began := time.Now()
		runFor(t, d, time.Second)
		assert.Equal(t, 6*time.Second, time.Since(began))
		returned := delivery.Returned
		assert.Equal(t, []delivery.Result{returned, returned, returned, returned}, l.results())
	})
}

// TestDeafSenderDoesNotKeepAStop says that a Sender that does not heed its
// context keeps Run no longer than the time of a stop and what it takes to give
// back, and that its message is there for the next one.
func TestDeafSenderDoesNotKeepAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		defer close(over)
		chats := memory.New(memory.Options{})
		require.NoError(t, chats.Commit(context.Background(), planFor(t, chats, tenant, 1, 0)))
		begun := make(chan struct{})
		d, err := delivery.New(chats, senderFunc(func(context.Context, delivery.Delivery) error {
			close(begun)
			<-over
			return nil
		}), delivery.Options{StopWithin: 3 * time.Second})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(context.Background())
		ran := make(chan error, 1)
		go func() { ran <- d.Run(ctx) }()
		<-begun
		stop()
		began := time.Now()
		require.ErrorIs(t, <-ran, context.Canceled)
		require.LessOrEqual(t, time.Since(began), 6*time.Second)
		time.Sleep(time.Minute)
		claimed, err := chats.Claim(context.Background(), time.Minute, 1)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
	})
}
