package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// FileSender is a Sender that appends each message to a file as one line of
// JSON (see [Delivery.AppendJSON]), in one write. It is safe for concurrent use,
// and other processes may read the file, or append to it, at the same time.
//
// A regular file is flushed to the disk before Send returns, so that a message
// that left the outbox survives a power failure; messages sent at the same time
// share a flush. Where a flush fails, every message that it may have lost comes
// again. A reader skips lines that are not whole JSON: each is a write that a crash,
// a full disk or a stop cut short, and its message comes again.
//
// Anything else, such as a pipe, takes as long as its reader does. A message that
// nobody takes is let go of when the context of Send ends, and so are those that
// wait behind it. What can be told when to stop writing, as a named pipe or a
// connection can (SetWriteDeadline), has stopped then. What cannot, as a rule the
// standard output, goes on in a goroutine, one at most, until the reader reads or
// goes away or the process ends: the message is taken whole or not at all, and the
// later ones come after it.
type FileSender struct {
	out   io.Writer
	flush func() error          // nil where there is nothing to flush
	until func(time.Time) error // sets when a write ends; nil where nothing can end one

	turn    chan struct{} // holds one value while somebody writes
	torn    bool          // the last write was cut short; of whoever writes
	buf     []byte        // reused, by whoever writes
	written atomic.Uint64 // messages written
	closed  chan struct{} // closed by closing
	closing sync.Once

	flushing sync.Mutex
	flushed  uint64 // messages known to be on the disk; guarded by flushing, as the next two
	failed   uint64 // the last message that a flush that failed may have lost
	fault    error  // of that flush
}

// OpenFile opens a file for appending, creating it, readable by its owner only,
// if need be; the name of a new file survives a power failure too, for which its
// directory has to be readable. Where the last line of a file was cut short it
// appends a newline, so that the next message begins a line of its own.
func OpenFile(path string) (*FileSender, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	s, err := NewFileSender(f)
	if err == nil {
		err = flushName(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// NewFileSender returns a FileSender that writes to an open file, such as
// os.Stdout, or to anything else. A regular file should be open for appending.
func NewFileSender(w io.Writer) (*FileSender, error) {
	s := &FileSender{out: w, turn: make(chan struct{}, 1), closed: make(chan struct{})}
	if d, is := w.(interface{ SetWriteDeadline(time.Time) error }); is && d.SetWriteDeadline(time.Time{}) == nil {
		s.until = d.SetWriteDeadline
	}
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

// Send implements Sender. What is being written to a regular file is not cut short
// when the context ends.
func (s *FileSender) Send(ctx context.Context, d Delivery) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	line, err := s.line(&d)
	if err != nil {
		s.end()
		return &Failure{Err: err, Permanent: true}
	}
	place, err := s.write(ctx, line)
	if err != nil {
		return fmt.Errorf("delivery: writing: %w", err)
	}
	return s.wait(place)
}

// begin waits for the turn to write.
func (s *FileSender) begin(ctx context.Context) error {
	ours := false
	select {
	case s.turn <- struct{}{}:
		ours = true
	case <-s.closed:
	case <-ctx.Done():
	}
	err := context.Cause(ctx) // also where the turn was free
	select {
	case <-s.closed:
		err = os.ErrClosed
	default:
	}
	if err == nil {
		return nil
	}
	if ours {
		s.end()
	}
	return fmt.Errorf("delivery: %w", err)
}

// end lets the next one write.
func (s *FileSender) end() { <-s.turn }

// line returns the line of a delivery. It is good until the turn ends.
func (s *FileSender) line(d *Delivery) ([]byte, error) {
	line := s.buf[:0]
	if s.torn {
		line = append(line, '\n')
	}
	line, err := d.AppendJSON(line)
	if err != nil {
		return nil, err
	}
	s.buf = append(line, '\n')
	return s.buf, nil
}

// Close closes what was written to, if it can be closed. Later messages fail, and so
// does one that is still being written to something else than a regular file, which
// for that has to allow Close beside Write, as files and connections do.
func (s *FileSender) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		if s.flush != nil {
			s.turn <- struct{}{}
			defer s.end()
		}
		if c, is := s.out.(io.Closer); is {
			err = c.Close()
		}
	})
	return err
}
