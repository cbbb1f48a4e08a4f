package message_test

import (
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
)

var (
	_ driver.Valuer = message.Service(0)
	_ sql.Scanner   = new(message.Service)
)

// A service that a database keeps as text comes back, and none as NULL; a value
// that is no service does not get in, and does not come out.
func TestServicesInDatabases(t *testing.T) {
	for n := range 256 {
		s, back := message.Service(n), message.RCS
		value, err := s.Value()
		if s != 0 && !s.IsValid() {
			require.Error(t, err, "%d", n)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, back.Scan(value))
		require.Equal(t, s, back)
		if text, is := value.(string); is {
			require.Equal(t, s.String(), text)
			require.NoError(t, back.Scan([]byte(text)))
			require.Equal(t, s, back)
		}
	}
	for _, src := range []any{"", "imessage", []byte(nil), int64(1), 1.0, true} {
		s := message.SMS
		require.Error(t, s.Scan(src), "%v", src)
		require.Equal(t, message.SMS, s)
	}
}
