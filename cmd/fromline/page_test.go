package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestCommandsPage runs every command of docs/commands.md, in order, on the lines
// that the page shows: each succeeds and says nothing of mistakes.
func TestCommandsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	require.NoError(t, err)
	fleet, err := os.ReadFile(filepath.Join("..", "..", "examples", "fleet.json"))
	require.NoError(t, err)
	dsn := pgtest.Database(t)
	t.Chdir(t.TempDir())
	var chats strings.Builder
	var commands []string
	for line := range strings.Lines(string(page)) {
		switch code, is := strings.CutPrefix(line, "    "); {
		case is && strings.HasPrefix(code, "{"):
			chats.WriteString(code)
		case is && strings.HasPrefix(code, "fromline "):
			commands = append(commands, strings.ReplaceAll(code, "postgres://…", dsn))
		}
	}
	require.NoError(t, os.WriteFile("chats.jsonl", []byte(chats.String()), 0o600))
	require.NoError(t, os.WriteFile("fleet.json", fleet, 0o600))
	run, messageID := map[string]int{}, ""
	for _, command := range commands {
		if strings.HasPrefix(command, "fromline explain") && run["explain"] == 0 { // of a message that was sent
			send := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"hi"}],"idempotency_key":"order-1234-shipped"}}`
			require.Zero(t, runWith(send, "route", "-fleet", "fleet.json", "-store", "sqlite:chats.db").status)
		}
		args := strings.Fields(strings.ReplaceAll(command, "MESSAGE_ID", messageID))[1:]
		r := runWith("", args...)
		assert.Equal(t, exitOK, r.status, "%s%s%s", command, r.stdout, r.stderr)
		assert.NotContains(t, r.stderr, "line ")
		run[args[0]]++
		if args[0] == "explain" {
			messageID = strings.Fields(r.stdout)[1]
		}
	}
	_, policy, found := strings.Cut(string(page), "\n## Policy\n")
	require.True(t, found)
	_, policy, found = strings.Cut(policy, "```json\n")
	require.True(t, found)
	policy, _, _ = strings.Cut(policy, "```")
	assert.Equal(t, exitOK, runWith("", "doctor", "-policy", write(t, "policy.json", policy)).status)
	for _, command := range []string{"import", "doctor", "explain", "lines", "migrate"} {
		assert.Positive(t, run[command], command)
	}
}
