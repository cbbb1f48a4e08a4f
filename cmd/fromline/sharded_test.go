//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// A shard that is down costs its own tenants their sends and nobody else, also
// when the server starts, and is named by /readyz, the metrics and the doctor.
func TestShardDown(t *testing.T) {
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "shards.json"), filepath.Join(dir, "two")
	text := fmt.Sprintf(`{"directory": "one", "shards": {"one": "sqlite:%s/one.db", "two": "sqlite:%s/two.db"}}`, dir, folder)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, os.Mkdir(folder, 0o700))

	s, err := open.Sharded(t.Context(), "sharded:"+file, open.Options{})
	require.NoError(t, err)
	for i := range 20 {
		p := opening(t, i)
		p.Tenant, p.Content = fmt.Sprintf("tenant-%d", i), nil
		require.NoError(t, s.Commit(t.Context(), p))
	}
	require.NoError(t, s.Close())
	one, err := open.Store(t.Context(), "sqlite:"+filepath.Join(dir, "one.db"), open.Options{})
	require.NoError(t, err)
	up, down := "", ""
	for i := range 20 {
		tenant := fmt.Sprintf("tenant-%d", i)
		chats, _, err := one.ChatsOfTenant(t.Context(), tenant, uuid.Nil, 1)
		require.NoError(t, err)
		if len(chats) > 0 {
			up = tenant
		} else {
			down = tenant
		}
	}
	require.NoError(t, one.Close())
	require.NotEmpty(t, up)
	require.NotEmpty(t, down)
	require.NoError(t, os.Rename(folder, filepath.Join(dir, "gone")))

	// Parked messages of a tenant that is up can be listed and treated.
	for _, does := range [][]string{{"list"}, {"release", "-reason", "refused"}} {
		var out bytes.Buffer
		args := append([]string{"parked", does[0], "-store", "sharded:" + file, "-tenant", up}, does[1:]...)
		require.Equal(t, exitOK, run(args, nil, &out, &out), "%s", &out)
	}

	get := func(url string) string {
		answer, err := http.Get(url)
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return fmt.Sprint(answer.StatusCode) + " " + string(body)
	}
	fleet := write(t, "fleet.json", twoLines)
	for tenant, want := range map[string]string{up: "202 ", down: "503 "} {
		p := start(t, "-fleet", tenant+"="+fleet, "-store", "sharded:"+file, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
		body := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Hi"}]}}`
		answer, err := http.Post(p.url+"/v3/messages", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		said, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		got := fmt.Sprint(answer.StatusCode) + " " + string(said)
		require.True(t, strings.HasPrefix(got, want), "%s: %s", tenant, got)
		require.Equal(t, tenant == down, strings.Contains(got, "4004"), got)
		ready := get(p.ops + "/readyz")
		require.True(t, strings.HasPrefix(ready, "200 "), ready)
		require.Contains(t, ready, `"down":{"two":`)
		metrics := get(p.ops + "/metrics")
		require.Contains(t, metrics, `fromline_store_part_up{part="two"} 0`)
		require.Contains(t, metrics, `fromline_store_part_up{part="one"} 1`)
		_ = p.kill() // its status says that it was killed
	}
	var out bytes.Buffer
	require.Equal(t, exitRefused, run([]string{"doctor", "-store", "sharded:" + file}, nil, &out, &out))
	require.Contains(t, out.String(), "wrong  shard two does not answer: ")
	require.NotContains(t, out.String(), store.ErrNotWritten.Error(), "nothing was to be written")
	for line := range strings.Lines(out.String()) {
		require.Regexp(t, `^(store$|  (ok   |note |wrong)  \S)`, strings.TrimSuffix(line, "\n"), "each finding is a line of its own")
	}
}
