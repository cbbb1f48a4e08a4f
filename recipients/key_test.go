package recipients_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

const keyLabel = "fromline/set/v1\n"

// encode writes a set down as the documentation of Key says, slowly.
func encode(s recipients.Set) []byte {
	b := bytes.NewBufferString(keyLabel)
	for _, h := range s.All() {
		if h.IsPhone() {
			b.WriteByte(1)
			for shift := 48; shift >= 0; shift -= 8 {
				b.WriteByte(byte(h.Digits() >> shift))
			}
			continue
		}
		b.WriteByte(2)
		b.WriteByte(byte(len(h.String())))
		b.WriteString(h.String())
	}
	return b.Bytes()
}

// decode reads back what encode wrote: that it can is what injective means.
func decode(b []byte) (handles []recipients.Handle, err error) {
	b, found := bytes.CutPrefix(b, []byte(keyLabel))
	if !found {
		return nil, fmt.Errorf("no label")
	}
	for len(b) > 0 {
		var h recipients.Handle
		switch {
		case b[0] == 1 && len(b) >= 8:
			h, err = recipients.FromDigits(binary.BigEndian.Uint64(b[:8]) & (1<<56 - 1))
			b = b[8:]
		case b[0] == 2 && len(b) >= 2+int(b[1]):
			h, err = recipients.Parse(string(b[2 : 2+int(b[1])]))
			b = b[2+int(b[1]):]
		default:
			err = fmt.Errorf("tag %d with %d bytes", b[0], len(b))
		}
		if err != nil {
			return nil, err
		}
		handles = append(handles, h)
	}
	return handles, nil
}

// The key is the hash of an encoding from which the set can be read back, so
// two sets have one key only if SHA-256 has one value for two texts.
func TestKeyIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, err := recipients.NewSet(rapid.SliceOfN(anyHandle(), 1, 31).Draw(t, "handles")...)
		require.NoError(t, err)
		encoded := encode(set)
		require.Equal(t, sha256.Sum256(encoded), set.Key().Bytes())
		members, err := decode(encoded)
		require.NoError(t, err)
		again, err := recipients.NewSet(members...)
		require.NoError(t, err)
		require.True(t, set.Equal(again))

		other, err := recipients.NewSet(rapid.SliceOfN(anyHandle(), 1, 31).Draw(t, "others")...)
		require.NoError(t, err)
		require.Equal(t, set.Equal(other), set.Key() == other.Key())
		require.Equal(t, set.Equal(other), bytes.Equal(encoded, encode(other)))
	})
}

func TestKeyBytes(t *testing.T) {
	set, err := recipients.Canonicalize([]string{"+15551234567"})
	require.NoError(t, err)
	key := set.Key()
	require.True(t, key.IsValid())
	stored := key.Bytes()
	again, err := recipients.KeyFromBytes(stored[:])
	require.NoError(t, err)
	require.Equal(t, key, again)
	require.Equal(t, binary.BigEndian.Uint64(stored[:8]), key.Ring())
	for _, n := range []int{0, 1, 31, 33} {
		_, err := recipients.KeyFromBytes(make([]byte, n))
		require.Error(t, err)
	}
	require.False(t, recipients.Key{}.IsValid())
	require.Equal(t, recipients.Key{}.String(), key.String())
	_, err = json.Marshal(key)
	require.Error(t, err, "a key is not written out unnoticed")
}

// A goldenSet is a line of testdata/keys.jsonl. The file was written once, and
// no line of it ever changes: it is what stores have on disk.
type goldenSet struct {
	Why  string   `json:"why"`
	To   []string `json:"to"`
	Set  []string `json:"set"`
	Key  string   `json:"key"`
	Ring string   `json:"ring"`
}

func readGoldenSets(t testing.TB) []goldenSet {
	t.Helper()
	file, err := os.Open("testdata/keys.jsonl")
	require.NoError(t, err)
	defer file.Close()
	var all []goldenSet
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var g goldenSet
		d := json.NewDecoder(strings.NewReader(lines.Text()))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&g))
		all = append(all, g)
	}
	require.NoError(t, lines.Err())
	return all
}

func TestGoldenKeys(t *testing.T) {
	all := readGoldenSets(t)
	require.GreaterOrEqual(t, len(all), 200)
	members := map[string]string{} // of each key
	for i, g := range all {
		set, err := recipients.Options{Strength: recipients.Syntax}.Canonicalize(g.To)
		require.NoErrorf(t, err, "line %d: %s", i+1, g.Why)
		key := set.Key().Bytes()
		require.Equalf(t, g.Key, hex.EncodeToString(key[:]), "line %d: %s", i+1, g.Why)
		require.Equal(t, g.Ring, fmt.Sprintf("%016x", set.Key().Ring()))
		require.Equal(t, strings.Join(g.Set, ","), set.String())
		known, seen := members[g.Key]
		require.True(t, !seen || known == set.String(), "two sets with one key")
		members[g.Key] = set.String()
	}
	require.GreaterOrEqual(t, len(members), 200, "that differ")
}
