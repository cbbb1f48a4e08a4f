package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table in the tree is that of the library that go.mod pins. After an
// update of the library, run go generate in recipients.
func TestTableIsUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../../../recipients/place_gen.go")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "recipients/place_gen.go is not what this command writes: run go generate in recipients")
}
