package recipients_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

func TestSetIgnoresOrderAndRepetition(t *testing.T) {
	a, err := recipients.Canonicalize([]string{"bob@Example.com", "+15551234567", "+15551234567"})
	require.NoError(t, err)
	b, err := recipients.Canonicalize([]string{"+15551234567", "bob@example.com"})
	require.NoError(t, err)
	require.Equal(t, a.Key(), b.Key())
	require.True(t, a.Equal(b))
	require.Equal(t, 2, a.Len())
}
