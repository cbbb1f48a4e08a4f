package rfc3339

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever is refused says what is missing, and the text that it says to write
// is taken.
func TestParse(t *testing.T) {
	write := regexp.MustCompile(`write (\S+)`)
	for text, c := range map[string]struct{ lacks, meant string }{
		"2026-11-29T12:00:00":      {"zone", "2026-11-29T12:00:00Z"},
		"2026-11-29T12:00:00.25":   {"zone", "2026-11-29T12:00:00.25Z"},
		"2026-11-29 12:00:00":      {"zone", "2026-11-29T12:00:00Z"},
		"2026-11-29T12:00":         {"zone", "2026-11-29T12:00:00Z"},
		"2026-11-29 12:00":         {"zone", "2026-11-29T12:00:00Z"},
		"2026-11-29 12:00:00Z":     {"a T", "2026-11-29T12:00:00Z"},
		"2026-11-29T12:00:00+0100": {"colon", "2026-11-29T12:00:00+01:00"},
		"2026-11-29T12:00+01:00":   {"seconds", "2026-11-29T12:00:00+01:00"},
		"2026-11-29":               {"date", "2026-11-29T00:00:00Z"},
		"noon":                     {"RFC 3339", ""},
		"":                         {"RFC 3339", ""},
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, c.lacks, "%q", text)
		if c.meant == "" {
			continue
		}
		m := write.FindStringSubmatch(err.Error())
		require.NotNil(t, m, "%v", err)
		require.Equal(t, c.meant, m[1])
		_, err = Parse(m[1])
		require.NoError(t, err)
	}

	at, err := Parse("2026-11-29T13:00:00.5+01:00")
	require.NoError(t, err)
	require.True(t, at.Equal(time.Date(2026, 11, 29, 12, 0, 0, 500_000_000, time.UTC)))
}
