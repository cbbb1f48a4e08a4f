//go:build unix

package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStopFinishesRequests says that a stop turns readiness off and accepts no
// connection any more, and that a request that is half there is finished and
// decided before the process ends.
func TestStopFinishesRequests(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deliveries")
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-deliveries", file, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-stop-within", "5m")
	addr := strings.TrimPrefix(p.url, "http://")
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	body := sendTo("+14155559876", "half way")
	_, err = fmt.Fprintf(conn, "POST /v3/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	require.NoError(t, err)
	begun := make([]byte, len("HTTP/1.1 100 Continue"))
	_, err = io.ReadFull(conn, begun) // it waits for the body: the request is being worked on
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue", string(begun))

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, func() bool {
		other, err := net.Dial("tcp", addr)
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	})
	assert.Equal(t, `{"status":"not ready","why":"it is stopping"}`, get(t, p.ops+"/readyz"))
	_, err = io.WriteString(conn, body)
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Contains(t, string(answer), "HTTP/1.1 202 Accepted")
	<-p.over
	_ = p.cmd.Wait()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode())
	assert.Len(t, deliveries(t, file), 1, "it was delivered too")
}

// TestStopDeliversWhatIsDue says that a stop finishes what is being sent, and
// what waits behind it in its chat, and that what cannot be sent is there after
// it.
func TestStopDeliversWhatIsDue(t *testing.T) {
	var got, refused atomic.Int32
	release := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "never") {
			refused.Add(1)
			w.WriteHeader(500)
			return
		}
		<-release
		got.Add(1)
	}))
	defer receiver.Close()
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db"),
		"-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-stop-within", "5m")
	for range 3 {
		status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "due"))
		require.Equal(t, 202, status)
	}
	status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559877", "never"))
	require.Equal(t, 202, status)
	eventually(t, func() bool { return refused.Load() > 0 })
	go func() {
		eventually(t, func() bool { return strings.Contains(p.logged(), `"stopping"`) })
		close(release)
	}()
	assert.Equal(t, 0, p.stop(t))
	assert.Equal(t, int32(3), got.Load())
	assert.Contains(t, p.logged(), `"deliveries left","waiting":1,"parked":0`)
}

// hanging starts a server with one delivery on its way to a receiver that never
// answers, and that may take some time to stop.
func hanging(t *testing.T, store, stopWithin string) *process {
	t.Helper()
	var taken atomic.Int32
	over := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		taken.Add(1)
		<-over
	}))
	t.Cleanup(func() {
		close(over)
		receiver.Close()
	})
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", store, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-stop-within", stopWithin)
	status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "never taken over"))
	require.Equal(t, 202, status)
	eventually(t, func() bool { return taken.Load() > 0 })
	return p
}

// TestStopGivesUp says that a receiver that never answers does not keep the
// process, and that what it did not take over goes out after the next start.
func TestStopGivesUp(t *testing.T) {
	t.Parallel() // it waits for what may be sent until then
	db, file := "sqlite:"+filepath.Join(t.TempDir(), "chats.db"), filepath.Join(t.TempDir(), "deliveries")
	p := hanging(t, db, "10s") // a tenth of it is for the store to say what is left
	assert.Equal(t, 0, p.stop(t))
	assert.Contains(t, p.logged(), `"deliveries left","waiting":1,"parked":0`)
	p = start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", db, "-deliveries", file, "-addr", "127.0.0.1:0")
	eventually(t, func() bool { return len(deliveries(t, file)) == 1 })
	assert.Equal(t, 0, p.stop(t))
}

// TestSecondSignal says that an operator who does not want to wait need not.
func TestSecondSignal(t *testing.T) {
	p := hanging(t, "memory:", "5m")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, func() bool { return strings.Contains(p.logged(), `"stopping"`) })
	eventually(t, func() bool { // it may still be listening for signals for a moment
		select {
		case <-p.over:
			return true
		default:
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
			return false
		}
	})
	_ = p.cmd.Wait()
	assert.Equal(t, syscall.SIGTERM, p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.NotContains(t, p.logged(), `"stopped"`)
}

// TestFailsWhileServing says that a server that cannot go on stops in order and
// says why, which is exit status 1.
func TestFailsWhileServing(t *testing.T) {
	var f serveFlags
	require.NoError(t, f.parse([]string{"-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", "/dev/null"}, io.Discard))
	s, err := newServer(t.Context(), f, io.Discard, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, s.apiListener.Close())
	assert.ErrorIs(t, s.run(t.Context()), net.ErrClosed)
}
