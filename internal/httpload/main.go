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
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fromline/fromline/internal/pgtest"
)

func main() {
	var o options
	flag.DurationVar(&o.duration, "for", 4*time.Second, "how long to send to each server in each round")
	flag.IntVar(&o.rounds, "rounds", 5, "how often to go round all servers")
	flag.IntVar(&o.connections, "connections", 16, "connections that send at the same time")
	flag.IntVar(&o.people, "people", 2000, "different people to write to: the first message to each opens a chat")
	flag.StringVar(&o.only, "only", "bare,memory,sqlite,postgres", "servers to measure")
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

func measure(o options) error {
	dir, err := os.MkdirTemp("", "httpload")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command := filepath.Join(dir, "fromline")
	if out, err := exec.Command("go", "build", "-o", command, "./cmd/fromline").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	fleet := filepath.Join(dir, "fleet.json")
	if err := os.WriteFile(fleet, fleetFile(50), 0o600); err != nil {
		return err
	}
	var servers []*server
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	for name := range strings.SplitSeq(o.only, ",") {
		store := map[string]string{"memory": "memory:", "sqlite": "sqlite:" + filepath.Join(dir, "chats.db")}[name]
		cmd := exec.Command(command, "serve", "-addr", "127.0.0.1:0", "-fleet", fleet, "-deliveries", "/dev/null", "-log-level", "INFO")
		switch name {
		case "bare":
			self, err := os.Executable()
			if err != nil {
				return err
			}
			cmd = exec.Command(self, "-bare")
		case "postgres":
			pg, err := pgtest.New(pgtest.Options{})
			if err != nil {
				return err
			}
			defer pg.Close()
			store = pg.DSN("postgres")
			fallthrough
		default:
			cmd.Args = append(cmd.Args, "-store", store)
		}
		s, err := startServer(name, cmd)
		if err != nil {
			return err
		}
		servers = append(servers, s)
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

// fleetFile is a fleet of n lines.
func fleetFile(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"phone_numbers":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","phone_number":"+1205253%04d"}`, i, 5000+i)
	}
	b.WriteString("]}")
	return []byte(b.String())
}
