//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestClockThatIsSetWhileServing sets the clock of the machine of a server that
// serves, as far as the server can tell: the program is the real one, and only
// the clock of Go's standard library, with which it is built, adds what a file
// says. A server with the right clock serves beside it.
func TestClockThatIsSetWhileServing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: its first build, of the command and all that it links, takes a minute of processor time")
	}
	binary := builtWithAnotherClock(t)
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			if store == "postgres" {
				dsn = pgtest.Database(t)
			}
			clockThatIsSet(t, binary, dsn)
		})
	}
}

func clockThatIsSet(t *testing.T, binary, dsn string) {
	n, by, sends := newNetwork(t), write(t, "by", "0"), 0
	fleet := write(t, "fleet.json", `{"phone_numbers":[{"id":"1","phone_number":"+12025550161"}]}`)
	args := []string{"-fleet", fleet, "-store", dsn, "-deliver-url", n.URL, "-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0"}
	elsewhen := func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args[0] = binary, binary
		cmd.Env = slices.DeleteFunc(cmd.Env, func(e string) bool { return strings.HasPrefix(e, asCommand+"=") })
		cmd.Env = append(cmd.Env, otherClock+"="+by)
	}
	right := start(t, args...)
	wrong := startWith(t, elsewhen, args...)
	acked := map[string]string{} // the body of an answer by its key
	send := func(p *process, key string) (status int, code any) {
		status, answer := p.send(t, "POST", "/v3/messages", fmt.Sprintf(
			`{"to":["+1415555%s"],"message":{"parts":[{"type":"text","value":"hi"}],"idempotency_key":"%s"}}`, key, key))
		if status != http.StatusAccepted {
			return status, answer["error"].(map[string]any)["code"]
		}
		body, err := json.Marshal(answer)
		require.NoError(t, err)
		if acked[key] == "" {
			acked[key] = string(body)
		}
		require.JSONEq(t, acked[key], string(body), "a replay")
		return status, nil
	}
	key := func() string { sends++; return fmt.Sprintf("%04d", sends) }
	for _, is := range []time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 8 * 24 * time.Hour, -time.Hour} {
		before := key()
		status, _ := send(wrong, before)
		require.Equal(t, http.StatusAccepted, status)

		require.NoError(t, os.WriteFile(by, []byte(strconv.Itoa(int(is/time.Second))), 0o600))
		eventually(t, func() bool {
			status, code := send(wrong, key())
			return status == http.StatusServiceUnavailable && code == 4004.0
		})
		assert.Contains(t, get(t, wrong.ops+"/readyz"), "set the clock")
		assert.Contains(t, wrong.logged(), "the clock of this process is wrong")
		ahead := aheadBy.FindStringSubmatch(get(t, wrong.ops+"/metrics"))
		require.Len(t, ahead, 2)
		seconds, err := strconv.ParseFloat(ahead[1], 64)
		require.NoError(t, err)
		assert.InDelta(t, is.Seconds(), seconds, 60)
		if late, listens := tryStart(t, elsewhen, args...); assert.False(t, listens, "a start with a wrong clock") {
			assert.Contains(t, late.logged(), "set the clock")
		}

		for _, key := range []string{before, key()} {
			status, _ = send(right, key)
			require.Equal(t, http.StatusAccepted, status)
		}
		assert.JSONEq(t, `{"status":"ready"}`, get(t, right.ops+"/readyz"))

		require.NoError(t, os.WriteFile(by, []byte("0"), 0o600))
		eventually(t, func() bool { status, _ := send(wrong, before); return status == http.StatusAccepted })
		assert.JSONEq(t, `{"status":"ready"}`, get(t, wrong.ops+"/readyz"))
	}
	for _, p := range []*process{right, wrong} {
		rests(t, [2]*process{right, wrong}, p)
		assert.JSONEq(t, `{"parked":[]}`, get(t, p.ops+"/parked"))
		assert.Equal(t, exitOK, p.stop(t), p.logged())
	}
	assert.Len(t, n.order, len(acked), "each message that was acknowledged was handed over once")
}
