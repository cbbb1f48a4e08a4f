package recipients

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The short way for plain addresses never says anything else than the whole of
// the rules.
func TestPlainWayEqualsWholeWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9+_.'-]{0,12}@[A-Za-z0-9.-]{0,16}`),
			rapid.StringMatching(`[A-Za-z0-9.]{1,66}@([A-Za-z0-9-]{1,65}\.){1,4}[a-z0-9-]{1,4}`),
		).Draw(t, "address")
		var space [maxMail]byte
		plain := appendPlain(space[:0], s)
		if whole, e := canonicalEmail(s); plain != nil {
			require.Nil(t, e, s)
			require.Equal(t, whole, string(plain))
		} else if e == nil {
			require.Contains(t, whole, "xn--", "only encoded labels need the whole way: %s", s)
		}
	})
}
