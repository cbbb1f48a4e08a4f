package fromline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/sqlite"
)

// What is nothing is refused where it is given, whatever its type.
func TestNothingIsRefused(t *testing.T) {
	table := &lineTable{}
	for _, err := range []error{
		errorOf(fromline.New(nil, table, fromline.Options{})),
		errorOf(fromline.New((*memory.Store)(nil), table, fromline.Options{})),
		errorOf(fromline.New((*sqlite.Store)(nil), table, fromline.Options{})),
		errorOf(fromline.New(memory.New(memory.Options{}), nil, fromline.Options{})),
		errorOf(fromline.New(memory.New(memory.Options{}), (*fleet.Fleet)(nil), fromline.Options{})),
		errorOf(fleet.ParsePolicy([]byte(" null "))),
	} {
		require.Error(t, err)
	}
	require.Zero(t, fromline.CodeOf(nil))
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	_, err := r.ReportLine(t.Context(), fleet.Event{})
	require.ErrorIs(t, err, fleet.ErrEvent)
	require.Equal(t, fault.CodeMissing, fromline.CodeOf(err))
}

func errorOf[T any](_ T, err error) error { return err }

// The words of an error that says what failed have it in them, and those of one
// that does not say so have no gap.
func TestErrorsSayWhatFailed(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		require.ErrorContains(t, &fromline.UnavailableError{Err: errHook, Unknown: unknown}, errHook.Error())
		require.NotContains(t, (&fromline.UnavailableError{Unknown: unknown}).Error(), "nil")
	}
}
