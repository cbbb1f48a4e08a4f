package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const fleet = `{"phone_numbers":[
 {"id":"1","phone_number":"+14155550102","limits":{"new_chats_per_day":50,"messages_per_day":7000}},
 {"id":"2","phone_number":"+12055550101","limits":{"new_chats_per_day":6}},
 {"id":"3","phone_number":"+442079460104","reputation":{"status":"AT_RISK"},"services":["iMessage","SMS"]},
 {"id":"4","phone_number":"+13125550103","limits":{"new_chats_per_day":20},"services":["iMessage"]}]}`

// server is a fromline serve with something to look at.
type server struct {
	testing.TB
	api, ops string
}

// start builds and starts the program, with a receiver that refuses some
// messages.
func start(t testing.TB) *server {
	dir := t.TempDir()
	binary := filepath.Join(dir, "fromline")
	build := exec.Command("go", "build", "-o", binary, "./cmd/fromline")
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("refuse me")) {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	t.Cleanup(receiver.Close)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fleet.json"), []byte(fleet), 0o600))
	command := exec.Command(binary, "serve", "-fleet", filepath.Join(dir, "fleet.json"), "-store", "sqlite:"+filepath.Join(dir, "chats.db"),
		"-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	stderr, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	s := &server{TB: t}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var line struct {
			Msg, Addr string
			Ops       string `json:"ops_addr"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			s.api, s.ops = "http://"+line.Addr, "http://"+line.Ops
			break
		}
	}
	require.NotEmpty(t, s.ops, "it did not start")
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	return s
}

// post sends JSON to the endpoint.
func (s *server) post(path, body string) {
	a, err := http.Post(s.api+path, "application/json", strings.NewReader(body))
	require.NoError(s, err)
	defer a.Body.Close()
	text, _ := io.ReadAll(a.Body)
	require.Less(s, a.StatusCode, 300, "%s", text)
}

// fill makes something to look at: chats, a flagged line, and parked messages.
func (s *server) fill() {
	for i := range 14 {
		text := "hello"
		if i%5 == 4 {
			text = "refuse me"
		}
		s.post("/v3/messages", fmt.Sprintf(`{"to":["+1415555%04d"],"message":{"parts":[{"type":"text","value":%q}]}}`, 9000+i, text))
	}
	s.post("/v3/messages", `{"to":["+14155559001","ann@example.com"],"message":{"parts":[{"type":"text","value":"hi all"}]}}`)
	s.post("/v3/events", fmt.Sprintf(`{"event_type":"phone_number.status_updated","event_id":"e1","created_at":%[1]q,
		"data":{"phone_number":"+14155550102","new_status":"FLAGGED","changed_at":%[1]q}}`, time.Now().UTC().Format(time.RFC3339Nano)))
	s.post("/v3/messages", `{"to":["+14155559001"],"message":{"parts":[{"type":"text","value":"still there?"}]}}`)
	require.Eventually(s, func() bool { return s.parked() == 2 }, time.Minute, 100*time.Millisecond, "two messages are parked")
}

// parked is how many messages are parked.
func (s *server) parked() int {
	a, err := http.Get(s.ops + "/parked")
	require.NoError(s, err)
	defer a.Body.Close()
	var page struct {
		Parked []struct{} `json:"parked"`
	}
	require.NoError(s, json.NewDecoder(a.Body).Decode(&page))
	return len(page.Parked)
}

// browser starts a Chromium, with more flags. If there is none the test is
// skipped loudly, and fails under CI.
func browser(t testing.TB, flags ...chromedp.ExecAllocatorOption) context.Context {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("a Chromium is needed: apt-get install chromium")
		}
		t.Skip("SKIPPED, NOT PASSED: there is no Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(options, flags...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx)) // which starts it
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// shots is the directory of the pictures.
func shots(t testing.TB) string {
	dir := os.Getenv("FROMLINE_SHOTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "fromline-console")
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	return dir
}
