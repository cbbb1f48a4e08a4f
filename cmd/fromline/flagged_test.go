//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
)

// TestFlagsOfAReceiverAreUndone says that a receiver which flags every line
// takes them all with one message, that this message waits, and that the
// commands of the page for operators make the lines active again and let it go
// out.
func TestFlagsOfAReceiverAreUndone(t *testing.T) {
	needed.Program(t, "jq", "jq")
	var mended atomic.Bool
	var taken atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !mended.Load() {
			w.Header().Set("X-Line-Flagged", "true")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		taken.Add(1)
	}))
	defer receiver.Close()
	const token = "0123456789abcdef"
	p := start(t, "-fleet", "acme="+write(t, "fleet.json", twoLines), "-token", "acme=@"+write(t, "token", token),
		"-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
	status, answer := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"), "Authorization", "Bearer "+token)
	require.Equal(t, http.StatusAccepted, status, answer)
	eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/metrics"), `fromline_lines{state="flagged"} 2`) })
	assert.Contains(t, get(t, p.ops+"/metrics"), "\nfromline_tenants_without_open_line 1\n")
	assert.Contains(t, get(t, p.ops+"/metrics"), "\nfromline_outbox_waiting 1\n")

	mended.Store(true)
	commands := blockOf(t, "operations.md", "phone_numbers[] | select").text
	commands = strings.NewReplacer("http://127.0.0.1:8080", p.url, "TOKEN", token, "curl ", "curl -sS --fail-with-body ").Replace(commands)
	out, err := subprocess(t, "bash", "-euo", "pipefail", "-c", commands).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, get(t, p.ops+"/metrics"), `fromline_lines{state="flagged"} 0`)
	eventually(t, func() bool { return taken.Load() == 1 })
	assert.Contains(t, p.logged(), " ACTIVE → FLAGGED")
	assert.Contains(t, p.logged(), `"msg":"a message leaves `)
	assert.Equal(t, exitOK, p.stop(t))
}
