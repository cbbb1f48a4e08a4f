package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// A guard is named or read from a file; what is neither is told with the flag.
func TestReadGuard(t *testing.T) {
	for named, want := range map[string]line.Guard{
		"": {}, "off": {}, "careful": line.Careful(),
		write(t, "guard.json", `{"failover_share": 30}`): {FailoverShare: 30},
		write(t, "named.json", `"careful"`):              line.Careful(),
	} {
		g, err := readGuard(named)
		require.NoError(t, err)
		require.Equal(t, want, g)
	}
	for _, wrong := range []string{"carefull", write(t, "wrong.json", `{"gap": "5m"}`)} {
		_, err := readGuard(wrong)
		require.ErrorContains(t, err, "-guard")
	}
}

func TestSpreadOfRefusedSends(t *testing.T) {
	require.Zero(t, spreadOf(line.Guard{}))
	require.Equal(t, time.Hour, spreadOf(line.Careful()))
}
