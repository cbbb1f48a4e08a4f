//go:build unix

package etcd_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// elsewhen returns an address at which a node tells another time: a process
// that connects to it has a clock that is wrong by that much.
func elsewhen(t *testing.T, node string, by time.Duration) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pass(c, node, by)
		}
	}()
	return l.Addr().String()
}

// pass changes the date in the HTTP answers of the node, and passes everything
// else on.
func pass(c net.Conn, node string, by time.Duration) {
	defer c.Close()
	in := bufio.NewReader(c)
	if first, err := in.Peek(3); err != nil {
		return
	} else if string(first) != "GET" {
		to, err := net.Dial("tcp", node)
		if err != nil {
			return
		}
		defer to.Close()
		go func() { _, _ = io.Copy(to, in); _ = to.Close() }()
		_, _ = io.Copy(c, to)
		return
	}
	for {
		asked, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		answer, err := http.Get("http://" + node + asked.URL.Path)
		if err != nil {
			return
		}
		if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
			answer.Header.Set("Date", at.Add(by).Format(http.TimeFormat))
		}
		err = answer.Write(c)
		_ = answer.Body.Close()
		if err != nil {
			return
		}
	}
}

// A server whose clock is not that of its store does not start and says why,
// and so does doctor. Another server on the store goes on.
func TestAServerWithAWrongClock(t *testing.T) {
	path, c := built(t), etcdtest.Start(t, 1)
	right := serving(t, path, c.Name("server"))
	for i, ahead := range []time.Duration{26 * time.Hour, 8 * 24 * time.Hour, -time.Hour} {
		far := "etcd://" + elsewhen(t, c.Nodes[0].Client, -ahead) + "/server"
		for _, command := range [][]string{{"serve", "-fleet", fleetFile, "-addr", "127.0.0.1:0"}, {"doctor"}} {
			said, err := exec.CommandContext(t.Context(), path, append(command, "-store", far)...).CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(said), "set the clock of this machine", command[0])
		}
		status, body := sendTo(t, right, i)
		require.Equal(t, http.StatusAccepted, status, body)
	}
}

// serving starts a server and waits until it answers.
func serving(t *testing.T, path, name string) (addr string) {
	t.Helper()
	addr = etcdtest.Addr(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	server := exec.Command(path, "serve", "-fleet", fleetFile, "-store", name, "-addr", addr)
	server.Stderr = file
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			said, _ := os.ReadFile(file.Name())
			t.Logf("%s", said)
		}
		_ = file.Close()
	})
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + addr + "/livez")
		return err == nil && answer.Body.Close() == nil
	}, etcdtest.Patience, 50*time.Millisecond)
	return addr
}

func sendTo(t *testing.T, addr string, person int) (status int, body string) {
	t.Helper()
	request := fmt.Sprintf(`{"to":["+1415555%04d"],"message":{"parts":[{"type":"text","value":"Hi"}]}}`, person)
	answer, err := http.Post("http://"+addr+"/v3/messages", "application/json", strings.NewReader(request))
	require.NoError(t, err)
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(all)
}
