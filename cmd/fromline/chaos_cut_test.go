//go:build unix

package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// cutter passes connections on to an address, and cuts all of them when it is
// told to: what was on its way, in either direction, is lost in the middle.
type cutter struct {
	listener net.Listener
	cuts     atomic.Int64

	mu       sync.Mutex
	network  string
	address  string
	open     map[net.Conn]net.Conn // by the side that connected
	finished bool
}

func newCutter(t *testing.T) *cutter {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{listener: l, open: map[net.Conn]net.Conn{}}
	t.Cleanup(func() {
		_ = l.Close()
		c.mu.Lock()
		c.finished = true
		c.mu.Unlock()
		c.cut()
	})
	go c.accept()
	return c
}

func (c *cutter) addr() string { return c.listener.Addr().String() }

// to says where connections lead from now on.
func (c *cutter) to(network, address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.network, c.address = network, address
}

func (c *cutter) accept() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		go c.pass(conn)
	}
}

func (c *cutter) pass(conn net.Conn) {
	defer conn.Close()
	c.mu.Lock()
	network, address := c.network, c.address
	c.mu.Unlock()
	there, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer there.Close()
	c.mu.Lock()
	if c.finished {
		c.mu.Unlock()
		return
	}
	c.open[conn] = there
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.open, conn)
		c.mu.Unlock()
	}()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(conn, there)
		_ = conn.Close()
	}()
	_, _ = io.Copy(there, conn)
	_ = there.Close()
	<-back
}

// cut closes every connection, both ends.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, there := range c.open {
		_ = conn.Close()
		_ = there.Close()
		c.cuts.Add(1)
	}
}
