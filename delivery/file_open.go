package delivery

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// errNoReader is why a named pipe takes nothing.
var errNoReader = errors.New("no process reads the pipe")

// OpenFile opens a file for appending. If there is none, it creates one that
// only its owner can read. The name of a new file survives a power failure too;
// for this, its directory must be readable. If the last line of the file was
// cut off, OpenFile appends a newline, so that the next message begins a new
// line.
//
// The sender writes each message to the file that has the name at that moment.
// If the file was renamed or removed, as a rotation does, the sender syncs and
// closes it, and opens or creates the path again. A message that was written to
// a removed file, and was not on the disk before the removal, comes again.
// While the path cannot be opened, messages wait ([Failure.Receiver]). See also
// [FileSender.Reopen].
//
// A named pipe needs a reader: while no process reads it, Send waits, until its
// context ends. Unread messages in the pipe stay there for the next reader, and
// are lost when this process ends. If a pipe was removed, the sender waits
// until it is there again, and creates no file in its place.
func OpenFile(path string) (*FileSender, error) {
	s := newFileSender(path, nil)
	if err := s.renew(false); err != nil && !errors.Is(err, errNoReader) {
		return nil, err
	}
	return s, nil
}

// Reopen syncs and closes the file, and opens its path again, even if the path
// still names the same file. It waits for its turn until the context ends.
// Reopen does nothing if OpenFile did not make the sender, or the path is not a
// regular file. After an error the sender continues as before.
func (s *FileSender) Reopen(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.end()
	if s.path == "" {
		return nil
	}
	if err := s.renew(true); err != nil && !errors.Is(err, errNoReader) {
		return err
	}
	return nil
}

// ready sees to it that messages are written to what the path names, and that a
// process reads it if it is a pipe. The goroutine that has the turn calls it.
func (s *FileSender) ready(ctx context.Context) error {
	if s.path == "" {
		return nil
	}
	const longest = 250 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		err := s.renew(false)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, errNoReader):
			return &Failure{Err: err, Receiver: true}
		}
		select {
		case <-time.After(pause):
		case <-s.closed:
			return fmt.Errorf("delivery: %w", os.ErrClosed)
		case <-ctx.Done():
			return &Failure{Err: fmt.Errorf("%w: %w", context.Cause(ctx), err), Receiver: true}
		}
	}
}

// renew opens what the path names, unless that is what is written to already.
func (s *FileSender) renew(force bool) error {
	now := s.current()
	wasPipe := now != nil && isPipe(now.info)
	there, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && wasPipe:
		return fmt.Errorf("delivery: %w: %w", errNoReader, err)
	case errors.Is(err, fs.ErrNotExist):
		there = nil
	case err != nil:
		return fmt.Errorf("delivery: %w", err)
	case now != nil && os.SameFile(there, now.info):
		if wasPipe && !s.broken || !wasPipe && !(force && now.flush != nil) {
			return nil
		}
	}
	next, err := open(s.path, there)
	if err != nil {
		return err
	}
	if s.broken && os.SameFile(there, now.info) {
		s.broken = false
		return next.close() // the old one holds what the last reader left
	}
	return s.swap(now, next)
}

// open opens a path. What is there is known, or nil: then a file is created.
func open(path string, there os.FileInfo) (*opened, error) {
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if isPipe(there) {
		// For reading too it would be its own reader, and take everything.
		flags = os.O_WRONLY | syscall.O_NONBLOCK
	}
	f, err := os.OpenFile(path, flags, 0o600)
	switch {
	case isPipe(there) && errors.Is(err, syscall.ENXIO):
		return nil, fmt.Errorf("delivery: %w", errNoReader)
	case err != nil:
		return nil, fmt.Errorf("delivery: %w", err)
	}
	o, err := take(f)
	switch {
	case err != nil:
	case isPipe(o.info) != isPipe(there):
		err = fmt.Errorf("delivery: %s was replaced while it was opened", path)
	default:
		err = flushName(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

func isPipe(info os.FileInfo) bool { return info != nil && info.Mode()&os.ModeNamedPipe != 0 }

// swap makes the next file the one that is written to, and closes the one
// before when what was written to it is on the disk.
func (s *FileSender) swap(before, next *opened) error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if before != nil {
		_ = s.flushAll(before) // those who wait for it are told
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return errors.Join(fmt.Errorf("delivery: %w", os.ErrClosed), next.close())
	default:
	}
	s.file, s.torn, s.broken = next, false, false
	_ = before.close() // everything in it is flushed, or told
	return nil
}

// current returns what is written to; nil before a pipe was read first.
func (s *FileSender) current() *opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file
}
