package decorations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	. "github.com/fromline/fromline/decorations"
)

func TestCheckFinds(t *testing.T) {
	assert.Nil(t, Check("Hi 👋 there", []Decoration{{0, 2, Bold, 0}, {3, 5, Italic, 0}, {6, 11, 0, Shake}}))
	assert.Equal(t, []Fault{
		{Kind: SplitPair, Index: 0, Outer: Range{0, 5}, Inner: Range{0, 3}},
		{Kind: SplitPair, Index: 1, Outer: Range{3, 5}},
		{Kind: Overlap, Index: 1, Other: 0},
	}, Check("Hi 👋 there", []Decoration{{0, 4, Bold, 0}, {3, 4, 0, Big}}))
}
