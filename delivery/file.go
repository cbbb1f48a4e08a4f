package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// FileSender is a Sender that appends each message to a file as one line of
// JSON (see [Delivery.AppendJSON]), in one write. It is safe for concurrent use,
// and other processes may read the file, or append to it, at the same time.
//
// A regular file is flushed to the disk before Send returns, so that a message
// that left the outbox survives a power failure; messages sent at the same time
// share a flush. A reader skips lines that are not whole JSON: each is a write
// that a crash or a full disk cut short, and its message comes again.
type FileSender struct {
	out   io.Writer
	flush func() error // nil where there is nothing to flush

	mu      sync.Mutex
	torn    bool   // the last write was cut short, or may have been
	buf     []byte // reused
	written uint64 // messages written
	closed  bool

	flushing sync.Mutex
	flushed  uint64 // messages known to be on the disk; guarded by flushing
}

// OpenFile opens a file for appending, creating it, readable by its owner only,
// if need be. Where its last line was cut short it appends a newline, so that the
// next message begins a line of its own.
func OpenFile(path string) (*FileSender, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	s, err := NewFileSender(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// NewFileSender returns a FileSender that writes to an open file, such as
// os.Stdout, or to anything else. A regular file should be open for appending.
func NewFileSender(w io.Writer) (*FileSender, error) {
	s := &FileSender{out: w}
	f, is := w.(*os.File)
	if !is {
		return s, nil
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	if !info.Mode().IsRegular() {
		return s, nil
	}
	s.flush = f.Sync
	if !isTorn(f, info.Size()) {
		return s, nil
	}
	if _, err := f.Write([]byte{'\n'}); err != nil {
		return nil, fmt.Errorf("delivery: completing the last line of %s: %w", f.Name(), err)
	}
	return s, nil
}

// isTorn says whether a file ends in the middle of a line. A file that cannot be
// read, because it is open for writing only, is taken to be torn unless it is
// empty: an empty line does no harm.
func isTorn(f io.ReaderAt, size int64) bool {
	if size == 0 {
		return false
	}
	var last [1]byte
	n, _ := f.ReadAt(last[:], size-1)
	return n == 0 || last[0] != '\n'
}

// Send implements Sender. The context is not looked at: a write is not cut short.
func (s *FileSender) Send(_ context.Context, d Delivery) error {
	place, err := s.append(&d)
	if err != nil {
		return err
	}
	return s.wait(place)
}

// append writes the line and returns its place among all lines.
func (s *FileSender) append(d *Delivery) (place uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, fmt.Errorf("delivery: %w", os.ErrClosed)
	}
	line := s.buf[:0]
	if s.torn {
		line = append(line, '\n')
	}
	line, err = d.AppendJSON(line)
	if err != nil {
		return 0, &Failure{Err: err, Permanent: true}
	}
	line = append(line, '\n')
	s.buf = line
	if n, err := s.out.Write(line); err != nil {
		s.torn = s.torn || n > 0
		return 0, fmt.Errorf("delivery: %w", err)
	}
	s.torn = false
	s.written++
	return s.written, nil
}

// wait returns when the line at a place is on the disk. Whoever comes first
// flushes for all that were written before.
func (s *FileSender) wait(place uint64) error {
	if s.flush == nil {
		return nil
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.flushed >= place {
		return nil
	}
	s.mu.Lock()
	written := s.written
	s.mu.Unlock()
	if err := s.flush(); err != nil {
		return fmt.Errorf("delivery: flushing: %w", err)
	}
	s.flushed = written
	return nil
}

// Close closes what was written to, if it can be closed. Later messages fail.
func (s *FileSender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if c, is := s.out.(io.Closer); is {
		return c.Close()
	}
	return nil
}
