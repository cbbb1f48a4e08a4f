package httpapi_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A key is its bytes, in the header as in the body: a send replays another one
// just where both have the same bytes, whatever quotes, case or escapes are in
// them.
func TestKeysCountByteForByte(t *testing.T) {
	r := newRig(t)
	send := func(key string, inBody bool) (id any, replayed bool) {
		body, headers := text(person, "hi"), []string{"Idempotency-Key", key}
		if inBody {
			body = strings.Replace(body, `"message":{`, `"message":{"idempotency_key":`+jsonOf(t, key)+`,`, 1)
			headers = nil
		}
		a := r.send(t, body, headers...)
		return at(a.body, "message", "id"), a.header.Get("Idempotent-Replayed") == "true"
	}
	rapid.Check(t, func(rt *rapid.T) {
		stem := uuid.NewString() // no run meets the keys of another one
		shape := rapid.SampledFrom([]string{"k", "K", `"k"`, `'k'`, `W/"k"`, `\"k\"`, "k,k", "k;v=1", "k%20", "k+", "k k", "k  k", "é", "e\u0301", "\u00c9", "=k="})
		one := strings.ReplaceAll(shape.Draw(rt, "one"), "k", stem)
		other := strings.ReplaceAll(shape.Draw(rt, "other"), "k", stem)
		if !strings.Contains(one, stem) {
			one += stem
		}
		if !strings.Contains(other, stem) {
			other += stem
		}
		first, replayed := send(one, rapid.Bool().Draw(rt, "one in the body"))
		require.False(rt, replayed)
		second, replayed := send(other, rapid.Bool().Draw(rt, "other in the body"))
		require.Equal(rt, one == other, replayed)
		require.Equal(rt, one == other, first == second)
	})
}
