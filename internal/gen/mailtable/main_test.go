//go:build !go1.27

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables in the tree are what this command writes. It can only write them
// under a Go release that is at Unicode 15.0; under later ones the tests of the
// package recipients compare what the tables do.
func TestTablesAreUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../../../recipients/email_gen.go")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "recipients/email_gen.go is not what this command writes: run go generate in recipients")
}
