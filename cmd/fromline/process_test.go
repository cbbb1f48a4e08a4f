//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// asCommand is set in the environment of this test binary when it is to be the
// command itself, so that tests can kill it.
const asCommand = "FROMLINE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	// The first call of signal.Notify starts a goroutine, which is not to be in
	// the bubble of a test.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	signal.Reset(syscall.SIGHUP)
	pgtest.Main(m)
}

// process is a running fromline serve.
type process struct {
	cmd       *exec.Cmd
	url, ops  string
	mu        sync.Mutex
	log       bytes.Buffer
	listening chan struct{}
	over      chan struct{} // closed when standard error ends
}

// start starts fromline serve and returns when it listens. The addresses may
// end in :0.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	return startWith(t, func(*exec.Cmd) {}, args...)
}

// startWith is start of a command that was changed before.
func startWith(t testing.TB, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p, listens := tryStart(t, change, args...)
	if !listens {
		t.Fatalf("it did not start: %s", p.logged())
	}
	return p
}

// startBeside is start beside a server on the same store, which may keep a file
// busy for longer than a start waits: what looks after servers starts it again.
func startBeside(t testing.TB, args ...string) *process {
	t.Helper()
	for {
		p, listens := tryStart(t, func(*exec.Cmd) {}, args...)
		if listens {
			return p
		}
		require.Contains(t, p.logged(), "nothing was written")
	}
}

// tryStart is startWith of a command that may refuse to start, and says whether
// it listens.
func tryStart(t testing.TB, change func(*exec.Cmd), args ...string) (p *process, listens bool) {
	t.Helper()
	p = &process{cmd: exec.Command(os.Args[0], append([]string{"serve"}, args...)...), listening: make(chan struct{}), over: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), asCommand+"=1")
	change(p.cmd)
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.kill()
		}
	})
	go p.read(stderr)
	select {
	case <-p.listening:
		return p, true
	case <-p.over:
		return p, false
	}
}

// read keeps what is logged, and finds the addresses in it.
func (p *process) read(stderr io.Reader) {
	defer close(p.over)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		p.mu.Lock()
		fmt.Fprintln(&p.log, lines.Text())
		p.mu.Unlock()
		var line struct {
			Msg  string `json:"msg"`
			Addr string `json:"addr"`
			Ops  string `json:"ops_addr"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			p.url, p.ops = "http://"+line.Addr, "http://"+line.Ops
			close(p.listening)
		}
	}
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// kill ends it without a warning.
func (p *process) kill() error {
	_ = p.cmd.Process.Kill()
	<-p.over
	return p.cmd.Wait()
}

// stop asks it to end, and returns its exit status.
func (p *process) stop(t testing.TB) int {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.over
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// send makes a request and returns status and body.
func (p *process) send(t testing.TB, method, path, body string, headers ...string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	var v map[string]any
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&v))
	return answer.StatusCode, v
}

// delivered is one line of a deliveries file.
type delivered struct {
	MessageID string          `json:"message_id"`
	ChatID    string          `json:"chat_id"`
	From      string          `json:"from"`
	To        []string        `json:"to"`
	Reason    string          `json:"reason"`
	Message   json.RawMessage `json:"message"`
}

// deliveries reads the whole lines of a deliveries file.
func deliveries(t testing.TB, path string) []delivered {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []delivered
	for line := range bytes.Lines(text) {
		var d delivered
		if json.Unmarshal(line, &d) == nil && d.MessageID != "" {
			all = append(all, d)
		}
	}
	return all
}

// write writes a file of a test and returns its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// eventually waits until something holds, without a gate on how long it takes
// but that of the whole test.
func eventually(t testing.TB, holds func() bool) {
	t.Helper()
	for over := nearlyOver(t); !holds(); time.Sleep(5 * time.Millisecond) {
		if over.Err() != nil {
			t.Fatal("the time of the test is nearly over, and this does not hold yet")
		}
	}
}

// subprocess is a command of which the test waits for the end. It is told to
// show where it hangs when the time of the test is nearly over.
func subprocess(t testing.TB, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(nearlyOver(t), name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// nearlyOver is a context that ends with the test, and a minute before its time
// does, so that it can still say what it waited for.
func nearlyOver(t testing.TB) context.Context {
	bounded, is := t.(interface{ Deadline() (time.Time, bool) })
	if !is {
		return t.Context()
	}
	deadline, is := bounded.Deadline()
	if !is {
		return t.Context()
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-time.Minute))
	t.Cleanup(cancel)
	return ctx
}
