package recipients_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// TestNewLargeSet states that a large set is a set: the same up to the limit,
// one of its own beyond it.
func TestNewLargeSet(t *testing.T) {
	handle := rapid.Custom(func(t *rapid.T) recipients.Handle {
		if rapid.Bool().Draw(t, "mail") {
			return recipients.MustParse(rapid.StringMatching(`[a-z]{1,9}@example\.com`).Draw(t, "address"))
		}
		h, err := recipients.FromDigits(rapid.Uint64Range(12025550000, 12025559999).Draw(t, "digits"))
		require.NoError(t, err)
		return h
	})
	keys := map[recipients.Key]recipients.Set{}
	rapid.Check(t, func(t *rapid.T) {
		handles := rapid.SliceOfN(handle, 1, 2*recipients.MaxRecipients).Draw(t, "handles")
		large, err := recipients.NewLargeSet(handles...)
		require.NoError(t, err)
		for _, h := range handles {
			require.True(t, large.Contains(h))
		}
		for i := 1; i < large.Len(); i++ {
			require.Negative(t, large.At(i-1).Compare(large.At(i)))
		}
		set, err := recipients.NewSet(handles...)
		if large.Len() > recipients.MaxRecipients {
			require.ErrorIs(t, err, recipients.ErrTooMany)
		} else {
			require.NoError(t, err)
			require.Equal(t, set, large)
		}
		if other, known := keys[large.Key()]; known {
			require.True(t, large.Equal(other))
		}
		keys[large.Key()] = large
	})
	_, err := recipients.NewLargeSet()
	require.ErrorIs(t, err, recipients.ErrEmpty)
	_, err = recipients.NewLargeSet(recipients.MustParse("+12025550123"), recipients.Handle{})
	require.ErrorIs(t, err, recipients.ErrInvalid)
}
