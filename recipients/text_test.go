package recipients_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

var (
	_ encoding.TextMarshaler   = recipients.Handle{}
	_ encoding.TextUnmarshaler = (*recipients.Handle)(nil)
	_ driver.Valuer            = recipients.Handle{}
	_ sql.Scanner              = (*recipients.Handle)(nil)
	_ json.Marshaler           = recipients.Set{}
	_ json.Unmarshaler         = (*recipients.Set)(nil)
)

func TestHandleIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.OneOf(anyHandle(), rapid.Just(recipients.Handle{})).Draw(t, "handle")
		text, err := h.MarshalText()
		require.NoError(t, err)
		var fromText recipients.Handle
		require.NoError(t, fromText.UnmarshalText(text))
		require.Equal(t, h, fromText)

		value, err := h.Value()
		require.NoError(t, err)
		require.True(t, driver.IsValue(value))
		require.Equal(t, h.IsValid(), value != nil)
		scanned := recipients.MustParse("somebody@else.example")
		require.NoError(t, scanned.Scan(value))
		require.Equal(t, h, scanned)
		if s, ok := value.(string); ok {
			require.NoError(t, scanned.Scan([]byte(s)))
			require.Equal(t, h, scanned)
		}

		document, err := json.Marshal(map[recipients.Handle]recipients.Handle{h: h})
		require.NoError(t, err)
		var fromJSON map[recipients.Handle]recipients.Handle
		require.NoError(t, json.Unmarshal(document, &fromJSON))
		require.Equal(t, map[recipients.Handle]recipients.Handle{h: h}, fromJSON)
	})
}

// What was stored stays readable when a plan changes: a number that is not even
// possible is read back, but nothing that is not E.164 is.
func TestReadingBackAsksForSyntaxOnly(t *testing.T) {
	for _, s := range []string{"+99912345678", "+4402071838750", "+15551234"} {
		_, err := recipients.Parse(s)
		require.Error(t, err)
		var h recipients.Handle
		require.NoError(t, h.Scan(s))
		require.Equal(t, s, h.String())
	}
	before := recipients.MustParse("+15551234567")
	for _, src := range []any{"nobody", "+1 5551234567", "+0123", []byte("a@"), 15551234567, 1.5, true} {
		h := before
		require.Error(t, h.Scan(src), "%v", src)
		require.Equal(t, before, h, "a failure changes nothing")
	}
}

func TestSetIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, err := recipients.NewSet(rapid.SliceOfN(anyHandle(), 1, 31).Draw(t, "handles")...)
		require.NoError(t, err)
		document, err := json.Marshal(set)
		require.NoError(t, err)
		var again recipients.Set
		require.NoError(t, json.Unmarshal(document, &again))
		require.Equal(t, set, again)
	})
	for document, valid := range map[string]bool{
		`[]`: true, `null`: true, `["+15551234567"]`: true, `["+99912345678","a@example.com","A@example.com"]`: true,
		`[""]`: false, `{}`: false, `["nobody"]`: false, `[1]`: false, `"+15551234567"`: false,
	} {
		var set recipients.Set
		require.Equal(t, valid, json.Unmarshal([]byte(document), &set) == nil, document)
	}
	document, err := json.Marshal(recipients.Set{})
	require.NoError(t, err)
	require.Equal(t, `[]`, string(document))
}
