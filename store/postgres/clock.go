package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fromline/fromline/store"
)

// Now implements store.Clocked: the time of the server.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var at int64
	if err := s.call(ctx, s.sql.clock, nil, &at); err != nil {
		return time.Time{}, err
	}
	return fromMicros(at), nil
}

// earliest returns what the clock of the server has to show at least for a time not
// to lie too far ahead of it.
func earliest(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return micros(at) - store.MaxAhead.Microseconds()
}

// tooFar returns the error of a call that the server found too far from its clock:
// it ran nothing and answered no row. Only then is the clock read, to tell how far.
func (s *Store) tooFar(ctx context.Context, err error, check func(now time.Time) error) error {
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	now, err := s.Now(ctx)
	if err == nil {
		err = check(now)
	}
	if err == nil { // a moment later it is not any more
		err = store.ErrClock
	}
	return fmt.Errorf("postgres: %w", err)
}
