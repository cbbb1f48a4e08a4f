package fromline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// timed is a store whose clock is read as the test says.
type timed struct {
	*memory.Store
	reads int
	read  func() (time.Time, error)
}

func (s *timed) Now(context.Context) (time.Time, error) {
	s.reads++
	return s.read()
}

// timedRouter is a Router over such a store, whose own clock is ahead of the
// time.
func timedRouter(t *testing.T, s *timed, ahead *time.Duration) *fromline.Router {
	s.Store = memory.New(memory.Options{})
	r, err := fromline.New(s, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{
		Clock: func() time.Time { return time.Now().Add(*ahead) }, MaxSkew: time.Minute,
	})
	require.NoError(t, err)
	return r
}

// The clock of a store is read when it is first needed, when ten seconds are
// over since it was read, and when our own clock was set back; in between ours
// counts on.
func TestTheClockOfAStoreIsReadNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead time.Duration
		s := &timed{read: func() (time.Time, error) { return time.Now(), nil }}
		r := timedRouter(t, s, &ahead)
		for i, step := range []struct {
			passes, set time.Duration
			reads       int
		}{{0, 0, 1}, {0, 0, 1}, {5 * time.Second, 0, 1}, {5 * time.Second, 0, 1}, {1, 0, 2}, {time.Second, -time.Second - 1, 3}, {time.Second, -time.Second, 3}, {time.Hour, 0, 4}} {
			time.Sleep(step.passes)
			ahead += step.set
			require.NoError(t, r.Ready(t.Context()))
			require.Equal(t, step.reads, s.reads, "step %d", i+1)
		}
	})
}

// A clock that is read slowly shows the time of the middle of the call.
func TestAClockThatIsReadSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead time.Duration
		s := &timed{read: func() (time.Time, error) {
			time.Sleep(50 * time.Second)
			now := time.Now()
			time.Sleep(50 * time.Second)
			return now, nil
		}}
		r := timedRouter(t, s, &ahead)
		require.NoError(t, r.Ready(t.Context()))
		ahead = time.Minute
		require.NoError(t, r.Ready(t.Context()))
		ahead++
		require.ErrorIs(t, r.Ready(t.Context()), store.ErrClock)
	})
}

// While the clock of the store cannot be read, what it showed last counts; a
// store that is closed, or never told its clock, is not compared with.
func TestAClockThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		err   error
		first bool // it could be read once
		wrong bool
		told  bool
	}{
		{errLost, true, true, true},
		{errLost, true, false, false},
		{errLost, false, true, false},
		{store.ErrClosed, true, true, false},
		{store.ErrClosed, false, true, false},
	} {
		t.Run(fmt.Sprintf("%v %v %v", c.err, c.first, c.wrong), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ahead time.Duration
				var fails error
				s := &timed{read: func() (time.Time, error) { return time.Now(), fails }}
				r := timedRouter(t, s, &ahead)
				if c.wrong {
					ahead = time.Hour
				}
				if c.first {
					require.Equal(t, c.wrong, r.Ready(t.Context()) != nil)
				}
				time.Sleep(11 * time.Second)
				fails = c.err
				if err := r.Ready(t.Context()); c.told {
					require.ErrorIs(t, err, store.ErrClock)
				} else {
					require.NoError(t, err)
				}
			})
		})
	}
}
