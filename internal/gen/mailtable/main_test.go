//go:build !go1.27

package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables in the tree are the output of this command. It runs only under a
// Go release with Unicode 15.0. Under later releases, the tests of the package
// recipients check the tables.
func TestTablesAreUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../../../recipients/email_gen.go")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "recipients/email_gen.go is not what this command writes: run go generate in recipients")
}
