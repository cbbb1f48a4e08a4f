//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func chatOf(i int) string {
	return fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","from":"+12052535597","to":["+1415%07d","a%d@example.com"],"created_at":"2025-01-02T03:04:05Z","active_at":"2025-06-02T03:04:05.123456Z","service":"RCS","named":%t}`,
		i, 5550000+i, i, i%2 == 0)
}

// TestImport says that chats that were loaded are known, that loading them again
// changes nothing, and that a fault is told by its line and stops nothing.
func TestImport(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	var lines []string
	const chats = 2500
	for i := range chats {
		lines = append(lines, chatOf(i))
	}
	file := write(t, "chats.jsonl", strings.Join(lines, "\n"))
	for range 2 {
		r := runWith("", "import", "-store", db, "-tenant", "acme", file)
		require.Equal(t, exitOK, r.status, r.stderr)
		assert.Equal(t, "2500 chats loaded, 0 lines refused\n", r.stdout)
	}

	faulty := []string{
		chatOf(1),
		strings.Replace(chatOf(2), "+12052535597", "+12052535598", 1), // known on another line: the store refuses
		`{"id":"x"}`,
		strings.Replace(chatOf(3), `"+1415`, `"1415`, 1),
		strings.Replace(chatOf(4), `"service"`, `"servise"`, 1),
		strings.Replace(chatOf(5), "RCS", "rcs", 1),
		strings.Replace(chatOf(6), "00000000-0000-4000-8000-000000000006", "00000000-0000-0000-0000-000000000000", 1),
		strings.Replace(chatOf(7), `"a7@example.com"`, `"+12052535597"`, 1),
		strings.Replace(chatOf(8), "2025-06", "2024-06", 1),
		"no JSON",
		chatOf(9),
	}
	r := runWith(strings.Join(faulty, "\n"), "import", "-store", db, "-tenant", "acme", "-")
	assert.Equal(t, exitRefused, r.status)
	assert.Equal(t, "2 chats loaded, 9 lines refused\n", r.stdout)
	for line := 2; line <= 10; line++ {
		assert.Contains(t, r.stderr, fmt.Sprintf("line %d: ", line))
	}
	assert.NotContains(t, r.stderr, "line 11: ")

	r = runWith(strings.Join(faulty, "\n"), "import", "-store", db, "-tenant", "acme", "-after", "10")
	assert.Equal(t, "1 chats loaded, 0 lines refused\n", r.stdout, "a load goes on where another one stopped")

	opened, closer, err := openStore(t.Context(), db)
	require.NoError(t, err)
	defer closer.Close()
	for _, i := range []int{0, 1, 1999, chats - 1} {
		set, err := recipients.Canonicalize([]string{fmt.Sprintf("a%d@example.com", i), fmt.Sprintf("+1415%07d", 5550000+i)})
		require.NoError(t, err)
		seen, err := opened.Lookup(t.Context(), store.Query{Tenant: "acme", Set: set.Key()})
		require.NoError(t, err)
		require.Len(t, seen.Chats, 1)
		c := seen.Chats[0]
		assert.Equal(t, time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), c.CreatedAt)
		assert.Equal(t, time.Date(2025, 6, 2, 3, 4, 5, 123456000, time.UTC), c.ActiveAt)
		assert.Equal(t, i%2 == 0, c.Named)
		other, err := opened.Lookup(t.Context(), store.Query{Tenant: "other", Set: set.Key()})
		require.NoError(t, err)
		assert.Empty(t, other.Chats)
	}
}

func TestImportStatus(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	for name, args := range map[string][]string{
		"no store":       {},
		"memory":         {"-store", "memory:"},
		"unknown store":  {"-store", "x:"},
		"no file":        {"-store", db, "nowhere"},
		"two files":      {"-store", db, "a", "b"},
		"no tenant":      {"-store", db, "-tenant", ""},
		"negative after": {"-store", db, "-after", "-1"},
		"unknown flag":   {"-store", db, "-fast"},
	} {
		r := runWith("", append([]string{"import"}, args...)...)
		assert.Equal(t, exitUsage, r.status, name)
		assert.NotEmpty(t, r.stderr, name)
	}
	assert.Equal(t, exitOK, runWith("", "import", "-h").status)
	assert.Equal(t, exitOK, runWith("", "import", "-store", db).status, "nothing to load is no fault")
}
