//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// The meaning of a server's errors: ERROR rolled the transaction back. FATAL
// and PANIC may come after the commit. So may class 08, which a pooler uses for
// a server that it lost. Then the outcome is unknown.
func TestWhatServersMean(t *testing.T) {
	for _, c := range []struct {
		severity, code string
		want           error // nil if the outcome is unknown
		again          bool
	}{
		{"ERROR", "23505", store.ErrNotWritten, false},
		{"ERROR", "42501", store.ErrNotWritten, false},
		{"ERROR", "57014", store.ErrNotWritten, false}, // the statement was cancelled
		{"ERROR", "53100", store.ErrFull, false},
		{"ERROR", "53200", store.ErrNotWritten, false}, // out of memory
		{"ERROR", "FL001", store.ErrNotWritten, true},
		{"ERROR", "40001", store.ErrNotWritten, true},
		{"ERROR", "40P01", store.ErrNotWritten, true},
		{"ERROR", "08000", nil, false},
		{"ERROR", "08003", nil, false},
		{"ERROR", "08006", nil, false},
		{"ERROR", "08P01", nil, false},
		{"FATAL", "57P01", nil, false}, // the backend was ended
		{"FATAL", "57P02", nil, false},
		{"FATAL", "08006", nil, false},
		{"FATAL", "53100", nil, false},
		{"FATAL", "40001", nil, false},
		{"FATAL", "FL001", nil, false},
		{"PANIC", "53100", nil, false},
		{"PANIC", "XX000", nil, false},
		{"", "23505", nil, false},
	} {
		said := &pgconn.PgError{SeverityUnlocalized: c.severity, Severity: "ERROR", Code: c.code}
		err := postgres.Failed(said)
		require.ErrorIs(t, err, said)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, "%v", c)
			require.ErrorIs(t, err, store.ErrNotWritten, "%v", c)
		} else {
			require.NotErrorIs(t, err, store.ErrNotWritten, "%v", c)
		}
		require.Equal(t, c.code == "53100" && c.severity == "ERROR", errors.Is(err, store.ErrFull), "%v", c)
		require.Equal(t, c.want != nil, postgres.Refused(said), "%v", c)
		require.Equal(t, c.again, postgres.Again(said), "%v", c)
	}
	for _, err := range []error{io.ErrUnexpectedEOF, context.DeadlineExceeded, context.Canceled} {
		require.NotErrorIs(t, postgres.Failed(err), store.ErrNotWritten)
		require.ErrorIs(t, postgres.Failed(err), err)
		require.False(t, postgres.Refused(err))
		require.False(t, postgres.Again(err))
	}
}

// A backend that is ended in the middle of a commit answers with FATAL, and the
// outcome of the commit is unknown.
func TestEndedBackend(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{MaxConnections: 1})
	require.NoError(t, s.Commit(t.Context(), newPlan(1)))
	beside := pgtest.Connect(t, db.dsn)
	tx, err := beside.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "LOCK TABLE fromline.record")
	require.NoError(t, err)
	p := newPlan(2)
	answer := make(chan error, 1)
	go func() { answer <- s.Commit(context.Background(), p) }()
	require.Eventually(t, func() bool {
		var ended bool
		err := tx.QueryRow(context.Background(), `SELECT count(pg_terminate_backend(pid)) = 1 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&ended)
		return err == nil && ended
	}, time.Minute, time.Millisecond)
	err = <-answer
	var said *pgconn.PgError
	require.ErrorAs(t, err, &said)
	require.Equal(t, "FATAL", said.SeverityUnlocalized)
	require.NotErrorIs(t, err, store.ErrNotWritten)
	require.NoError(t, tx.Rollback(t.Context()))
	_, err = s.Decision(t.Context(), p.Tenant, p.MessageID)
	require.ErrorIs(t, err, store.ErrNoRecord, "and here it was not written")
}
