//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/cmd/fromline/internal/simulate"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
)

// silent is a server that accepts connections and answers nothing.
func silent(t *testing.T) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		var kept []net.Conn // what is not kept is closed one day
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			kept = append(kept, c)
		}
		for _, c := range kept {
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// lockedBuffer is written to by a process and read meanwhile.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestACommandThatWaitsSaysSo says that every command that opens a store tells
// that it still does, and for how long, where the store does not answer.
func TestACommandThatWaitsSaysSo(t *testing.T) {
	dir := t.TempDir()
	away := "postgres://app@" + silent(t) + "/app?sslmode=disable&connect_timeout=600"
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	fleet := file("fleet.json", twoLines)
	shards := file("shards.json", fmt.Sprintf(`{"directory": "one", "shards": {"one": %q, "two": %[1]q}}`, away))
	id := "0198c0de-0000-7000-8000-000000000001"
	args := map[string][]string{
		"route": {"-fleet", fleet, "-store", away}, "import": {"-store", away}, "copy": {"-from", away, "-to", "sqlite:" + filepath.Join(dir, "to.db")},
		"move-tenant": {"-store", "sharded:" + shards, "-tenant", "acme", "-to", "two"},
		"doctor":      {"-store", away}, "explain": {"-store", away, id}, "lines": {"-store", away}, "parked": {"list", "-store", away}, "migrate": {"-store", away},
	}
	for _, c := range commands() {
		if c.add == nil || c.name == "serve" || c.name == "simulate" { // whose log says it; which has no store
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.NotNil(t, args[c.name], "a new command")
			says := map[string]string{"migrate": "bringing the schema up to date", "move-tenant": "looking for the tenant"}[c.name]
			waitsAndSays(t, cmp.Or(says, openingStore), append([]string{c.name}, args[c.name]...)...)
		})
	}
}

// waitsAndSays runs a command until it says what it does, and for how long so
// far.
func waitsAndSays(t *testing.T, what string, args ...string) {
	t.Helper()
	waitsAndSaysOn(t, nil, regexp.QuoteMeta(what+", for "), args...)
}

// waitsAndSaysOn is waitsAndSays with a place for standard output and a pattern
// of what is said.
func waitsAndSaysOn(t *testing.T, stdout io.Writer, pattern string, args ...string) {
	t.Helper()
	says := regexp.MustCompile(pattern)
	var told lockedBuffer
	cmd := subprocess(t, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stdout = stdout
	cmd.Stderr = &told
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	for !says.MatchString(told.String()) {
		select {
		case <-ended:
			t.Fatalf("it ended: %s", told.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	require.NoError(t, cmd.Process.Kill())
	<-ended
}

// TestACommandThatReadsSaysSo says the same of what comes after the store is
// open.
func TestACommandThatReadsSaysSo(t *testing.T) {
	dsn := pgtest.Database(t)
	filled(t, dsn, 10)
	_, err := pgtest.Connect(t, dsn).Exec(t.Context(), "BEGIN; LOCK TABLE fromline.tenant, fromline.chat, fromline.line, fromline.line_state")
	require.NoError(t, err)
	id := "0198c0de-0000-7000-8000-000000000001"
	for what, args := range map[string][]string{
		"reading the record":    {"explain", "-store", dsn, id},
		"reading the lines":     {"lines", "-store", dsn},
		"reading the tenants":   {"import", "-store", dsn},
		"waiting for the store": {"parked", "list", "-store", dsn},
		"looking at the store":  {"doctor", "-store", dsn},
		"copying":               {"copy", "-from", dsn, "-to", "sqlite:" + filepath.Join(t.TempDir(), "to.db")},
	} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			waitsAndSays(t, what, args...)
		})
	}
}

// late is a progress for which it is time to tell something.
func late(out *bytes.Buffer) *progress {
	began := time.Now().Add(-10 * time.Second)
	return &progress{out: out, started: began, told: began}
}

// TestWalksTellHowFarTheyAre says that a walk over chats tells how many it has
// seen and how fast, and that treating parked messages also tells how many are
// left.
func TestWalksTellHowFarTheyAre(t *testing.T) {
	chats := memory.New(memory.Options{})
	defer chats.Close()
	require.NoError(t, chats.Apply(t.Context(), defaultTenant, []store.Event{stored("+12055550101", time.Time{}, "+14155550031")}))
	var out bytes.Buffer
	_, err := takeCensus(t.Context(), chats, defaultTenant, time.Now(), late(&out))
	require.NoError(t, err)
	assert.Regexp(t, `^chats of tenant default: 1, \d+/s\n$`, out.String())

	out.Reset()
	p := &parkedProgress{Outbox: parkedOutbox{chats}, progress: late(&out)}
	n, err := delivery.Drop.All(t.Context(), p, defaultTenant, delivery.Selection{})
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	assert.Regexp(t, `^found: 4, looked at: 4 of at most 6, \d+/s, \d+s left\n$`, out.String())
	out.Reset()
	p.progress, p.done, p.since = late(&out), 1, time.Now().Add(-1000*time.Second)
	require.NoError(t, p.Release(t.Context(), defaultTenant, uuid.New(), false))
	assert.Regexp(t, `^done: 1 of 4, 4/h, 50m\d+s left\n$`, out.String(), "the time for finding them does not count")
}

// parkedOutbox has four parked deliveries, with which anything can be done.
type parkedOutbox struct{ store.Outbox }

func (parkedOutbox) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	return make([]store.ParkedDelivery, 4), uuid.Nil, nil
}
func (parkedOutbox) Backlog(context.Context) (store.Backlog, error) {
	return store.Backlog{Parked: 6}, nil // with those of other tenants
}
func (parkedOutbox) Release(context.Context, string, uuid.UUID, bool) error { return nil }
func (parkedOutbox) Drop(context.Context, string, uuid.UUID) error          { return nil }

// TestEachStepOfACopyTellsWhatIsLeft says that the rate and the time left of a
// step are those of that step, also if it is made again.
func TestEachStepOfACopyTellsWhatIsLeft(t *testing.T) {
	var out bytes.Buffer
	p := &copyProgress{progress: late(&out)}
	tell := func(step move.Step, done, total int) string {
		out.Reset()
		p.told = time.Now().Add(-10 * time.Second)
		p.tell(move.Progress{Step: step, Done: done, Total: total})
		return out.String()
	}
	for _, step := range []move.Step{move.Copying, move.Comparing, move.CatchingUp, move.Comparing, move.Comparing, move.Removing} {
		tell(step, 1000, 11800)
		p.since = p.since.Add(-time.Hour)
		assert.Regexp(t, "^"+step.String()+`: 8200 of 11800, 2/s, 30m\d+s left\n$`, tell(step, 8200, 11800))
	}
	assert.Equal(t, "waiting for other processes, 5s left\n", tell(move.Waiting, 2000, 7000))
	assert.Empty(t, tell(move.Copying, 0, 0))
}

// TestAListLeavesNoProgressBehind says that a list of parked messages tells how
// far it is while it finds none, and that on a terminal each row stands on a
// line of its own.
func TestAListLeavesNoProgressBehind(t *testing.T) {
	var screen bytes.Buffer
	p := late(&screen)
	p.terminal = true
	for _, f := range []parkedFlags{{}, {json: true}} {
		screen.Reset()
		p.told = time.Now().Add(-10 * time.Second)
		require.NoError(t, f.list(t.Context(), &parkedProgress{Outbox: parkedOutbox{}, progress: p}, p.clearing(&screen)))
		progress, rows, _ := strings.Cut(screen.String(), "\r\x1b[K")
		assert.Regexp(t, `^\rfound: 4, looked at: 4 of at most 6, \d+/s, \d+s left\x1b\[K$`, progress)
		assert.GreaterOrEqual(t, strings.Count(rows, "\n"), 4)
		assert.NotContains(t, rows, "\r")
	}
}

// TestASimulationTellsWhatIsLeft says the same of a simulation, also if
// standard error is no terminal.
func TestASimulationTellsWhatIsLeft(t *testing.T) {
	var out bytes.Buffer
	p := late(&out)
	p.started = time.Now().Add(-1000 * time.Second)
	plan := simulate.Plan{Seeds: []uint64{1, 2}, Models: make([]simulate.Model, 1), Guards: make([]simulate.Guard, 3), Scene: simulate.Scene{Days: 20}}
	s := &simulationProgress{progress: p, plan: &plan}
	assert.Regexp(t, `^simulating the first day, for 16m4\ds so far$`, s.text(time.Now()))
	s.tell(simulate.Progress{Seed: 1, Guard: 2, Day: 7, Done: 2000, All: 8000})
	assert.Regexp(t, `^seed 2/2 model 1/1 guard 3/3 day 7/20, 2 days/s, 50m\d+s left\n$`, out.String())
	assert.Regexp(t, `^seed 2/2 model 1/1 guard 3/3 day 7/20, 30 days/min, 3h\d+m\d+s left$`, s.text(p.started.Add(4000*time.Second)), "the next day takes long")
	// On a fast machine the first day may be over before it is time to tell of it.
	waitsAndSaysOn(t, nil, `simulating the first day, for |seed 1/1 model 1/\d+ guard 1/\d+ day \d+/`, "simulate", "-lines", "10000", "-seeds", "1")
}

// TestReadingTellsHowFarItIs says that reading lines tells how many and how
// fast, and of a file also how much time is left, which a pipe does not tell.
func TestReadingTellsHowFarItIs(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "sends.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	require.NoError(t, file.Truncate(1000))
	pipe, _, err := os.Pipe()
	require.NoError(t, err)
	defer pipe.Close()
	for says, input := range map[string]*os.File{
		`^100 lines, 1/s, 5m0s left: 2 refusals\n$`: file,
		`^100 lines, 1/s: 2 refusals\n$`:            pipe,
	} {
		var out bytes.Buffer
		p := newProgress(&out, input)
		p.read.Store(250)
		p.tell(p.started.Add(100*time.Second), 100, plural(2, "refusal"))
		assert.Regexp(t, says, out.String())
	}
}

// TestRouteTellsHowFarItIsInAPipe says that route does that also if no part of
// it is a terminal, and that its answers are as they would be without.
func TestRouteTellsHowFarItIsInAPipe(t *testing.T) {
	fleet := filepath.Join(t.TempDir(), "fleet.json")
	require.NoError(t, os.WriteFile(fleet, []byte(twoLines), 0o600))
	var answers, told lockedBuffer
	cmd := subprocess(t, os.Args[0], "route", "-fleet", fleet)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stdout, cmd.Stderr = &answers, &told
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	sent := 0
	for ; told.String() == "" && sent < 6000; sent++ {
		_, err := io.WriteString(input, sendTo("+14155559876", "hi")+"\n")
		require.NoError(t, err)
		time.Sleep(20 * time.Millisecond)
	}
	require.NoError(t, input.Close())
	require.NoError(t, cmd.Wait(), told.String())
	assert.Regexp(t, `^(\d+ lines, \d+/s: 0 refusals\n)+$`, told.String())
	assert.Equal(t, sent, strings.Count(answers.String(), "\n"))
}

// TestOneLineOfProgress says that what is told beside a long step is told only
// if nothing else was, and that on a terminal the line is taken off at the end.
func TestOneLineOfProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, nil)
		p.terminal = true
		require.NoError(t, p.during("waiting", func() error {
			for until := time.Now().Add(progressEvery + progressEvery/2); time.Now().Before(until); time.Sleep(time.Millisecond) {
				p.tellOf("working", 1, 2, p.started)
			}
			return nil
		}))
		assert.LessOrEqual(t, strings.Count(out.String(), "\r"), 3, "%q", out.String())
		assert.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"), "%q", out.String())
	})
	var none *progress
	require.ErrorIs(t, none.during("nothing", func() error { return os.ErrClosed }), os.ErrClosed)
	none.tellShare("x", 1, 0, time.Now())
	none.clear()
}

// TestWorkThatTellsIsNotIdle says that what the work has to tell goes before
// the word that it goes on, which would else come first again and again.
func TestWorkThatTellsIsNotIdle(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &progress{started: start, told: start}
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	assert.False(t, p.idle(at(1)))
	assert.False(t, p.due(at(1.5)))
	assert.False(t, p.idle(at(2)), "the work had something half a second ago")
	assert.True(t, p.due(at(2.1)))
	assert.False(t, p.idle(at(4)))
	assert.True(t, p.idle(at(4.2)))
	assert.False(t, p.due(at(4.3)))
	assert.Equal(t, "just begun", pace(time.Second, 0, 0))
}
