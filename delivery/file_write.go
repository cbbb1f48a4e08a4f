package delivery

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// write writes a line, ends the turn, and returns the place of the line among
// all lines. Where it may have to wait for a reader it returns when the context
// ends.
func (s *FileSender) write(ctx context.Context, line []byte) (place uint64, err error) {
	o := s.current()
	switch {
	case o.flush != nil:
		defer s.end()
		return s.put(o, line)
	case o.until != nil:
		defer s.end()
		return s.putInTime(ctx, o, line)
	}
	return s.putAside(ctx, o, line)
}

// put writes a line.
func (s *FileSender) put(o *opened, line []byte) (place uint64, err error) {
	if n, err := o.out.Write(line); err != nil {
		s.torn, s.broken = s.torn || n > 0, errors.Is(err, syscall.EPIPE)
		return 0, err
	}
	s.torn = false
	return s.written.Add(1), nil
}

// putInTime writes a line to what can be told when to stop.
func (s *FileSender) putInTime(ctx context.Context, o *opened, line []byte) (place uint64, err error) {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = o.until(time.Unix(1, 0)) // long ago
	})
	place, err = s.put(o, line)
	if stop() {
		return place, err
	}
	<-told
	_ = o.until(time.Time{}) // fails only if every later write does
	if err != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return place, err
}

// putAside writes a line to what cannot be told. When the context ends the
// write is left to itself, and keeps its turn.
func (s *FileSender) putAside(ctx context.Context, o *opened, line []byte) (place uint64, err error) {
	type outcome struct {
		place uint64
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer s.end()
		var ended outcome
		defer func() {
			if p := recover(); p != nil { // as a Dispatcher does, which cannot here
				ended.err = panicked(p)
			}
			done <- ended
		}()
		ended.place, ended.err = s.put(o, line)
	}()
	select {
	case ended := <-done:
		return ended.place, ended.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: no process reads what is being written", context.Cause(ctx))
	}
}
