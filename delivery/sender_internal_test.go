package delivery

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// TestALineHoldsNoLineBreak says that content with line breaks is made compact,
// wherever they are, and that other content stays as it is.
func TestALineHoldsNoLineBreak(t *testing.T) {
	for content, want := range map[string]string{
		`{"a": 1}`: `{"a": 1}`, "\n{\"a\": 1}": `{"a":1}`, "\r{\"a\": 1}": `{"a":1}`, "{\"a\":\r\n1}": `{"a":1}`, "{}\r": `{}`,
	} {
		d := Delivery{Delivery: store.Delivery{Content: []byte(content)}}
		line, err := d.AppendJSON(nil)
		require.NoError(t, err)
		assert.NotContains(t, string(line), "\n")
		assert.NotContains(t, string(line), "\r")
		assert.Contains(t, string(line), `"message":`+want+`}`)
	}
}

// TestWhichAuthorizationsAreOneLine is the table of the ends of ASCII.
func TestWhichAuthorizationsAreOneLine(t *testing.T) {
	for text, good := range map[string]bool{"Bearer a~b": true, " ": true, "a\x1fb": false, "a\x7fb": false, "é": false} {
		_, err := NewHTTPSender("https://receiver.example/", HTTPOptions{Authorization: text})
		assert.Equal(t, good, err == nil, "%q", text)
	}
}
