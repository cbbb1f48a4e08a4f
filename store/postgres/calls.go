package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fromline/fromline/store"
)

// calls counts the calls that hold a connection, so that Close can wait for
// them. The zero value is ready for use.
type calls struct {
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{} // made by close, closed when n is 0
}

// enter counts a call. It returns false after close.
func (c *calls) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.n++
	return true
}

func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 && c.closed {
		close(c.idle)
	}
}

// close refuses further calls. It returns a channel that is closed when no call
// is left. It is called once.
func (c *calls) close() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.idle = make(chan struct{})
	if c.n == 0 {
		close(c.idle)
	}
	return c.idle
}

// heldConn is a connection for one call.
type heldConn struct {
	*pgxpool.Conn
	calls *calls
}

// Release returns the connection to the pool.
func (c heldConn) Release() {
	c.Conn.Release()
	c.calls.leave()
}

// acquire returns a connection for one call. The call must release it.
func (s *Store) acquire(ctx context.Context) (heldConn, error) {
	if err := s.usable(ctx); err != nil {
		return heldConn{}, err
	}
	conn, err := s.pool.Acquire(ctx)
	switch {
	case err == nil && s.calls.enter():
		return heldConn{conn, &s.calls}, nil
	case err == nil:
		conn.Release()
	case !s.closed.Load():
		return heldConn{}, noConnection(err)
	}
	return heldConn{}, fmt.Errorf("postgres: %w", store.ErrClosed)
}
