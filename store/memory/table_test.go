package memory

import (
	"encoding/binary"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestThingsWithOneHash states that things are told apart when their hashes are
// equal, within a tenant and between two.
func TestThingsWithOneHash(t *testing.T) {
	var all []*record
	for i := range uint64(4) {
		var id uuid.UUID // of the same hash, whatever i is
		binary.BigEndian.PutUint64(id[:8], 7+i)
		binary.BigEndian.PutUint64(id[8:], 1_000_000_007-i*0x9e3779b97f4a7c15)
		all = append(all, &record{message: id, set: &set{tenant: 2}})
	}
	var another uuid.UUID // of another tenant, and again of that hash
	binary.BigEndian.PutUint64(another[:8], 8)
	copy(another[8:], all[0].message[8:])
	all = append(all, &record{message: another, set: &set{tenant: 1}})
	for _, r := range all {
		require.Equal(t, all[0].hash(), r.hash())
	}

	rapid.Check(t, func(t *rapid.T) {
		index, in := make(table[record, *record]), make(map[*record]bool)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			r := rapid.SampledFrom(all).Draw(t, "record")
			if in[r] {
				index.remove(r)
			} else {
				index.add(r)
			}
			in[r] = !in[r]

			count := 0
			index.all(func(*record) { count++ })
			for _, r := range all {
				want := r
				if !in[r] {
					want = nil
				} else {
					count--
				}
				require.Same(t, want, index.find(r.hash(), func(found *record) bool {
					return found.message == r.message && found.tenant() == r.tenant()
				}))
			}
			require.Zero(t, count)
		}
		index.all(index.remove)
		require.Empty(t, index)
	})
}
