package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// After each of these a caller may be sure that nothing was written; they are
// told apart by errors.Is, or by the kind.
func TestErrorsAfterWhichNothingWasWritten(t *testing.T) {
	kinds := []error{store.ErrInvalid, store.ErrFull, store.ErrClosed, store.ErrUnknownChat, store.ErrLeaseLost}
	for i, err := range kinds {
		require.ErrorIs(t, err, store.ErrNotWritten)
		for j, other := range kinds {
			require.Equal(t, i == j, errors.Is(err, other))
		}
		wrapped := &store.EventError{Index: 3, Err: err}
		require.ErrorIs(t, wrapped, err)
	}
	require.NotErrorIs(t, store.ErrNoRecord, store.ErrNotWritten)
	for _, kind := range []store.ConflictKind{store.RevisionMoved, store.LineFull, store.KeyTaken} {
		require.ErrorIs(t, &store.Conflict{Kind: kind}, store.ErrNotWritten)
	}
}

// The words for logs and metrics are stable, and no two kinds share one.
func TestConflictKinds(t *testing.T) {
	words := map[string]store.ConflictKind{
		"revision_moved": store.RevisionMoved, "line_full": store.LineFull, "key_taken": store.KeyTaken,
	}
	for word, kind := range words {
		require.Equal(t, word, kind.String())
	}
	for _, kind := range []store.ConflictKind{0, 4} {
		require.NotContains(t, words, kind.String())
	}
}

// A conflict names no line in full: it ends up in logs. Only a full line comes
// with a line and a time.
func TestConflictsNameNoLine(t *testing.T) {
	full := &store.Conflict{Kind: store.LineFull, Line: number, NextFree: noon}
	require.NotContains(t, full.Error(), number.String()[1:])
	require.Contains(t, full.Error(), number.Masked())
	require.NotContains(t, (&store.Conflict{Kind: store.KeyTaken, Line: number}).Error(), number.Masked())
}
