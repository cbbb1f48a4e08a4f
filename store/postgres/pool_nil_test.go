package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// A nil pool is an error, not a panic.
func TestNewNeedsAPool(t *testing.T) {
	_, err := postgres.New(t.Context(), nil, postgres.Options{})
	require.ErrorIs(t, err, store.ErrInvalid)
}
