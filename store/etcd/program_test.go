//go:build unix

package etcd_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// program builds fromline with this store.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fromline-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "fromline")
	out, err := exec.Command("./build", path).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

func built(t *testing.T) string {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	return path
}

// fleetFile is the example that the README uses.
const fleetFile = "../../examples/fleet.json"

// The program opens the store by its name: it writes to it, doctor checks it,
// and it does not copy the store to itself.
func TestProgram(t *testing.T) {
	path, name := built(t), fresh(t, "program")
	fleet := fleetFile
	run := func(want int, input string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		status := 0
		if err != nil {
			require.NotNil(t, cmd.ProcessState, "%v", err)
			status = cmd.ProcessState.ExitCode()
		}
		require.Equal(t, want, status, "%v: %s", args, out)
		return string(out)
	}
	run(2, "", "lines", "-store", name)
	send := `{"to":["+14155559876"],"message":{"parts":[{"type":"text","value":"Hi"}]}}`
	require.Contains(t, run(0, send, "route", "-fleet", fleet, "-store", name, "-explain", "-"), "new_best_number")
	require.Contains(t, run(0, send, "route", "-fleet", fleet, "-store", name, "-explain", "-"), "reused_active_chat")
	run(0, "", "doctor", "-fleet", fleet, "-store", name)
	require.Contains(t, run(2, "", "copy", "-from", name, "-to", name), "the same store")
	require.Contains(t, run(2, "", "lines", "-store", "etcd://one"), "prefix")
}

// Three servers on three nodes answer while any one node is dead. The test logs
// the longest wait between two answers of a server.
func TestServersOutliveANode(t *testing.T) {
	path, c := built(t), etcdtest.Start(t, 3)
	fleet := fleetFile
	var addrs []string
	for range 3 {
		addr := etcdtest.Addr(t)
		addrs = append(addrs, addr)
		server := exec.Command(path, "serve", "-fleet", fleet, "-store", c.Name("serve"), "-addr", addr)
		var log bytes.Buffer
		server.Stderr = &log
		require.NoError(t, server.Start())
		t.Cleanup(func() {
			_ = server.Process.Kill()
			_ = server.Wait()
			if t.Failed() {
				t.Log(log.String())
			}
		})
	}
	client := &http.Client{Timeout: 30 * time.Second}
	send := func(addr, key string, person int) (status int) {
		body := fmt.Sprintf(`{"to":["+1415555%04d"],"message":{"parts":[{"type":"text","value":"Hi"}]}}`, person)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/v3/messages", strings.NewReader(body))
		if err != nil {
			return 0
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
		answer, err := client.Do(request)
		if err != nil {
			return 0
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	for _, addr := range addrs {
		require.Eventually(t, func() bool { return send(addr, "first", 1) == http.StatusAccepted }, etcdtest.Patience, 50*time.Millisecond)
	}
	stop := make(chan struct{})
	var senders sync.WaitGroup
	var answered, refused [3]atomic.Int64
	gaps := make([]time.Duration, 3)
	for i, addr := range addrs {
		senders.Go(func() {
			last := time.Now()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if send(addr, fmt.Sprintf("%d/%d", i, n), n%50) != http.StatusAccepted {
					refused[i].Add(1)
					continue
				}
				answered[i].Add(1)
				gaps[i] = max(gaps[i], time.Since(last))
				last = time.Now()
			}
		})
	}
	for down, n := range c.Nodes {
		require.NoError(t, n.Kill())
		for i := range addrs { // the second answer is to a send that began after that
			before := answered[i].Load()
			require.Eventually(t, func() bool { return answered[i].Load() >= before+2 }, etcdtest.Patience, 10*time.Millisecond,
				"server %d does not answer while node %d is dead", i, down)
		}
		if down == 0 {
			said, err := exec.Command(path, "doctor", "-store", c.Name("serve")).CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(said), "node http://"+n.Client, "the doctor names the node")
		}
		time.Sleep(2 * time.Second) // for the longest pause
		require.NoError(t, n.Start())
		c.Await()
	}
	close(stop)
	senders.Wait()
	for i := range addrs {
		t.Logf("server %d answered %d sends and refused %d, its longest gap between two answers was %v", i, answered[i].Load(), refused[i].Load(), gaps[i])
	}
}
