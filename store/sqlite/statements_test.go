package sqlite_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sqlite"
)

// peeked is what SQLite plans a statement anew for whenever the parameter is
// bound: a bare limit, and the pattern of a comparison.
var peeked = regexp.MustCompile(`(?i)\b(limit|offset|like|glob)\s+\?`)

// Statements are planned when they are prepared, and not in each call.
func TestStatementsArePlannedOnce(t *testing.T) {
	texts, err := sqlite.Queries()
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	for name, text := range texts {
		require.NotRegexp(t, peeked, text, "the statement %q", name)
	}
	require.Regexp(t, peeked, "SELECT 1 LIMIT ?1", "the pattern finds what it is for")
}
