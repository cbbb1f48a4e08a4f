package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/internal/plain"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/validate"
)

// The baseline decodes the same bytes with the same library into plain structs,
// and checks nothing.
func BenchmarkRequest(b *testing.B) {
	for _, size := range []struct {
		name string
		body func(i int) []byte
	}{{"typical", plain.Typical}, {"maximal", plain.Maximal}} {
		bodies := plain.Variants(size.body)
		run := func(name string, work func(body []byte) error) {
			b.Run("size="+size.name+"/by="+name, func(b *testing.B) {
				b.SetBytes(int64(len(bodies[0])))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := work(bodies[i%len(bodies)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("bare", func(body []byte) error {
			var r plain.Request
			return json.Unmarshal(body, &r)
		})
		run("decode", func(body []byte) error {
			_, err := message.DecodeRequest(body)
			return err
		})
		run("decode+validate", func(body []byte) error {
			r, err := message.DecodeRequest(body)
			if err == nil {
				_, err = validate.Request(r, validate.Options{})
			}
			return err
		})
		run("decode+validate+fingerprint", func(body []byte) error {
			r, err := message.DecodeRequest(body)
			if err == nil {
				var c validate.Checked
				c, err = validate.Request(r, validate.Options{})
				if err == nil && !c.Fingerprint().IsValid() {
					b.Fatal("no fingerprint")
				}
			}
			return err
		})
	}
}

// A request that fails costs what it shows.
func BenchmarkFaults(b *testing.B) {
	body := []byte(`{"to":["nobody"],"message":{"parts":[{"type":"text"},{"type":"link","value":"ftp://x"}],"efect":{}},"exclude_from":["x"]}`)
	b.ReportAllocs()
	for b.Loop() {
		r, err := message.DecodeRequest(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := validate.Request(r, validate.Options{}); err == nil {
			b.Fatal("passed")
		}
	}
}

// Checking a typical request allocates its answer, its recipient set and its
// key, and a fingerprint nothing.
func TestAllocations(t *testing.T) {
	r, err := message.DecodeRequest(plain.Typical(1234))
	require.NoError(t, err)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = validate.Request(r, validate.Options{}) }), 3.0)
	c := mustPass(t, r)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = c.Fingerprint() }))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = c.Continuation()
		_, _, _, _ = c.HasLink(), c.HasReply(), c.Images(), c.IsExcluded(recipients.Handle{})
	}))

	whole, err := message.DecodeRequest(plain.Maximal(1234))
	require.NoError(t, err)
	mustPass(t, whole)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = validate.Request(whole, validate.Options{}) }), 6.0)
}

// A crowd of faults costs what is shown of it, not what was sent.
func TestCrowdIsCheap(t *testing.T) {
	for name, body := range map[string]string{
		"parts":       `{"to":["x"],"message":{"parts":[` + strings.Repeat("{},", 50_000) + `{}]}}`,
		"decorations": `{"to":["x"],"message":{"parts":[{"type":"text","value":"a","text_decorations":[` + strings.Repeat("{},", 50_000) + `{}]}]}}`,
		"members":     `{"to":["x"]` + strings.Join(manyMembers(50_000), "") + `}`,
	} {
		r, err := message.DecodeRequest([]byte(body))
		require.NoError(t, err)
		_, err = validate.Request(r, validate.Options{})
		require.Len(t, lines(t, err), fault.Max+1)
		require.Less(t, testing.AllocsPerRun(3, func() { _, _ = validate.Request(r, validate.Options{}) }), 5000.0, name)
	}
}

// manyMembers are members of an object, each after a comma.
func manyMembers(n int) []string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`,"mesage%d":1`, i)
	}
	return members
}
