package line_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A limit below zero, or above the greatest, is refused with the value that is
// wrong.
func TestLimitsThatAreNone(t *testing.T) {
	for _, n := range []int{-1, -1 << 62, line.MaxLimit + 1} {
		for _, limits := range []line.Limits{{NewChatsPerDay: n}, {MessagesPerDay: n}} {
			err := line.Line{Number: recipients.MustParse("+12025550161"), Limits: limits}.Validate()
			require.ErrorIs(t, err, line.ErrLine)
			require.ErrorContains(t, err, fmt.Sprint(n))
		}
	}
}
