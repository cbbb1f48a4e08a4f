package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// FileSender is a Sender that appends each message to a file as one line of
// JSON (see [Delivery.AppendJSON]), in one write. It is safe for concurrent
// use, and other processes may read the file, or append to it, at the same
// time.
//
// A regular file is synced to the disk before Send returns, so that a message
// that left the outbox survives a power failure. Messages that are sent at the
// same time share a sync. If a sync fails, every message that it may have lost
// comes again. A reader must skip lines that are not whole JSON: a crash, a
// full disk or a stop cut that write off, and its message comes again.
//
// If a message cannot be written or synced, because the disk is full or broken
// or no process reads, that is no fault of the message ([Failure.Receiver]):
// messages wait, and none is parked.
//
// A write to anything else, such as a pipe, takes as long as its reader does.
// When the context of Send ends, the sender gives up the message that no reader
// has taken, and those that wait behind it. The sender can stop a writer with
// SetWriteDeadline, such as a named pipe or a connection. A write to any other
// writer, mostly the standard output, continues in one goroutine until the
// reader reads, the reader ends, or the process ends. The reader then gets the
// message whole or not at all, and later messages come after it.
//
// For a file that is renamed while it is open see [OpenFile].
type FileSender struct {
	path string // what is opened anew; empty for what NewFileSender was given

	mu   sync.Mutex
	file *opened // what is written to; guarded by mu, changed by the goroutine that has the turn

	turn    chan struct{} // holds one value while a goroutine writes
	torn    bool          // the last write was cut short; of the goroutine that writes
	broken  bool          // the last write found no reader; of the goroutine that writes
	buf     []byte        // reused by the goroutine that writes
	written atomic.Uint64 // messages written
	closed  chan struct{} // closed by Close, under mu
	closing sync.Once

	flushing sync.Mutex
	flushed  uint64 // messages known to be on the disk; guarded by flushing, as the next two
	failed   uint64 // the last message that a flush that failed may have lost
	fault    error  // of that flush
}

// opened is what messages are written to.
type opened struct {
	out   io.Writer
	info  os.FileInfo           // of a file when it was opened; nil for anything else
	flush func() error          // nil if there is nothing to flush
	until func(time.Time) error // sets when a write ends; nil if nothing can end one
}

// NewFileSender returns a FileSender that writes to an open file, such as
// os.Stdout, or to anything else. A regular file should be open for appending.
func NewFileSender(w io.Writer) (*FileSender, error) {
	o, err := take(w)
	if err != nil {
		return nil, err
	}
	return newFileSender("", o), nil
}

func newFileSender(path string, o *opened) *FileSender {
	return &FileSender{path: path, file: o, turn: make(chan struct{}, 1), closed: make(chan struct{})}
}

// take finds out how to write to something, and completes the last line of a
// file.
func take(w io.Writer) (*opened, error) {
	o := &opened{out: w}
	if d, is := w.(interface{ SetWriteDeadline(time.Time) error }); is && d.SetWriteDeadline(time.Time{}) == nil {
		o.until = d.SetWriteDeadline
	}
	f, is := w.(*os.File)
	if !is {
		return o, nil
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	if o.info = info; !info.Mode().IsRegular() {
		return o, nil
	}
	o.flush = f.Sync
	if !isTorn(f, info.Size()) {
		return o, nil
	}
	if _, err := f.Write([]byte{'\n'}); err != nil {
		return nil, fmt.Errorf("delivery: completing the last line of %s: %w", f.Name(), err)
	}
	return o, nil
}

// isTorn says whether a file ends in the middle of a line. A file that cannot
// be read, because it is open for writing only, is taken to be torn unless it
// is empty: an empty line does no harm.
func isTorn(f io.ReaderAt, size int64) bool {
	if size == 0 {
		return false
	}
	var last [1]byte
	n, _ := f.ReadAt(last[:], size-1)
	return n == 0 || last[0] != '\n'
}

// Send implements Sender. What is being written to a regular file is not cut
// short when the context ends.
func (s *FileSender) Send(ctx context.Context, d Delivery) error {
	for {
		place, err := s.append(ctx, &d)
		switch {
		case err == nil:
			return takesNone(s.wait(place))
		case s.path != "" && errors.Is(err, syscall.EPIPE) && ctx.Err() == nil:
			continue // the reader went away: wait for the next one
		}
		return takesNone(err)
	}
}

// takesNone says of an error that no message would be taken now, unless the
// message may be at fault, or the next attempt writes to another file.
func takesNone(err error) error {
	_, told := errors.AsType[*Failure](err)
	_, panics := errors.AsType[*panicError](err)
	if err == nil || told || panics || errors.Is(err, errRemoved) {
		return err
	}
	return &Failure{Err: err, Receiver: true}
}

// append writes a message when it is its turn.
func (s *FileSender) append(ctx context.Context, d *Delivery) (place uint64, err error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	if err := s.ready(ctx); err != nil {
		s.end()
		return 0, err
	}
	line, err := s.line(d)
	if err != nil {
		s.end()
		return 0, &Failure{Err: err, Permanent: true}
	}
	if place, err = s.write(ctx, line); err != nil {
		return 0, fmt.Errorf("delivery: writing: %w", err)
	}
	return place, nil
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
	err := context.Cause(ctx) // also if the turn was free
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

// Close closes the file or writer, if it has a Close method. Later messages
// fail, and so does a message that is still being written to anything but a
// regular file. Such a writer must allow Close during Write, as files and
// connections do.
func (s *FileSender) Close() error {
	var err error
	s.closing.Do(func() {
		s.mu.Lock()
		close(s.closed)
		o := s.file
		s.mu.Unlock()
		if o != nil && o.flush != nil {
			s.turn <- struct{}{}
			defer s.end()
		}
		err = o.close()
	})
	return err
}

// close closes what can be closed.
func (o *opened) close() error {
	if o == nil {
		return nil
	}
	if c, is := o.out.(io.Closer); is {
		return c.Close()
	}
	return nil
}
