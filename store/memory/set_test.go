package memory

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// TestSetsWithOneHash states that sets are told apart when their hashes are
// equal, which happens to a few in a hundred thousand.
func TestSetsWithOneHash(t *testing.T) {
	byHash := make(map[uint32][]*set)
	var pairs [][]*set
	for i := range uint64(150_000) {
		h, err := recipients.FromDigits(12_025_000_000 + i)
		require.NoError(t, err)
		people, err := recipients.NewSet(h)
		require.NoError(t, err)
		hash := hashOfSet(1, people.Key())
		byHash[hash] = append(byHash[hash], &set{tenant: 1, people: people})
		if len(byHash[hash]) > 1 {
			pairs = append(pairs, byHash[hash])
		}
	}
	require.NotEmpty(t, pairs, "no two sets have one hash: take more")
	twin := &set{tenant: 2, people: pairs[0][0].people} // the same people, of another tenant
	all := append([]*set{twin}, pairs[0]...)

	rapid.Check(t, func(t *rapid.T) {
		index, in := make(sets), make(map[*set]bool)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			s := rapid.SampledFrom(all).Draw(t, "set")
			if in[s] {
				index.remove(s)
			} else {
				index.add(s)
			}
			in[s] = !in[s]

			count := 0
			index.all(func(*set) { count++ })
			for _, s := range all {
				want := s
				if !in[s] {
					want = nil
				} else {
					count--
				}
				require.Same(t, want, index.find(s.tenant, s.people.Key()))
			}
			require.Zero(t, count)
		}
		index.all(index.remove)
		require.Empty(t, index)
	})
}
