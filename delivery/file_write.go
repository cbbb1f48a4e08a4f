package delivery

import (
	"context"
	"fmt"
	"time"
)

// write writes a line, ends the turn, and returns the place of the line among all
// lines. Where it may have to wait for a reader it returns when the context ends.
func (s *FileSender) write(ctx context.Context, line []byte) (place uint64, err error) {
	switch {
	case s.flush != nil:
		defer s.end()
		return s.put(line)
	case s.until != nil:
		defer s.end()
		return s.putInTime(ctx, line)
	}
	return s.putAside(ctx, line)
}

// put writes a line.
func (s *FileSender) put(line []byte) (place uint64, err error) {
	if n, err := s.out.Write(line); err != nil {
		s.torn = s.torn || n > 0
		return 0, err
	}
	s.torn = false
	return s.written.Add(1), nil
}

// putInTime writes a line to what can be told when to stop.
func (s *FileSender) putInTime(ctx context.Context, line []byte) (place uint64, err error) {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_ = s.until(time.Unix(1, 0)) // long ago
	})
	place, err = s.put(line)
	if stop() {
		return place, err
	}
	<-told
	_ = s.until(time.Time{}) // fails only where every later write does
	if err != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return place, err
}

// putAside writes a line to what cannot be told. When the context ends the write is
// left to itself, and keeps its turn.
func (s *FileSender) putAside(ctx context.Context, line []byte) (place uint64, err error) {
	type outcome struct {
		place uint64
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer s.end()
		var o outcome
		defer func() {
			if p := recover(); p != nil { // as a Dispatcher does, which cannot here
				o.err = &panicError{value: p}
			}
			done <- o
		}()
		o.place, o.err = s.put(line)
	}()
	select {
	case o := <-done:
		return o.place, o.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: nobody takes what is being written", context.Cause(ctx))
	}
}
