//go:build unix && !race

package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSendAllocations states what whole sends allocate: 8, 8, 6 and 14, and
// what the indexes of the store grow by. Under the race detector pools lose at
// random what they hold.
func TestSendAllocations(t *testing.T) {
	for kind, most := range map[string]float64{"text": 12, "keyed": 12, "replay": 10, "decorated": 18} {
		i := slices.IndexFunc(sends, func(s kindOfSend) bool { return s.name == kind })
		body, numbered := []byte(sends[i].body), strings.Index(sends[i].body, "xx")
		s, n := newSender(t), 0
		require.LessOrEqual(t, testing.AllocsPerRun(300, func() {
			n++
			number(body, numbered, n)
			s.answer(s.route(s.check(s.decode(body))))
		}), most, kind)
	}
}
