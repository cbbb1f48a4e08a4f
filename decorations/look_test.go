package decorations_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/fromline/fromline/decorations"
)

// The names of the endpoint, in its order.
const (
	styles     = "bold italic strikethrough underline"
	animations = "big small shake nod explode ripple bloom jitter"
)

func TestNames(t *testing.T) {
	for i, name := range strings.Fields(styles) {
		got, err := ParseStyle(name)
		require.NoError(t, err)
		checkName(t, Style(i+1), got, name)
		assert.True(t, got.IsValid())
	}
	for i, name := range strings.Fields(animations) {
		got, err := ParseAnimation(name)
		require.NoError(t, err)
		checkName(t, Animation(i+1), got, name)
		assert.True(t, got.IsValid())
	}
}

func checkName[T interface {
	comparable
	fmt.Stringer
	encoding.TextMarshaler
}](t *testing.T, want, got T, name string) {
	t.Helper()
	assert.Equal(t, want, got)
	assert.Equal(t, name, got.String())
	coded, err := json.Marshal(map[string]T{"look": got})
	require.NoError(t, err)
	assert.JSONEq(t, `{"look":"`+name+`"}`, string(coded))
	var back map[string]T
	require.NoError(t, json.Unmarshal(coded, &back))
	assert.Equal(t, got, back["look"])
}

func TestUnknownNames(t *testing.T) {
	for _, name := range []string{"", "Bold", "BOLD", " bold", "bold ", "blod", "Style(1)", "Animation(1)", "none"} {
		s, a := Italic, Nod
		_, err := ParseStyle(name)
		assert.Error(t, err, "%q", name)
		assert.Error(t, s.UnmarshalText([]byte(name)))
		assert.Equal(t, Italic, s, "an error leaves the value alone")
		_, err = ParseAnimation(name)
		assert.Error(t, err, "%q", name)
		assert.Error(t, a.UnmarshalText([]byte(name)))
		assert.Equal(t, Nod, a, "an error leaves the value alone")
	}
	for _, n := range []uint8{0, 5, 9, 255} {
		assert.False(t, Style(n).IsValid())
		_, err := Style(n).MarshalText()
		assert.Error(t, err)
		_, err = ParseStyle(Style(n).String())
		assert.Error(t, err)
	}
	for _, n := range []uint8{0, 9, 255} {
		assert.False(t, Animation(n).IsValid())
		_, err := Animation(n).MarshalText()
		assert.Error(t, err)
		_, err = ParseAnimation(Animation(n).String())
		assert.Error(t, err)
	}
}

// The names of the kinds are a promise to programs; a change here breaks them.
func TestKindNames(t *testing.T) {
	names := map[Kind]string{
		InvalidText: "invalid_text", TooMany: "too_many", Negative: "negative", Empty: "empty", Reversed: "reversed",
		PastEnd: "past_end", SplitPair: "split_pair", Neither: "neither", Both: "both", UnknownLook: "unknown_look", Overlap: "overlap",
	}
	for n := range 256 {
		kind := Kind(n)
		text, err := kind.MarshalText()
		name, known := names[kind]
		assert.Equal(t, known, err == nil, "%v", kind)
		assert.Equal(t, name, string(text))
		assert.Equal(t, !known, strings.HasPrefix(kind.String(), "Kind("))
		assert.NotEmpty(t, Fault{Kind: kind}.String())
	}
}
