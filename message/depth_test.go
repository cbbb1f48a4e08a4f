package message_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/message"
)

// A body is nested too deeply where a reader of tokens says so, whatever
// brackets stand in its strings and however it goes on.
func TestDepth(t *testing.T) { rapid.Check(t, depthLaw) }

func FuzzDepth(f *testing.F) { f.Fuzz(rapid.MakeFuzz(depthLaw)) }

func depthLaw(t *rapid.T) {
	body := `{"x":` + nested(t) + `}`
	_, err := message.DecodeRequest([]byte(body))
	at := firstTooDeep(t, body)
	if at < 0 {
		require.NoError(t, err, "%s", body)
		return
	}
	var wrong *message.DecodeError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, fmt.Sprintf("%s at %d", fault.RuleJSONDepth, at), fmt.Sprintf("%s at %d", wrong.Rule, wrong.Offset), "%s", body)
	require.True(t, strings.HasPrefix(wrong.Pointer, "/x"))

	_, err = message.DecodeRequest([]byte(body[:at+1] + rapid.StringOf(rapid.RuneFrom([]rune(`[{]}",:\a`))).Draw(t, "rest")))
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, fault.RuleJSONDepth, wrong.Rule, "what follows does not matter")
}

// nested returns a value that is often nested about as deeply as may be.
func nested(t *rapid.T) string {
	quoted := rapid.Custom(func(t *rapid.T) string {
		b, err := jsontext.AppendQuote(nil, rapid.StringOf(rapid.RuneFrom([]rune(`[]{}"\,:aé`))).Draw(t, "text"))
		require.NoError(t, err)
		return string(b)
	})
	value := quoted.Draw(t, "innermost")
	for i := range rapid.SampledFrom([]int{0, 1, message.MaxDepth - 2, message.MaxDepth - 1, message.MaxDepth, 3 * message.MaxDepth}).Draw(t, "levels") {
		switch rapid.IntRange(0, 3).Draw(t, "level") {
		case 0:
			value = "[" + quoted.Draw(t, "before") + "," + value + "]"
		case 1:
			value = "[" + value + ",{}]"
		case 2:
			value = `{"[":` + quoted.Draw(t, "before") + `,"a":` + value + "}"
		case 3:
			value = fmt.Sprintf(`{"%d":%s, "]":[[]]}`, i, value)
		}
	}
	return value
}

// firstTooDeep reads tokens; -1 means that nothing is nested too deeply.
func firstTooDeep(t *rapid.T, body string) int64 {
	dec := jsontext.NewDecoder(strings.NewReader(body))
	for {
		_, err := dec.ReadToken()
		if err == io.EOF {
			return -1
		}
		require.NoError(t, err)
		if dec.StackDepth() > message.MaxDepth {
			return dec.InputOffset() - 1
		}
	}
}

// What lies behind the bound is not even copied: a bomb costs what its first
// levels do.
func TestBombsAreCheap(t *testing.T) {
	bomb := []byte(`{"x":` + strings.Repeat(`{"a":[`, 100_000))
	const times = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		_, err := message.DecodeRequest(bomb)
		require.Error(t, err)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)/times, uint64(len(bomb)/10))
}

// The cost of a byte must not grow with the size of a body, however it is
// nested.
func BenchmarkNested(b *testing.B) {
	deep := strings.Repeat(`{"a":`, message.MaxDepth-2) + "0" + strings.Repeat("}", message.MaxDepth-2)
	for _, size := range []int{35_000, 350_000, 3_500_000} {
		for _, body := range []struct{ name, text string }{
			{"bomb", strings.Repeat(`{"a":`, size/5)},
			{"flat", `{"x":[` + strings.Repeat(`"abcde",`, min(size/8, 99_000)) + `0]}`},
			{"nested", `{"x":[` + strings.Repeat(deep+",", size/(len(deep)+1)) + `0]}`},
		} {
			b.Run(fmt.Sprintf("%s/size=%d", body.name, size), func(b *testing.B) {
				text := []byte(body.text)
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					_, _ = message.DecodeRequest(text)
				}
			})
		}
	}
}
