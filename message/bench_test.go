package message_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/plain"
	"github.com/fromline/fromline/message"
)

// The baseline decodes the same bytes with the same library into plain structs.
func BenchmarkDecode(b *testing.B) {
	for _, size := range []struct {
		name string
		body func(i int) []byte
	}{{"typical", plain.Typical}, {"maximal", plain.Maximal}} {
		bodies := plain.Variants(size.body)
		b.Run("size="+size.name+"/by=bare", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				var r plain.Request
				if err := json.Unmarshal(bodies[i%len(bodies)], &r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("size="+size.name+"/by=message", func(b *testing.B) {
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := message.DecodeRequest(bodies[i%len(bodies)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Content is appended to a buffer that has room without any allocation.
func TestEncodeAllocations(t *testing.T) {
	room := make([]byte, 0, 4096)
	c := &message.Content{Parts: []message.Part{message.Text("Hi!")}, ReplyTo: &message.ReplyTo{MessageID: new("550e8400-e29b-41d4-a716-446655440000")}}
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = message.AppendContent(room, c) }))
}

// The decoder must not pay for what it keeps: no more allocations than the
// library alone, give or take one, since the library's pool of decoders is
// emptied at random under the race detector.
func TestDecodeAllocations(t *testing.T) {
	bodies := plain.Variants(plain.Typical)
	i := 0
	next := func() []byte { i++; return bodies[i%len(bodies)] }
	ours := testing.AllocsPerRun(1000, func() { _, _ = message.DecodeRequest(next()) })
	library := testing.AllocsPerRun(1000, func() { var r plain.Request; _ = json.Unmarshal(next(), &r) })
	require.LessOrEqual(t, ours, library+1)
}
