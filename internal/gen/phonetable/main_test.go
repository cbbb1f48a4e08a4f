package main

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables in the tree are those of the library that go.mod pins. After an
// update of the library, run go generate in recipients.
func TestTablesAreUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../../../recipients/phone_gen.go")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "recipients/phone_gen.go is not what this command writes: run go generate in recipients")
}

// walk reads a table like the package recipients.
func (t table) walk(s string) bool {
	state := t.start
	for i := range len(s) {
		state = t.transitions[int(state)+int(s[i]-'0')]
	}
	return state >= t.accepting
}

func TestTableIsTheLanguage(t *testing.T) {
	g := newAlgebra()
	l, err := g.pattern(`(?:1[2-5]|22?)\d{0,2}`)
	require.NoError(t, err)
	table, err := tabulate(l)
	require.NoError(t, err)
	accepted := 0
	for n := range 100_000 {
		s := strconv.Itoa(n)
		require.Equal(t, l.has(s), table.walk(s), s)
		if l.has(s) {
			accepted++
		}
	}
	require.Equal(t, 4*111+111+100, accepted) // 1a, 1ad, 1add; 2, 2d, 2dd; 22dd
	require.Zero(t, len(table.transitions)%10)
	for _, dead := range table.transitions[:10] {
		require.Zero(t, dead)
	}
}
