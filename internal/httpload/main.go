//go:build unix

// Command httpload measures the server over loopback. It starts fromline serve
// on each store, and beside them a handler that only decodes and encodes the
// same bytes, and sends to them in turn from this process, over connections
// that it keeps. It prints sends per second, latencies, the processor time and
// memory of the server and of PostgreSQL, and the part of the accepted messages
// that was handed over.
//
//	go run ./internal/httpload -rounds 5 -for 4s
//	go run ./internal/httpload -open -for 10s
//
// With -open it sends at constant rates: at 20, 50 and 80 % of the most that
// the server took from all connections. If a send begins late because the
// server was busy, its latency counts from when it was due.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.duration, "for", 4*time.Second, "how long to send to each server in each round")
	flag.IntVar(&o.rounds, "rounds", 5, "how often to go round all servers")
	connections := flag.String("connections", "16", "connections that send at the same time, perhaps several numbers: 1,16,64")
	flag.IntVar(&o.people, "people", 2000, "different people to write to: the first message to each opens a chat")
	flag.StringVar(&o.only, "only", "bare,memory,sqlite,postgres", "servers to measure: `[old-][hot-|full-]STORE[@RECEIVER][/CONCURRENCY]`, with commas between; a STORE is bare, raw, memory, untraced, sqlite, postgres or slow")
	flag.StringVar(&o.old, "old", "", "an older fromline `command`, for servers named old-…")
	flag.StringVar(&o.to, "to", "/dev/null", "where messages are handed over: a `path`, file for a regular file, or how long an HTTP receiver takes, such as 20ms")
	flag.IntVar(&o.full, "full", 5_000_000, "`chats` that a full-… server knows before")
	flag.BoolVar(&o.open, "open", false, "send at constant rates")
	pages := flag.String("pages", "", "draw the plots and write the tables of BENCHMARKS.md and docs/performance.md from the results below a `directory`, and do nothing else")
	bare := flag.Bool("bare", false, "be the bare server")
	raw := flag.String("raw", "", "a `path` of a SQLite file that the bare server writes sends into")
	flag.Parse()
	if *bare {
		serveBare(*raw)
		return
	}
	if *pages != "" {
		if err := writePages(*pages); err != nil {
			fmt.Fprintln(os.Stderr, "httpload:", err)
			os.Exit(1)
		}
		return
	}
	for _, text := range strings.Split(*connections, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "httpload: -connections: %q is no number of connections\n", text)
			os.Exit(2)
		}
		o.connections = append(o.connections, n)
	}
	if err := measure(o); err != nil {
		fmt.Fprintln(os.Stderr, "httpload:", err)
		os.Exit(1)
	}
}

type options struct {
	duration    time.Duration
	rounds      int
	connections []int
	people      int
	full        int
	only        string
	old, to     string
	open        bool
}

// measure sends to all servers in turn and prints the results.
func measure(o options) error {
	servers, stop, err := startAll(o)
	defer stop()
	if err != nil {
		return err
	}
	fmt.Printf("# %d people, one text each with an idempotency key of its own, handed over to %s, %d cores, %s\n", o.people, o.to, runtime.NumCPU(), runtime.Version())
	fmt.Println("# a disk is synced where the store has one; cpu is that of the server, and of PostgreSQL, a send; handed is what of the accepted was handed over at the end of the round")
	if o.open {
		return measureOpen(o, servers)
	}
	for _, s := range servers { // open the chats, and let sessions prepare their plans
		s.load(o, 16)
	}
	fmt.Println("# round connections server sends/s p50 p99 cpu-µs/send postgres-µs/send transactions/send syncs/send handed rss-MB failures load")
	for round := range o.rounds {
		for _, connections := range o.connections {
			for i := range servers {
				s := servers[(i+round)%len(servers)] // each server is as often the first
				r := s.measured(func() result { return s.load(o, connections) })
				fmt.Printf("%d %3d %-12s %8.0f %10v %10v %8.1f %8.1f %6.2f %6.3f %6.3f %7.1f %d %.1f\n", round, connections, s.name, r.rate(),
					r.percentile(50), r.percentile(99), r.each(r.cpu), r.each(r.engine.cpu), per(r.engine.transactions, r.sends), per(r.engine.syncs, r.sends),
					r.handed, r.rss, r.failures, loadAverage())
			}
		}
	}
	return nil
}
