package store_test

import (
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

var (
	_ driver.Valuer = store.Reason(0)
	_ sql.Scanner   = new(store.Reason)
)

// A reason that a database keeps as text is read back. A value that is no
// reason can be neither written nor read.
func TestReasonsInDatabases(t *testing.T) {
	for n := range 256 {
		r, back := store.Reason(n), store.NewBestNumber
		value, err := r.Value()
		if r < store.ReusedActiveChat || r > store.FailoverFlagged {
			require.Error(t, err, "%d", n)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, r.String(), value)
		require.NoError(t, back.Scan(value))
		require.Equal(t, r, back)
		require.NoError(t, back.Scan([]byte(value.(string))))
		require.Equal(t, r, back)
	}
	for _, src := range []any{nil, "", "reused", "NEW_BEST_NUMBER", []byte(nil), int64(1), 1.0, true} {
		r := store.FailoverFlagged
		require.Error(t, r.Scan(src), "%v", src)
		require.Equal(t, store.FailoverFlagged, r)
	}
}
