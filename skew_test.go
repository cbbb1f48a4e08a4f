package fromline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A clock that is wrong harms only its own process: it decides nothing, purges
// nothing and keeps no state of a line, and says so; when it is set right, all
// goes on. Within what is allowed a purge goes by the clock that removes less.
func TestAWrongClockHarmsOnlyItsProcess(t *testing.T) {
	right := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, by := range []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 8 * 24 * time.Hour, -time.Hour, 6 * time.Minute, -6 * time.Minute} {
		t.Run(by.String(), func(t *testing.T) {
			var wrong atomic.Int64
			chats := memory.New(memory.Options{Clock: func() time.Time { return right }})
			lines, err := fleet.New(fleet.Options{Clock: func() time.Time { return right }})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
			r, err := fromline.New(chats, lines, fromline.Options{
				Clock: func() time.Time { return right.Add(time.Duration(wrong.Load())) }, MaxSkew: 5 * time.Minute,
				KeepRecords: time.Minute, PurgeEvery: time.Millisecond,
			})
			require.NoError(t, err)
			send := func(to, key string) error {
				_, err := r.Send(t.Context(), "acme", &message.Request{
					To: []string{to}, Message: &message.Content{Parts: []message.Part{message.Text("hi")}, IdempotencyKey: &key},
				})
				return err
			}
			event := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Active, ChangedAt: right}
			require.NoError(t, send(ann.String(), "first"))
			require.NoError(t, r.Ready(t.Context()))

			wrong.Store(int64(by)) // it is set while the process runs
			err = send(bob.String(), "second")
			require.ErrorIs(t, err, store.ErrClock)
			require.Equal(t, fault.CodeStore, fromline.CodeOf(err))
			require.ErrorIs(t, r.Ready(t.Context()), store.ErrClock)
			_, err = r.ReportLine(t.Context(), event)
			require.ErrorIs(t, err, store.ErrClock)
			require.ErrorIs(t, r.Named(t.Context(), "acme", nil), store.ErrClock)
			states, _, err := chats.LineStates(t.Context(), 0, 0)
			require.NoError(t, err)
			require.Empty(t, states)
			runBriefly(t, r)
			require.Equal(t, 1, recordsOf(t, chats), "nothing is purged")

			wrong.Store(int64(4 * time.Minute)) // allowed, and later than the record is kept
			runBriefly(t, r)
			require.Equal(t, 1, recordsOf(t, chats), "by the clock of the store it is to be kept")
			require.NoError(t, send(bob.String(), "second"))
			wrong.Store(0)
			_, err = r.ReportLine(t.Context(), event)
			require.NoError(t, err)
		})
	}
}

// What a process with a wrong clock finds out about a line, and cannot keep,
// holds for it until it is told otherwise, and no longer: by the clock of the
// store.
func TestAFlagByAWrongClock(t *testing.T) {
	right := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, by := range []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, -time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			var wrong atomic.Int64
			wrong.Store(int64(by))
			clock := func() time.Time { return right.Add(time.Duration(wrong.Load())) }
			chats := memory.New(memory.Options{Clock: func() time.Time { return right }})
			lines, err := fleet.New(fleet.Options{Clock: clock})
			require.NoError(t, err)
			require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
			r, err := fromline.New(chats, lines, fromline.Options{Clock: clock, MaxSkew: 5 * time.Minute})
			require.NoError(t, err)
			status := func() line.Status {
				known, err := r.Lines(t.Context(), "acme")
				require.NoError(t, err)
				return known[0].Status
			}
			require.ErrorIs(t, r.LineFlagged(t.Context(), "acme", dc), store.ErrClock)
			require.Equal(t, line.Flagged, status())
			states, _, err := chats.LineStates(t.Context(), 0, 0)
			require.NoError(t, err)
			require.Empty(t, states)

			wrong.Store(0)
			_, err = r.ReportLine(t.Context(), fleet.Event{
				Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Active, ChangedAt: right.Add(time.Minute),
			})
			require.NoError(t, err)
			require.Equal(t, line.Active, status())
		})
	}
}

// runBriefly lets a Router do what it does beside the sends, some times.
func runBriefly(t *testing.T, r *fromline.Router) {
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	require.NoError(t, r.Run(ctx))
}

func recordsOf(t *testing.T, chats *memory.Store) (n int) {
	for item, err := range chats.Export(t.Context()) {
		require.NoError(t, err)
		if item.Record != nil && item.Record.MessageID != uuid.Nil {
			n++
		}
	}
	return n
}
