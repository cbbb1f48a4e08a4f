//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRotatedDeliveries says that a deliveries file that is renamed is written
// to no more, without a word and at SIGHUP, and that a named pipe takes no
// message before a process reads it.
func TestRotatedDeliveries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deliveries")
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-deliveries", file, "-addr", "127.0.0.1:0")
	sent := func() string {
		status, answer := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hello"))
		require.Equal(t, 202, status)
		return answer["message"].(map[string]any)["id"].(string)
	}
	arrives := func(id string) {
		eventually(t, func() bool {
			text, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(text), id)
		})
		assert.Len(t, deliveries(t, file), 1)
	}
	arrives(sent())
	require.NoError(t, os.Rename(file, file+".1"))
	arrives(sent())
	require.NoError(t, os.Rename(file, file+".2"))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	eventually(t, func() bool { return strings.Contains(p.logged(), "opened the deliveries file again") })
	assert.FileExists(t, file)
	arrives(sent())
	for _, old := range []string{file + ".1", file + ".2"} {
		assert.Len(t, deliveries(t, old), 1)
	}
	require.NoError(t, os.Rename(file, file+".3"))
	require.NoError(t, syscall.Mkfifo(file, 0o600))
	sent()
	assert.Equal(t, exitOK, p.stop(t))
	assert.Contains(t, p.logged(), `"deliveries left","waiting":1,"parked":0`)
}

// TestFileOfTheStoreThatIsGone says that a send is refused where the file of
// its store was removed, and that /readyz says so.
func TestFileOfTheStoreThatIsGone(t *testing.T) {
	db := filepath.Join(t.TempDir(), "chats.db")
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", "sqlite:"+db, "-deliveries", "/dev/null", "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "there"))
	require.Equal(t, 202, status)
	require.NoError(t, os.Remove(db))
	// A commit that began before the removal may end after the first refusal, and
	// then the store counts as written once more.
	eventually(t, func() bool {
		status, _ = p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "gone"))
		require.Equal(t, 503, status)
		return strings.Contains(get(t, p.ops+"/readyz"), "removed or replaced")
	})
	_ = p.kill()
}
