package recipients_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A verdict is one line of a table in testdata:
//
//	ok "text" "canonical form" # reason
//	no "text" rule offset "suggestion" # reason
type verdict struct {
	line             int
	ok               bool
	text, canonical  string
	rule             string
	offset           int
	suggestion       string
	reason           string
	strengthOverride string // "valid:" or "syntax:" before the verdict
}

// readVerdicts reads a table. Every line has its own text and a reason.
func readVerdicts(t testing.TB, path string) []verdict {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var all []verdict
	seen := map[string]int{}
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		rest := strings.TrimSpace(lines.Text())
		if rest == "" || rest[0] == '#' {
			continue
		}
		v := verdict{line: n}
		word := func() string {
			var w string
			w, rest, _ = strings.Cut(rest, " ")
			rest = strings.TrimSpace(rest)
			return w
		}
		quoted := func() string {
			q, err := strconv.QuotedPrefix(rest)
			require.NoErrorf(t, err, "%s:%d: %s", path, n, rest)
			text, err := strconv.Unquote(q)
			require.NoError(t, err)
			rest = strings.TrimSpace(rest[len(q):])
			return text
		}
		kind := word()
		if before, after, found := strings.Cut(kind, ":"); found {
			v.strengthOverride, kind = before, after
		}
		v.ok = kind == "ok"
		require.Truef(t, v.ok || kind == "no", "%s:%d: %s", path, n, kind)
		v.text = quoted()
		if v.ok {
			v.canonical = quoted()
		} else {
			v.rule = word()
			v.offset, err = strconv.Atoi(word())
			require.NoErrorf(t, err, "%s:%d", path, n)
			v.suggestion = quoted()
		}
		require.Truef(t, strings.HasPrefix(rest, "# "), "%s:%d: no reason", path, n)
		v.reason = rest[2:]
		id := v.strengthOverride + v.text
		require.Zerof(t, seen[id], "%s:%d repeats line %d", path, n, seen[id])
		seen[id] = n
		all = append(all, v)
	}
	require.NoError(t, lines.Err())
	return all
}
