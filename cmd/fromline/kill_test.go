//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestKill kills the server again and again while clients send with keys and
// repeat what was not answered, as official clients do, and lines are flagged
// and recover. Then every send that was ever acknowledged was handed over, in
// the order of its chat, under one message id; and what was handed over is what
// was acknowledged. Messages leave the lines that are flagged (-reroute), so
// that a message may come in another chat than the one that was answered.
func TestKill(t *testing.T) {
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
			killRounds(t, dsn, rounds)
		})
	}
}

func killRounds(t *testing.T, dsn string, rounds int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d (the kills fall where they fall)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	file := filepath.Join(t.TempDir(), "deliveries")
	fleet := write(t, "fleet.json", `{"phone_numbers":[{"id":"1","phone_number":"+12052535597"},{"id":"2","phone_number":"+12052535598"},{"id":"3","phone_number":"+12052535599"}]}`)
	args := []string{"-fleet", fleet, "-store", dsn, "-deliveries", file, "-ops-addr", "127.0.0.1:0", "-addr", "127.0.0.1:0"}
	p := start(t, args...)
	load := &clientLoad{stop: make(chan struct{})}
	load.url.Store(&p.url)
	const clients = 6
	for c := range clients {
		load.wg.Go(func() { load.send(c) })
	}
	load.wg.Go(load.flap)
	for range rounds {
		acked := load.acked.Load()
		enough := acked + 20 + int64(random.IntN(60))
		eventually(t, func() bool { return load.acked.Load() >= enough })
		_ = p.kill()
		// The next one finds an address of its own: the old one may be another's by
		// now.
		load.url.Store(nil)
		p = start(t, args...)
		load.url.Store(&p.url)
	}
	close(load.stop)
	load.wg.Wait()
	require.Empty(t, load.wrong)
	// What a killed process was sending rests until its lease runs out.
	eventually(t, func() bool { return strings.Contains(get(t, p.ops+"/metrics"), "\nfromline_outbox_waiting 0\n") })
	assert.Equal(t, 0, p.stop(t), p.logged())
	load.check(t, deliveries(t, file), rounds)
}

// acknowledged is one send that got its 202.
type acknowledged struct {
	key, text         string
	messageID, chatID string
}

// clientLoad is clients that send one message after the other.
type clientLoad struct {
	url   atomic.Pointer[string] // nil between two processes
	stop  chan struct{}
	wg    sync.WaitGroup
	acked atomic.Int64

	token   string // empty if none is asked for
	patient bool   // repeats also while no line can open, which no client has to

	mu    sync.Mutex
	acks  map[int][]acknowledged // by client, in order
	wrong []string
}

func (l *clientLoad) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// send writes to the client's own people and, by turns, to people that all
// clients write to. It never gives up on a send.
func (l *clientLoad) send(c int) {
	for i := 0; !l.stopped(); i++ {
		to := fmt.Sprintf("+1415555%04d", 1000+c*2+i%2)
		if i%3 == 2 {
			to = "+14155559999"
		}
		key, text := fmt.Sprintf("client %d send %d", c, i), fmt.Sprintf("text %d of %d", i, c)
		status, answer := l.until(sendTo(to, text), key)
		if status != http.StatusAccepted {
			l.complain("client %d send %d was answered %d: %s", c, i, status, answer)
			return
		}
		if err := l.acknowledge(c, key, text, answer); err != nil {
			l.complain("client %d send %d: %v", c, i, err)
			return
		}
	}
}

// acknowledge notes an answer of 202.
func (l *clientLoad) acknowledge(client int, key, text string, answer []byte) error {
	var a struct {
		ChatID  string `json:"chat_id"`
		Message struct{ ID string }
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.acks == nil {
		l.acks = map[int][]acknowledged{}
	}
	l.acks[client] = append(l.acks[client], acknowledged{key, text, a.Message.ID, a.ChatID})
	l.acked.Add(1)
	return nil
}

func (l *clientLoad) complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// until repeats a send as official clients do: when there was no answer, and on
// 408, 409, 429 and every 5xx that does not forbid it.
func (l *clientLoad) until(body, key string) (status int, answer []byte) {
	status, answer, _ = l.untilTold(body, key)
	return status, answer
}

// untilTold is until, and says whether there were tries without an answer of
// theirs: what became of these is not known.
func (l *clientLoad) untilTold(body, key string) (status int, answer []byte, unanswered bool) {
	for {
		status, answer, again := l.try("/v3/messages", body, key)
		if !again && !(l.patient && status == http.StatusConflict) {
			return status, answer, unanswered
		}
		unanswered = true
		time.Sleep(5 * time.Millisecond)
	}
}

func (l *clientLoad) try(path, body, key string) (status int, answer []byte, again bool) {
	url := l.url.Load()
	if url == nil {
		return 0, nil, true
	}
	request, err := http.NewRequest("POST", *url+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	if l.token != "" {
		request.Header.Set("Authorization", "Bearer "+l.token)
	}
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, true
	}
	defer r.Body.Close()
	answer, err = io.ReadAll(r.Body)
	retry := r.StatusCode == 408 || r.StatusCode == 409 || r.StatusCode == 429 || r.StatusCode >= 500
	return r.StatusCode, answer, err != nil || retry && r.Header.Get("X-Should-Retry") != "false"
}

// flap flags a line and lets it recover, so that chats fail over.
func (l *clientLoad) flap() {
	for i := 0; !l.stopped(); i++ {
		line := fmt.Sprintf("+1205253559%d", 7+i/2%2)
		l.try("/v3/events", flagEvent(line, []string{"FLAGGED", "ACTIVE"}[i%2], time.Now()), "")
		time.Sleep(20 * time.Millisecond)
	}
}

// check holds what was handed over to what was acknowledged.
func (l *clientLoad) check(t *testing.T, sent []delivered, kills int) {
	chatOf, textOf := map[string]string{}, map[string]string{}
	firstAt := map[string]int{} // the place of a message's first line
	lastIn := map[string]string{}
	repeated := 0
	for i, d := range sent {
		var content struct{ Parts []struct{ Value string } }
		require.NoError(t, json.Unmarshal(d.Message, &content))
		if _, before := firstAt[d.MessageID]; before {
			repeated++
			// It comes again only if a crash left it unsettled: before anything
			// else of its chat.
			if d.ChatID == chatOf[d.MessageID] {
				require.Equal(t, d.MessageID, lastIn[d.ChatID], "a message came again behind a later one of its chat")
			}
			require.Equal(t, textOf[d.MessageID], content.Parts[0].Value)
			continue
		}
		firstAt[d.MessageID], chatOf[d.MessageID], textOf[d.MessageID] = i, d.ChatID, content.Parts[0].Value
		lastIn[d.ChatID] = d.MessageID
	}
	byText := map[string]int{}
	for _, text := range textOf {
		byText[text]++
	}
	acked := 0
	for c, acks := range l.acks {
		last := map[string]int{} // by chat: the client sends one after the other
		for _, a := range acks {
			acked++
			at, there := firstAt[a.messageID]
			require.True(t, there, "client %d: %s was acknowledged and never handed over", c, a.key)
			chat := chatOf[a.messageID]
			require.Equal(t, a.text, textOf[a.messageID])
			require.Equal(t, 1, byText[a.text], "%s was sent under two message ids", a.key)
			if before, any := last[chat]; any {
				require.Greater(t, at, before, "client %d: %s was handed over before an earlier one of its chat", c, a.key)
			}
			last[chat] = at
		}
	}
	require.Len(t, firstAt, acked, "every send was acknowledged in the end, and nothing else was sent")
	chats := map[string]bool{}
	for _, chat := range chatOf {
		chats[chat] = true
	}
	t.Logf("%d kills: %d sends acknowledged, %d chats, %d messages came twice", kills, acked, len(chats), repeated)
	require.LessOrEqual(t, repeated, kills*64, "a kill repeats what was being sent, no more")
}

// TestTornDeliveries says that a deliveries file that a power failure cut in
// the middle of a line is completed by the next start.
func TestTornDeliveries(t *testing.T) {
	file := write(t, "deliveries", `{"message_id":"0`)
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-deliveries", file, "-addr", "127.0.0.1:0")
	status, _ := p.send(t, "POST", "/v3/messages", sendTo("+14155559876", "hi"))
	require.Equal(t, 202, status)
	require.Equal(t, 0, p.stop(t))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	require.Len(t, lines, 2)
	assert.True(t, json.Valid(lines[1]))
}
