package markdown_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
	"github.com/fromline/fromline/message"
)

// A part says what the text says: every decoration comes back from its words.
func TestPartSaysTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := rapid.StringMatching(`([a-z😀 ]|\*\*|~~|_|\n){0,40}`).Draw(t, "source")
		text, err := markdown.Parse(source)
		require.NoError(t, err)
		part, err := markdown.Part(source)
		require.NoError(t, err)
		require.Equal(t, text.Value, *part.Value)
		var back []decorations.Decoration
		for _, d := range part.TextDecorations {
			style, err := decorations.ParseStyle(*d.Style)
			require.NoError(t, err)
			back = append(back, decorations.Decoration{Start: int(d.Range[0]), End: int(d.Range[1]), Style: style})
		}
		require.Equal(t, len(text.Decorations), len(back))
		for i, d := range text.Decorations {
			require.Equal(t, d, back[i])
		}
	})
	shaking := markdown.Text{Value: "hi", Decorations: []decorations.Decoration{{End: 2, Animation: decorations.Shake}}}
	require.Equal(t, []message.Decoration{{Range: []int64{0, 2}, Animation: new("shake")}}, shaking.Part().TextDecorations)
	_, err := markdown.Part(string(make([]byte, markdown.MaxSource+1)))
	require.ErrorIs(t, err, markdown.ErrTooLong)
}

func ExamplePart() {
	part, err := markdown.Part("Your table is **ready**")
	if err != nil {
		fmt.Println(err)
		return
	}
	request := message.Request{To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{part}}}
	body, _ := json.Marshal(&request)
	fmt.Println(string(body))
	// Output: {"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Your table is ready","text_decorations":[{"range":[14,19],"style":"bold"}]}]}}
}
