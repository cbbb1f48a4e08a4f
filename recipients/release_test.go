package recipients_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/rangetable"

	"github.com/fromline/fromline/recipients"
)

var update = flag.Bool("update", false, "write testdata/codepoints*.txt anew")

// The canonical form of an address must not depend on the Go release, although
// the tables of the standard library, of x/text and of x/net do. This test puts
// characters into addresses, on both sides of the @, alone and beside others,
// composed, from right to left and in encoded labels, and compares what comes
// of it, form or rule, with a file. FROMLINE_LONG=1 takes every character of
// Unicode 15.0, an ordinary run a part of those that are alike.
// testdata/releases.sh runs it with the oldest and the newest Go release.
func TestCharactersInEveryRelease(t *testing.T) {
	path := "testdata/codepoints.txt"
	if long() {
		path = "testdata/codepoints-all.txt"
	}
	assigned := map[rune]bool{}
	rangetable.Visit(rangetable.Assigned("15.0.0"), func(r rune) { assigned[r] = true })
	var got []string
	const block = 0x1000
	for first := rune(0); first < 0x110000; first += block {
		sum := sha256.New()
		for r := first; r < first+block; r++ {
			switch {
			case 0xD800 <= r && r < 0xE000: // surrogates are no characters
			case privateUse(r) && r%1009 != 0, !assigned[r] && r%127 != 0:
			case !long() && ideographic(r) && r%61 != 0:
			default:
				describeCharacter(sum, r)
			}
		}
		got = append(got, fmt.Sprintf("U+%06X %x", first, sum.Sum(nil)[:12]))
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(got, "\n")+"\n"), 0o644))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, want, len(got))
	for i := range got {
		assert.Equal(t, want[i], got[i], "what becomes of a block of %#x characters", block)
	}
}

func privateUse(r rune) bool { return 0xE000 <= r && r < 0xF900 || r >= 0xF0000 }

func ideographic(r rune) bool {
	return 0x3400 <= r && r < 0xA000 || 0xAC00 <= r && r < 0xD7A4 || 0x20000 <= r && r < 0x2F800 || 0x30000 <= r && r < 0x323B0
}

// describeCharacter writes what becomes of addresses that hold r.
func describeCharacter(sum hash.Hash, r rune) {
	encoded, err := idna.Punycode.ToASCII("a" + string(r))
	if err != nil || r == utf8.RuneError { // newer releases do not encode that one
		encoded = "none"
	}
	for _, s := range []string{
		string(r) + "@example.com",
		"A" + string(r) + "\u0338\u0301@example.com",
		"a@" + string(r) + ".com",
		"a@a" + string(r) + "9.com",
		"a@\u05d0" + string(r) + "\u05d0.com",
		"a@\u05d0" + string(r) + ".com",
		"a@a" + string(r) + "\u0338\u0327.com",
		"a@" + encoded + ".com",
	} {
		h, err := recipients.Parse(s)
		outcome := h.String()
		if e := (*recipients.Error)(nil); errors.As(err, &e) {
			outcome = fmt.Sprint(e.Rule, e.Offset)
		}
		fmt.Fprintf(sum, "%04X %s\n", r, outcome)
	}
}
