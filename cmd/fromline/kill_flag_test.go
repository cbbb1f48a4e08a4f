//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// ownLines are the lines of the kill rounds.
var ownLines = []string{"+12052535597", "+12052535598", "+12052535599", "+12052535590"}

// network is a receiver that remembers ids, and takes nothing from a line that
// is flagged.
type network struct {
	*httptest.Server
	mu      sync.Mutex
	flagged map[string]bool
	order   []delivered    // what it took, each message once
	place   map[string]int // of a message in it, from 1
	last    map[string]string
	flags   int // messages refused for their line
	again   int // messages that came again
	flips   int // of the state of a line
}

func newNetwork(t *testing.T) *network {
	n := &network{flagged: map[string]bool{}, place: map[string]int{}, last: map[string]string{}}
	n.Server = httptest.NewServer(http.HandlerFunc(n.receive))
	t.Cleanup(n.Close)
	return n
}

func (n *network) receive(w http.ResponseWriter, r *http.Request) {
	var d delivered
	if json.NewDecoder(r.Body).Decode(&d) != nil || d.MessageID == "" {
		w.WriteHeader(http.StatusServiceUnavailable) // cut short by a kill
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.place[d.MessageID] > 0:
		n.again++
	case n.flagged[d.From]:
		n.flags++
		w.Header().Set("X-Line-Flagged", "true")
		w.WriteHeader(http.StatusConflict)
		return
	default:
		n.order = append(n.order, d)
		n.place[d.MessageID] = len(n.order)
	}
	n.last[d.MessageID] = d.From
}

// hasRefused says whether a send came from a line that is flagged.
func (n *network) hasRefused() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.flags > 0
}

// flap flags lines at random, sometimes all of them, and lets them recover; in
// the end all do.
func (n *network) flap(l *clientLoad, random *rand.Rand) {
	for !l.stopped() {
		line, flagged := ownLines[random.IntN(len(ownLines))], random.IntN(2) == 0
		n.mu.Lock()
		n.flips += map[bool]int{true: 1}[n.flagged[line] != flagged]
		n.flagged[line] = flagged
		n.mu.Unlock()
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.flagged)
}

// tell tells a server of lines that are active, again and again until it is
// over: it may find a line flagged by an answer that is older than its
// recovery. Of flags it is not told: it finds them out.
func (n *network) tell(l *clientLoad, over <-chan struct{}) {
	for {
		for _, line := range ownLines {
			n.mu.Lock()
			flagged := n.flagged[line]
			n.mu.Unlock()
			if !flagged {
				l.try("/v3/events", flagEvent(line, "ACTIVE", time.Now()), "")
			}
		}
		select {
		case <-over:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestKillWhileLinesAreFlagged kills one of two servers on one store again and
// again, while clients send and lines are flagged at random. Then a receiver
// that remembers ids has taken each accepted message once, in the order in
// which it was sent to its people, nothing is parked, and a replay of a key
// answers with the line that the message went out from.
func TestKillWhileLinesAreFlagged(t *testing.T) {
	rounds := 3
	switch {
	case os.Getenv("FROMLINE_LONG") != "":
		rounds = 50
	case testing.Short():
		rounds = 1
	}
	t.Parallel()
	for _, store := range []string{"sqlite", "postgres"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			if store == "postgres" {
				dsn = pgtest.Database(t)
			}
			flaggedRounds(t, dsn, rounds)
		})
	}
}

func flaggedRounds(t *testing.T, dsn string, rounds int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d (the kills fall where they fall)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	n := newNetwork(t)
	var lines []string
	for i, number := range ownLines {
		lines = append(lines, fmt.Sprintf(`{"id":"%d","phone_number":"%s"}`, i, number))
	}
	fleet := write(t, "fleet.json", `{"phone_numbers":[`+strings.Join(lines, ",")+`]}`)
	args := []string{"-fleet", fleet, "-store", dsn, "-deliver-url", n.URL, "-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0"}
	pair := []*process{start(t, args...), start(t, args...)}
	load := &clientLoad{stop: make(chan struct{}), patient: true}
	load.url.Store(&pair[0].url)
	for c := range 6 {
		load.wg.Go(func() { load.send(c) })
	}
	flaps := rand.New(rand.NewPCG(seed, 1))
	load.wg.Go(func() { n.flap(load, flaps) })
	over, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		n.tell(load, over)
	}()
	for range rounds {
		acked := load.acked.Load()
		enough := acked + 20 + int64(random.IntN(60))
		eventually(t, func() bool { return load.acked.Load() >= enough && n.hasRefused() })
		victim := random.IntN(2)
		load.url.Store(&pair[1-victim].url) // the other one serves on
		_ = pair[victim].kill()
		pair[victim] = startBeside(t, args...)
		load.url.Store(&pair[random.IntN(2)].url)
	}
	close(load.stop)
	load.wg.Wait()
	require.Empty(t, load.wrong)
	for _, p := range pair {
		eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/metrics"), "\nfromline_outbox_waiting 0\n") })
	}
	assert.Equal(t, `{"parked":[]}`, get(t, pair[0].ops+"/parked"))
	close(over)
	<-told
	n.check(t, load, rounds)
	for _, p := range pair {
		assert.Equal(t, 0, p.stop(t), p.logged())
	}
}

// check holds what the network took to what was acknowledged.
func (n *network) check(t *testing.T, l *clientLoad, kills int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	texts := map[string]int{}
	acked, moved := 0, 0
	for c, acks := range l.acks {
		last := map[string]int{} // by people: the client sends one after the other
		for _, a := range acks {
			acked++
			at := n.place[a.messageID]
			require.Positive(t, at, "client %d: %s was acknowledged and never taken", c, a.key)
			d := n.order[at-1]
			var content struct{ Parts []struct{ Value string } }
			require.NoError(t, json.Unmarshal(d.Message, &content))
			require.Equal(t, a.text, content.Parts[0].Value)
			texts[a.text]++
			if d.ChatID != a.chatID {
				moved++
			}
			people := strings.Join(d.To, ",")
			require.Greater(t, at, last[people], "client %d: %s was taken before an earlier one to the same people", c, a.key)
			last[people] = at

			status, answer := l.until(sendTo(d.To[0], a.text), a.key)
			var again struct {
				From    string
				Message struct{ ID string }
			}
			require.NoError(t, json.Unmarshal(answer, &again), string(answer))
			require.Equal(t, http.StatusAccepted, status)
			require.Equal(t, a.messageID, again.Message.ID)
			require.Equal(t, n.last[a.messageID], again.From, "client %d: %s went out from another line than its replay says", c, a.key)
		}
	}
	require.Len(t, n.order, acked, "every send was acknowledged in the end, and nothing else was taken")
	require.Len(t, texts, acked)
	t.Logf("%d kills: %d sends acknowledged, %d of them taken in another chat than was answered, %d refused for a line flagged in %d flips, %d came again",
		kills, acked, moved, n.flags, n.flips, n.again)
	require.Positive(t, n.flags)
}
