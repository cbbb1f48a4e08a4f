//go:build unix

// Package clients_test runs clients that were written elsewhere against started
// servers. It needs Node.js, npm and the pinned packages, which npm brings;
// without them it skips, or fails under CI.
package clients_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
)

const (
	token         = "official-client-token-0123"
	webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"
)

// TestTypeScriptClient runs the vendor's TypeScript client, directly and
// through faults, and then holds what was delivered to what it was answered.
func TestTypeScriptClient(t *testing.T) {
	needed.Program(t, "node", "nodejs")
	install(t)
	command := build(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "deliveries")
	fleet := write(t, dir, "fleet.json", `{"phone_numbers":[{"id":"1","phone_number":"+12052535597"},{"id":"2","phone_number":"+12052535598"},`+
		`{"id":"3","phone_number":"+13235550100","reputation":{"status":"AT_RISK"}}]}`)
	one := write(t, dir, "one.json", `{"phone_numbers":[{"id":"4","phone_number":"+442071838750"}]}`)
	tokens, secrets := "acme=@"+write(t, dir, "token", token), "acme=@"+write(t, dir, "secret", webhookSecret)

	server := serve(t, command, "-fleet", "acme="+fleet, "-token", tokens, "-webhook-secret", secrets, "-deliveries", file)
	limited := serve(t, command, "-fleet", "acme="+one, "-token", tokens, "-rate", "1", "-deliveries", filepath.Join(dir, "limited"))
	two := write(t, dir, "two.json", `{"phone_numbers":[{"id":"5","phone_number":"+442071838751"}]}`)
	// One request, and the next one after a quarter of an hour, however slow this
	// machine is.
	closed := serve(t, command, "-fleet", "acme="+two, "-token", tokens, "-rate", "0.001", "-burst", "1", "-deliveries", filepath.Join(dir, "closed"))
	between := newProxy(t, server.url)
	inside := newEmbedded(t)

	node := exec.Command("node", "--test", "--test-reporter=spec", "client.test.mjs")
	node.Dir = "typescript"
	node.Env = append(os.Environ(), "FROMLINE_URL="+server.url, "FROMLINE_FAULTY_URL="+between.URL, "FROMLINE_LIMITED_URL="+limited.url, "FROMLINE_CLOSED_URL="+closed.url,
		"FROMLINE_TOKEN="+token, "FROMLINE_WEBHOOK_SECRET="+webhookSecret, "FROMLINE_EMBEDDED_URL="+inside.URL,
		"FROMLINE_GATED_TOKEN="+gatedToken, "FROMLINE_LANDLESS_TOKEN="+landlessToken, "FROMLINE_BROKEN_TOKEN="+brokenToken, "FROMLINE_STALLED_TOKEN="+stalledToken)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)

	assert.EqualValues(t, 1+3, inside.broken.Load(), "a fault of ours is met once without a key, and with one as often as the client tries")
	assert.EqualValues(t, 3, inside.stalls.Load(), "a store that was away is asked again")
	http.DefaultClient.CloseIdleConnections() // of the proxy; a stop would wait for those that were never used
	server.stop(t)
	limited.stop(t)
	closed.stop(t)
	keyed := map[string]int{}
	ids := map[string]bool{}
	for _, d := range delivered(t, file) {
		assert.False(t, ids[d.MessageID], "message %s was handed over twice", d.MessageID)
		ids[d.MessageID] = true
		if len(d.Message.Parts) == 1 && strings.HasPrefix(d.Message.Parts[0].Value, "keyed ") {
			keyed[d.Message.Parts[0].Value]++
		}
	}
	assert.Len(t, keyed, 110, "one for each schedule of faults")
	for value, n := range keyed {
		assert.Equal(t, 1, n, "%q was sent %d times", value, n)
	}
}

// install installs the pinned packages, unless they are there.
func install(t *testing.T) {
	t.Helper()
	var pinned, there struct {
		Dependencies map[string]string
		Version      string
	}
	text, err := os.ReadFile("typescript/package.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &pinned))
	text, err = os.ReadFile("typescript/node_modules/@linqapp/sdk/package.json")
	if err == nil && json.Unmarshal(text, &there) == nil && there.Version == pinned.Dependencies["@linqapp/sdk"] {
		return
	}
	needed.Program(t, "npm", "npm")
	npm := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	npm.Dir = "typescript"
	if out, err := npm.CombinedOutput(); err != nil {
		needed.Missing(t, "npm ci: %v\n%s", err, out)
	}
}

// build builds the command.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fromline")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/fromline").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// process is a running fromline serve.
type process struct {
	cmd *exec.Cmd
	url string
	log bytes.Buffer // to be read when it is over
	end chan struct{}
}

// serve starts fromline serve on an address of its own and returns when it
// listens.
func serve(t *testing.T, command string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(command, append([]string{"serve", "-addr", "127.0.0.1:0"}, args...)...), end: make(chan struct{})}
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	listening := make(chan string, 1)
	go func() {
		defer close(p.end)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&p.log, lines.Text())
			var line struct{ Msg, Addr string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
				listening <- line.Addr
			}
		}
	}()
	select {
	case addr := <-listening:
		p.url = "http://" + addr
	case <-p.end:
		t.Fatalf("it did not start: %s", p.log.String())
	}
	return p
}

func (p *process) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.end
	require.NoError(t, p.cmd.Wait(), p.log.String())
}

type deliveredMessage struct {
	MessageID string `json:"message_id"`
	Message   struct {
		Parts []struct{ Value string }
	}
}

func delivered(t *testing.T, path string) []deliveredMessage {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []deliveredMessage
	for line := range bytes.Lines(text) {
		var d deliveredMessage
		require.NoError(t, json.Unmarshal(line, &d), "%s", line)
		all = append(all, d)
	}
	return all
}

// proxy stands between client and server and injects the faults that a request
// asks for in X-Faults, one for each attempt with the same X-Fault-Id.
type proxy struct {
	*httptest.Server
	forward *httputil.ReverseProxy

	mu   sync.Mutex
	seen map[string]int
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	target, err := url.Parse(to)
	require.NoError(t, err)
	p := &proxy{forward: httputil.NewSingleHostReverseProxy(target), seen: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id, is := strings.CutPrefix(r.URL.Path, "/attempts/"); is {
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprint(w, p.seen[id])
		return
	}
	switch fault := p.fault(r.Header); fault {
	case "":
		p.forward.ServeHTTP(w, r)
	case "before":
		panic(http.ErrAbortHandler)
	case "after":
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case "half":
		answer := httptest.NewRecorder()
		p.forward.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
		w.WriteHeader(http.StatusServiceUnavailable) // a cut success would be read as one by the client
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	default:
		var status int
		_, _ = fmt.Sscan(fault, &status)
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
	}
}

func (p *proxy) fault(header http.Header) string {
	id := header.Get("X-Fault-Id")
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.seen[id]
	p.seen[id]++
	faults := strings.Split(header.Get("X-Faults"), ",")
	if n < len(faults) {
		return faults[n]
	}
	return ""
}
