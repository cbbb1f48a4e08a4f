//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

func chatOf(i int) string {
	return fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","from":"+12052535597","to":["+1415%07d","a%d@example.com"],"created_at":"2025-01-02T03:04:05Z","active_at":"2025-06-02T03:04:05.123456Z","service":"RCS","named":%t}`,
		i, 5550000+i, i, i%2 == 0)
}

// TestImport says that chats that were loaded are known, that loading them
// again changes nothing, and that a fault is told by its line and stops
// nothing.
func TestImport(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	var lines []string
	const chats = 2500
	for i := range chats {
		lines = append(lines, chatOf(i))
	}
	file := write(t, "chats.jsonl", strings.Join(lines, "\n"))
	for _, want := range []string{"2500 loaded, 0 already there, 0 differs, 0 refused\n", "0 loaded, 2500 already there, 0 differs, 0 refused\n"} {
		r := runWith("", "import", "-store", db, "-tenant", "acme", file)
		require.Equal(t, exitOK, r.status, r.stderr)
		assert.Equal(t, want, r.stdout)
	}

	faulty := []string{
		chatOf(1),
		strings.Replace(chatOf(2), "+12052535597", "+12052535598", 1), // known on another line
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
	assert.Equal(t, "0 loaded, 2 already there, 1 differs, 8 refused\n", r.stdout)
	for line := 2; line <= 10; line++ {
		assert.Contains(t, r.stderr, fmt.Sprintf("line %d: ", line))
	}
	assert.NotContains(t, r.stderr, "line 11: ")

	r = runWith(strings.Join(faulty, "\n"), "import", "-store", db, "-tenant", "acme", "-after", "10")
	assert.Equal(t, "0 loaded, 1 already there, 0 differs, 0 refused\n", r.stdout, "a load goes on where another one stopped")

	filled, err := openStore(t.Context(), db, nil)
	require.NoError(t, err)
	defer filled.Close()
	for _, i := range []int{0, 1, 1999, chats - 1} {
		set, err := recipients.Canonicalize([]string{fmt.Sprintf("a%d@example.com", i), fmt.Sprintf("+1415%07d", 5550000+i)})
		require.NoError(t, err)
		seen, err := filled.Lookup(t.Context(), store.Query{Tenant: "acme", Set: set.Key()})
		require.NoError(t, err)
		require.Len(t, seen.Chats, 1)
		c := seen.Chats[0]
		assert.Equal(t, time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), c.CreatedAt)
		assert.Equal(t, time.Date(2025, 6, 2, 3, 4, 5, 123456000, time.UTC), c.ActiveAt)
		assert.Equal(t, i%2 == 0, c.Named)
		other, err := filled.Lookup(t.Context(), store.Query{Tenant: "other", Set: set.Key()})
		require.NoError(t, err)
		assert.Empty(t, other.Chats)
	}
}

// ailing is a store that fails after some calls.
type ailing struct {
	chatTaker
	calls int
}

var errAiling = errors.New("the disk is full")

func (a *ailing) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if a.calls--; a.calls < 0 {
		return errAiling
	}
	return a.chatTaker.Apply(ctx, tenant, events)
}

// loaderOn returns a loader that tells nobody.
func loaderOn(s chatTaker, told io.Writer) *loader {
	return &loader{
		chats: s, tenant: "acme", stderr: told, read: chatReader{now: time.Now}, progress: newProgress(told, nil),
		seen: map[uuid.UUID]bool{}, strange: map[recipients.Handle]int{},
	}
}

// TestImportGoesOn says that a load tells how far it is, and that one that a
// failing store or a signal stopped can be taken up where it says.
func TestImportGoesOn(t *testing.T) {
	var lines []string
	for i := range 5 * batchSize / 2 {
		lines = append(lines, chatOf(i))
	}
	text := strings.Join(lines, "\n")
	chats := memory.New(memory.Options{})
	defer chats.Close()
	var told bytes.Buffer
	load := func(ctx context.Context, s chatTaker, after int) (*loader, error) {
		told.Reset()
		l := loaderOn(s, &told)
		l.progress.told = time.Time{} // long ago
		return l, l.load(ctx, after, strings.NewReader(text))
	}
	l, err := load(t.Context(), &ailing{chats, 1}, 0)
	require.ErrorIs(t, err, errAiling)
	assert.Equal(t, []int{batchSize, batchSize, 0}, []int{l.done, l.counts[loaded], l.counts[refused]})
	assert.Regexp(t, fmt.Sprintf(`^%d lines, \d+/s: %[1]d loaded, 0 already there, 0 differs, 0 refused\n$`, batchSize), told.String())

	stopped, stop := context.WithCancel(t.Context())
	stop()
	l, err = load(stopped, chats, l.done)
	require.Error(t, err)
	assert.Equal(t, []int{batchSize, 0}, []int{l.done, l.counts[loaded]}, "nothing was done, so that is where it goes on")

	l, err = load(t.Context(), chats, l.done)
	require.NoError(t, err)
	assert.Equal(t, []int{len(lines), len(lines) - batchSize}, []int{l.done, l.counts[loaded]})
	for _, i := range []int{0, batchSize - 1, batchSize, len(lines) - 1} {
		id := uuid.MustParse(fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
		_, err := chats.Chat(t.Context(), "acme", id)
		assert.NoError(t, err, "chat %d", i)
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
		"another word":   {"-store", db, "-on-difference", "replace"},
		"no region":      {"-store", db, "-region", "us"},
		"no such fleet":  {"-store", db, "-fleet", "nowhere"},
		"not a fleet":    {"-store", db, "-fleet", write(t, "fleet.json", "[]")},
		"unknown flag":   {"-store", db, "-fast"},
	} {
		r := runWith("", append([]string{"import"}, args...)...)
		assert.Equal(t, exitUsage, r.status, name)
		assert.NotEmpty(t, r.stderr, name)
	}
	assert.Equal(t, exitOK, runWith("", "import", "-h").status)
	assert.Equal(t, exitOK, runWith("", "import", "-store", db).status, "nothing to load is no fault")
}
