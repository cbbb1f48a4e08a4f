package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
)

// lossless is the law of the package: under any schedule of faults, kills and
// restarts nothing is lost, the order within each chat is kept, and nothing is
// sent more often than the attempts allow.
func lossless(t *rapid.T) {
	chats := rapid.IntRange(1, 4).Draw(t, "chats")
	w := &world{
		outbox:   newOutbox(),
		seed:     rapid.Uint64().Draw(t, "seed"),
		attempts: rapid.IntRange(1, 6).Draw(t, "attempts"),
		storeBad: rapid.SampledFrom([]float64{0, 0.1, 0.4}).Draw(t, "faults of the store"),
		netBad:   rapid.SampledFrom([]float64{0, 0.2, 0.7}).Draw(t, "faults of the network"),
		calls:    map[string]int{}, taken: map[uuid.UUID][]time.Time{}, sends: map[uuid.UUID]int{}, sending: map[int]int{},
		committed: make([]int, chats),
	}
	options := delivery.Options{Concurrency: rapid.IntRange(1, 3).Draw(t, "concurrency")}
	type running struct {
		p    *process
		stop func()
		done chan struct{}
	}
	var alive, ended, started []running
	// A fuzz input that is too short ends a draw by a panic; a process that runs
	// then is stopped, or the bubble could not end.
	defer func() {
		for _, r := range started {
			r.stop()
			<-r.done
		}
	}()
	send := func() {
		c := rapid.IntRange(0, chats-1).Draw(t, "chat")
		var by *process
		if len(alive) > 0 && rapid.Bool().Draw(t, "by a process") {
			by = alive[rapid.IntRange(0, len(alive)-1).Draw(t, "which")].p
		}
		w.send(t, by, c)
	}
	send()
	for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"send", "send", "start", "stop", "kill", "wait", "outage"}).Draw(t, "step") {
		case "send":
			send()
		case "start":
			if len(alive) < 3 {
				p, stop, done := w.start(fmt.Sprint("process ", i), options)
				alive = append(alive, running{p, stop, done})
				started = append(started, running{p, stop, done})
			}
		case "stop", "kill":
			if len(alive) == 0 {
				continue
			}
			r := alive[0]
			alive = alive[1:]
			if rapid.Bool().Draw(t, "kill") {
				r.p.kill()
			}
			r.stop()
			ended = append(ended, r)
		case "outage":
			down := time.Now().Add(time.Duration(rapid.IntRange(1, 40_000).Draw(t, "ms")) * time.Millisecond)
			w.mu.Lock() // after the draw, which may panic
			w.down = down
			w.mu.Unlock()
			w.outages++
		case "wait":
			time.Sleep(time.Duration(rapid.IntRange(1, 60_000).Draw(t, "ms")) * time.Millisecond)
		}
	}
	w.soothe()
	for _, r := range alive {
		r.stop()
		ended = append(ended, r)
	}
	w.finish(t, options)
	for _, r := range ended {
		<-r.done
	}
	require.Empty(t, w.broken)
	parked := w.parked(t)
	for c, n := range w.committed {
		for m := range n {
			id := messageID(c, m)
			isParked := parked[id]
			require.True(t, len(w.taken[id]) > 0 || isParked, "message %d of chat %d is lost", m, c)
			if w.storeBad == 0 && w.netBad == 0 && w.kills == 0 && w.outages == 0 {
				require.False(t, isParked, "nothing failed, and message %d of chat %d is parked", m, c)
			}
		}
	}
}

func TestNothingIsLostAndOrderIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, lossless) })
}

func FuzzNothingIsLostAndOrderIsKept(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { rapid.SyncTest(t, lossless) }))
}
