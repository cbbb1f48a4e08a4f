package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/store"
)

// Now implements store.Clocked. It returns the time of the server.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var at int64
	if err := s.call(ctx, s.sql.clock, nil, &at); err != nil {
		return time.Time{}, err
	}
	return fromMicros(at), nil
}

// earliest returns the time that the clock of the server must have reached, or
// else at lies too far ahead of it. It is in microseconds, and 0 for the zero
// time.
func earliest(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return micros(at) - store.MaxAhead.Microseconds()
}

// tooFar returns the error of a call whose time is too far from the clock of
// the server: the server returned no row and did nothing. tooFar reads the
// clock, to say how far.
func (s *Store) tooFar(ctx context.Context, err error, check func(now time.Time) error) error {
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	now, err := s.Now(ctx)
	if err == nil {
		err = check(now)
	}
	if err == nil { // the clock has advanced since, and at is not too far any more
		err = store.ErrClock
	}
	return fmt.Errorf("postgres: %w", err)
}
