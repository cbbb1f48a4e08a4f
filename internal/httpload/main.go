//go:build unix

// Command httpload measures the server over loopback: it starts fromline serve on
// each store, and beside them a handler that only decodes and encodes the same
// bytes, and sends to them by turns over connections that are kept, from this
// process. It prints sends a second, latencies, and the processor time and memory
// of the server.
//
//	go run ./internal/httpload -rounds 5 -for 4s
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.duration, "for", 4*time.Second, "how long to send to each server in each round")
	flag.IntVar(&o.rounds, "rounds", 5, "how often to go round all servers")
	flag.IntVar(&o.connections, "connections", 16, "connections that send at the same time")
	flag.IntVar(&o.people, "people", 2000, "different people to write to: the first message to each opens a chat")
	flag.StringVar(&o.only, "only", "bare,memory,sqlite,postgres", "servers to measure; untraced is memory whose records keep no traces")
	bare := flag.Bool("bare", false, "be the bare server")
	flag.Parse()
	if *bare {
		serveBare()
		return
	}
	if err := measure(o); err != nil {
		fmt.Fprintln(os.Stderr, "httpload:", err)
		os.Exit(1)
	}
}

type options struct {
	duration    time.Duration
	rounds      int
	connections int
	people      int
	only        string
}

// measure sends to all servers by turns and prints what it saw.
func measure(o options) error {
	servers, stop, err := startAll(strings.Split(o.only, ","))
	defer stop()
	if err != nil {
		return err
	}
	fmt.Printf("# %d connections, %d people, one text each with an idempotency key of its own, %d cores, %s\n", o.connections, o.people, runtime.NumCPU(), runtime.Version())
	fmt.Println("# round server sends/s p50 p99 server-cpu-µs/send rss-MB failures")
	for round := range o.rounds {
		for _, s := range servers {
			r := s.load(o)
			fmt.Printf("%d %-8s %8.0f %10v %10v %8.1f %7.1f %d\n", round, s.name, float64(r.sends)/r.took.Seconds(),
				r.percentile(50), r.percentile(99), float64(r.cpu.Microseconds())/float64(max(1, r.sends)), r.rss, r.failures)
		}
	}
	return nil
}
