//go:build unix

package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestEventReachesTheOtherProcess says that of two servers on one store each
// acts on what the other was told of a line, as soon as it has polled, and on
// what the other decided at once: the send that continues a chat of the other
// server's on its flagged line fails over, and goes back when the line is well
// again.
func TestEventReachesTheOtherProcess(t *testing.T) {
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			if store == "postgres" {
				dsn = pgtest.Database(t)
			}
			args := []string{"-fleet", write(t, "fleet.json", twoLines), "-store", dsn, "-deliveries", "/dev/null", "-addr", "127.0.0.1:0", "-reroute=false"}
			one, other := start(t, args...), start(t, args...)

			status, opened := one.send(t, "POST", "/v3/messages", sendTo("+14155559876", "one"))
			require.Equal(t, 202, status)
			status, reused := other.send(t, "POST", "/v3/messages", sendTo("+14155559876", "two"))
			require.Equal(t, 202, status)
			require.Equal(t, opened["chat_id"], reused["chat_id"])

			status, _ = one.send(t, "POST", "/v3/events", flagEvent(opened["from"].(string), "FLAGGED", time.Now()))
			require.Equal(t, 200, status)
			failedOver := other.sendUntil(t, sendTo("+14155559876", "three"), func(answer map[string]any) bool {
				return answer["from"] != opened["from"]
			})
			assert.Equal(t, opened["chat_id"], failedOver["previous_chat_id"])

			// Now told the other way round: the first line is well again, the second is
			// not.
			status, _ = other.send(t, "POST", "/v3/events", flagEvent(opened["from"].(string), "ACTIVE", time.Now()))
			require.Equal(t, 200, status)
			status, _ = other.send(t, "POST", "/v3/events", flagEvent(failedOver["from"].(string), "FLAGGED", time.Now()))
			require.Equal(t, 200, status)
			back := one.sendUntil(t, sendTo("+14155559876", "four"), func(answer map[string]any) bool {
				return answer["from"] == opened["from"]
			})
			assert.Equal(t, opened["chat_id"], back["chat_id"])
			assert.Equal(t, exitOK, one.stop(t))
			assert.Equal(t, exitOK, other.stop(t))
		})
	}
}

// sendUntil sends again and again until an answer is as it should be, which it
// is after the next poll: a few times, or after a bounded number of tries
// never.
func (p *process) sendUntil(t *testing.T, body string, holds func(map[string]any) bool) map[string]any {
	t.Helper()
	const tries = 2000
	for range tries {
		status, answer := p.send(t, "POST", "/v3/messages", body)
		require.Equal(t, 202, status)
		if holds(answer) {
			return answer
		}
		time.Sleep(5 * time.Millisecond) // a poll is every half second
	}
	t.Fatalf("after %d tries the process still does not act on the event", tries)
	return nil
}
