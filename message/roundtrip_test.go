package message_test

import (
	stdjson "encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
)

var instant = rapid.Custom(func(t *rapid.T) time.Time {
	zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
	low, high := time.Date(0, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
	return time.Unix(rapid.Int64Range(low.Unix(), high.Unix()).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).In(zone)
})

// Encoding and decoding give an equal request, and encoding that the same
// bytes: nothing is lost, not even what nobody knows.
func TestRequestRoundTrip(t *testing.T) { rapid.Check(t, requestRoundTrip) }

func FuzzRequestRoundTrip(f *testing.F) { f.Fuzz(rapid.MakeFuzz(requestRoundTrip)) }

func requestRoundTrip(t *rapid.T) {
	r := request.Draw(t, "request")
	body, err := r.MarshalJSON()
	require.NoError(t, err)
	back, err := message.DecodeRequest(body)
	require.NoError(t, err, "%s", body)
	require.Equal(t, r, back)

	again, err := stdjson.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(body), string(again))
	var viaStd message.Request
	require.NoError(t, stdjson.Unmarshal(body, &viaStd))
	require.Equal(t, r, &viaStd)
}

// The order of members says nothing, and neither does white space or how
// characters are escaped.
func TestRequestSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := request.Draw(t, "request")
		body, err := json.Marshal(r)
		require.NoError(t, err)
		respelled := respell(t, body, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		back, err := message.DecodeRequest(respelled)
		require.NoError(t, err, "%s", respelled)
		require.Equal(t, canonical(t, r), canonical(t, back), "%s", respelled)
	})
}

// respell shuffles the members of every object, escapes characters that need
// not be, and adds white space.
func respell(t *rapid.T, value jsontext.Value, random *rand.Rand) jsontext.Value {
	space := func() string { return []string{"", "", " ", "\n\t"}[random.IntN(4)] }
	var b []byte
	b = append(b, space()...)
	dec := jsontext.NewDecoder(strings.NewReader(string(value)))
	switch value.Kind() {
	case '{':
		var members []string
		_, err := dec.ReadToken()
		require.NoError(t, err)
		for dec.PeekKind() != '}' {
			name, err := dec.ReadValue()
			require.NoError(t, err)
			member := string(respell(t, name.Clone(), random)) + ":"
			v, err := dec.ReadValue()
			require.NoError(t, err)
			members = append(members, member+string(respell(t, v.Clone(), random)))
		}
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		b = append(append(append(b, '{'), strings.Join(members, ",")...), '}')
	case '[':
		b = append(b, '[')
		_, err := dec.ReadToken()
		require.NoError(t, err)
		for first := true; dec.PeekKind() != ']'; first = false {
			if !first {
				b = append(b, ',')
			}
			v, err := dec.ReadValue()
			require.NoError(t, err)
			b = append(b, respell(t, v.Clone(), random)...)
		}
		b = append(b, ']')
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		require.NoError(t, err)
		escaped, err := stdjson.Marshal(string(text)) // escapes more than it must
		require.NoError(t, err)
		if random.IntN(2) == 0 && len(text) > 0 && text[0] < 0x80 && text[0] != '"' {
			plain, err := jsontext.AppendQuote(nil, text[1:])
			require.NoError(t, err)
			escaped = append([]byte(`"\u00`+hex(text[0])), plain[1:]...)
		}
		b = append(b, escaped...)
	default:
		b = append(b, value...)
	}
	return append(b, space()...)
}

func hex(c byte) string { return string([]byte{"0123456789abcdef"[c>>4], "0123456789ABCDEF"[c&15]}) }

// canonical is the JSON of a request with sorted members.
func canonical(t *rapid.T, r *message.Request) string {
	body, err := json.Marshal(r)
	require.NoError(t, err)
	value := jsontext.Value(body)
	require.NoError(t, value.Canonicalize(jsontext.CanonicalizeRawFloats(false), jsontext.CanonicalizeRawInts(false)))
	return string(value)
}

// What is handed to delivery is the content without its key and without what
// nobody knows.
func TestContentRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := content.Draw(t, "content")
		body, err := message.EncodeContent(&c)
		require.NoError(t, err)
		back, err := message.DecodeContent(body)
		require.NoError(t, err, "%s", body)
		require.Equal(t, stripped(t, &c), back)

		prefixed, err := message.AppendContent([]byte("x["), &c)
		require.NoError(t, err)
		require.Equal(t, "x["+string(body), string(prefixed))
	})
}

// stripped returns a copy of c that holds only what is delivered.
func stripped(t *rapid.T, c *message.Content) *message.Content {
	body, err := json.Marshal(c)
	require.NoError(t, err)
	out, err := message.DecodeContent(body)
	require.NoError(t, err)
	out.IdempotencyKey, out.Unknown = nil, nil
	if out.Effect != nil {
		out.Effect.Unknown = nil
	}
	if out.ReplyTo != nil {
		out.ReplyTo.Unknown = nil
	}
	for _, p := range out.Parts {
		switch p := p.(type) {
		case *message.TextPart:
			p.Unknown = nil
			for i := range p.TextDecorations {
				p.TextDecorations[i].Unknown = nil
			}
			for i := range p.InlineStickers {
				p.InlineStickers[i].Unknown = nil
			}
		case *message.MediaPart:
			p.Unknown = nil
		case *message.LinkPart:
			p.Unknown = nil
		case *message.AppClipPart:
			p.Unknown = nil
		case *message.AppCardPart:
			p.Unknown = nil
			if p.App != nil {
				p.App.Unknown = nil
			}
			if p.Layout != nil {
				p.Layout.Unknown = nil
			}
		}
	}
	return out
}

// The form of a time is that of the standard library.
func TestTimestampForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := instant.Draw(t, "time")
		stamp := message.At(at)
		require.Equal(t, at.UTC().Format("2006-01-02T15:04:05.000Z07:00"), stamp.String())
		require.True(t, at.Sub(stamp.Time()) >= 0 && at.Sub(stamp.Time()) < time.Millisecond)
		require.Equal(t, stamp, message.At(stamp.Time()))
		require.True(t, stamp == message.At(stamp.Time().In(time.FixedZone("", 3600))), "comparable whatever the zone")
	})
	require.True(t, message.At(time.Time{}).IsZero())
	require.Equal(t, "null", message.Timestamp{}.String())
}

// Everything that has no JSON form is an error, and the buffer comes back as it
// was.
func TestEncodeErrors(t *testing.T) {
	bad := "\xff"
	for name, c := range map[string]*message.Content{
		"a string that is not UTF-8": {Parts: []message.Part{message.Text(bad)}},
		"a nil part":                 {Parts: []message.Part{nil}},
		"an unknown part":            {Parts: []message.Part{&message.UnknownPart{}}},
	} {
		b, err := message.AppendContent([]byte("before"), c)
		require.Error(t, err, name)
		require.Equal(t, "before", string(b), name)
	}
	for name, r := range map[string]*message.Request{
		"a string that is not UTF-8":     {To: []string{bad}},
		"an unknown member taken":        {To: []string{}, Unknown: message.Members{{Name: "to", Value: jsontext.Value("1")}}},
		"an unknown member that is text": {Unknown: message.Members{{Name: "a", Value: jsontext.Value("text")}}},
		"an unknown member without one":  {Unknown: message.Members{{Name: "a"}}},
	} {
		_, err := r.MarshalJSON()
		require.Error(t, err, name)
	}
}
