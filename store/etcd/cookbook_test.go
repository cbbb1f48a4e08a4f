//go:build unix

package etcd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// The commands of the cookbook move a store from SQLite to PostgreSQL, and from
// there to a cluster of three nodes: the chat that SQLite had goes on in etcd.
func TestMovesOfTheCookbook(t *testing.T) {
	page, err := os.ReadFile("../../docs/cookbook.md")
	require.NoError(t, err)
	lines := regexp.MustCompile(`(?m)^    fromline (.*)$`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, lines, 4, "migrate, copy, doctor, copy")
	fleet, err := filepath.Abs(fleetFile)
	require.NoError(t, err)
	path, dir := built(t), t.TempDir()
	postgres, cluster := pgtest.Start(t, pgtest.Options{}).Database(t), fresh(t, "cookbook")
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader(`{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Hi"}]}}`)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v: %s", args, out)
		return string(out)
	}

	require.Contains(t, run("route", "-fleet", fleet, "-store", "sqlite:chats.db", "-"), "new_best_number")
	for _, line := range lines {
		args := strings.Fields(line[1])
		for i, arg := range args {
			arg = regexp.MustCompile(`^postgres://db\.internal/\w+$`).ReplaceAllLiteralString(arg, postgres)
			args[i] = regexp.MustCompile(`^etcd://(?:\w+\.db\.internal,?){3}/\w+$`).ReplaceAllLiteralString(arg, cluster)
		}
		run(args...)
	}
	require.Contains(t, run("route", "-fleet", fleet, "-store", cluster, "-"), "reused_active_chat")
}
