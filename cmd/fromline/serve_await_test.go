//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStartWaitsForItsStore says that a start waits for a store that is away,
// for a bounded time and with one line of the log, and for nothing else.
func TestStartWaitsForItsStore(t *testing.T) {
	away, wrong := &net.OpError{Op: "dial", Err: errors.New("refused")}, errors.New("no such database")
	for name, c := range map[string]struct {
		fails   time.Duration // for how long the store fails
		with    error
		stopped time.Duration // when the start is given up; 0: never
		want    error
		took    time.Duration // at least, and a second more at most
		told    int
	}{
		"there":            {0, away, 0, nil, 0, 0},
		"back in time":     {20 * time.Second, away, 0, nil, 20 * time.Second, 1},
		"never back":       {time.Hour, away, 0, away, storeWithin, 1},
		"given up":         {time.Hour, away, 5 * time.Second, away, 5 * time.Second, 1},
		"wrong, and stays": {time.Hour, wrong, 0, wrong, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged bytes.Buffer
				s := &server{logger: slog.New(slog.NewJSONHandler(&logged, nil))}
				ctx := context.Background()
				if c.stopped > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.stopped)
					defer cancel()
				}
				began := time.Now()
				err := s.awaitStore(ctx, func() error {
					if time.Since(began) < c.fails {
						return c.with
					}
					return nil
				})
				require.ErrorIs(t, err, c.want)
				took := time.Since(began)
				assert.GreaterOrEqual(t, took, c.took)
				assert.LessOrEqual(t, took, c.took+time.Second)
				assert.Equal(t, c.told, strings.Count(logged.String(), "\n"))
			})
		})
	}
}
