//go:build unix

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/memory"
)

// sample is the metrics of a server at one moment under load.
type sample struct {
	sends                 float64 // answered so far
	goroutines, files     float64
	liveHeap, residentSet float64 // bytes
}

// look reads the metrics of a server.
func (s *server) look() (sample, error) {
	values, err := s.metrics()
	return sample{
		sends:       values[`fromline_request_seconds_count{endpoint="messages",status="202"}`],
		goroutines:  values["go_goroutines"],
		files:       values["process_open_fds"],
		liveHeap:    values["go_gc_heap_live_bytes"],
		residentSet: values["process_resident_memory_bytes"],
	}, err
}

// TestSustained sends to the server on each store for a while: for minutes with
// FROMLINE_LONG=1, or for the time in FROMLINE_SUSTAINED. It compares the
// second half with the first: goroutines, open files and the used heap do not
// grow, except for the records that a memory store keeps by design. The server
// accepts every send.
func TestSustained(t *testing.T) {
	lasts, names := 2*time.Second, []string{"memory"} // long enough to see that it works
	if testing.Short() {
		lasts = 500 * time.Millisecond
	}
	if os.Getenv("FROMLINE_LONG") != "" {
		lasts, names = 150*time.Second, []string{"memory", "sqlite", "postgres"}
	}
	if text := os.Getenv("FROMLINE_SUSTAINED"); text != "" {
		var err error
		lasts, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			servers, stop, err := startAll(options{only: name, to: "/dev/null", people: 2000})
			defer stop()
			require.NoError(t, err)
			samples := sustain(t, servers[0], lasts)
			tell(t, samples)
			quarters := quarter(samples)
			before, after := quarters[1], quarters[3] // the first quarter is for warming up
			open := float64(connections)
			if name == "memory" { // which gets an open load
				open = openConnections
			}
			// Running requests come and go: up to four goroutines and a file
			// for each connection. A leak grows with the sends.
			assert.LessOrEqual(t, after.goroutines, before.goroutines+4*open)
			assert.LessOrEqual(t, after.files, before.files+open)
			sends, grown := after.sends-before.sends, after.liveHeap-before.liveHeap
			t.Logf("in half of the time the live heap grew by %.0f bytes for each of %.0f sends", grown/sends, sends)
			const noise, record = 4 << 20, 1000 // bytes; a memory store keeps a record of a send for seven days
			if name == "memory" {
				assert.Less(t, grown, record*sends+noise)
			} else {
				assert.Less(t, grown, before.liveHeap/4+noise)
			}
		})
	}
}

// connections is how many clients send at once.
const connections = 16

// sustain sends for some time, and takes forty samples meanwhile.
func sustain(t *testing.T, s *server, lasts time.Duration) []sample {
	t.Helper()
	o := options{duration: lasts}
	done := make(chan result, 1)
	load := func() result { return s.load(o, connections) }
	if s.name == "memory" { // at full speed it would be full before the end, and refuse
		load = func() result { return s.loadOpen(o, min(6000, 0.9*memory.DefaultMaxRecords/lasts.Seconds())) }
	}
	go func() { done <- s.measured(load) }()
	var samples []sample
	every := time.NewTicker(lasts / 40)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			seen, err := s.look()
			require.NoError(t, err)
			samples = append(samples, seen)
		case r := <-done:
			require.Zero(t, r.failures)
			t.Logf("%d sends in %v: %.0f a second, p50 %v, p99 %v, %.1f µs of the server's processor time each",
				r.sends, r.took.Round(time.Millisecond), float64(r.sends)/r.took.Seconds(), r.percentile(50), r.percentile(99), float64(r.cpu.Microseconds())/float64(r.sends))
			return samples
		}
	}
}

// quarter returns the median of each quarter of the time.
func quarter(samples []sample) (quarters [4]sample) {
	for i := range quarters {
		part := samples[len(samples)*i/4 : len(samples)*(i+1)/4]
		median := func(of func(sample) float64) float64 {
			var values []float64
			for _, s := range part {
				values = append(values, of(s))
			}
			slices.Sort(values)
			return values[len(values)/2]
		}
		quarters[i] = sample{
			sends:       median(func(s sample) float64 { return s.sends }),
			goroutines:  median(func(s sample) float64 { return s.goroutines }),
			files:       median(func(s sample) float64 { return s.files }),
			liveHeap:    median(func(s sample) float64 { return s.liveHeap }),
			residentSet: median(func(s sample) float64 { return s.residentSet }),
		}
	}
	return quarters
}

// tell logs some samples.
func tell(t *testing.T, samples []sample) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%9s %10s %5s %12s %7s\n", "sends", "goroutines", "files", "live-heap-MB", "rss-MB")
	for i := 0; i < len(samples); i += max(1, len(samples)/10) {
		s := samples[i]
		fmt.Fprintf(&b, "%9.0f %10.0f %5.0f %12.1f %7.1f\n", s.sends, s.goroutines, s.files, s.liveHeap/1e6, s.residentSet/1e6)
	}
	t.Log(b.String())
}
