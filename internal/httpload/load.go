//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// server is one server under load, in a process of its own.
type server struct {
	name string
	cmd  *exec.Cmd
	addr string
	sent atomic.Int64 // sends over all rounds, for keys that are new
}

// startServer starts a server and returns when it says where it listens.
func startServer(name string, cmd *exec.Cmd) (*server, error) {
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: name, cmd: cmd}
	lines := bufio.NewReader(stderr)
	var said strings.Builder
	for {
		text, err := lines.ReadString('\n')
		said.WriteString(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %s", name, said.String())
		}
		var line struct{ Msg, Addr string }
		if json.Unmarshal([]byte(text), &line) == nil && line.Msg == "listening" {
			s.addr = line.Addr
			go io.Copy(io.Discard, lines)
			return s, nil
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// result is what one server did in one round.
type result struct {
	sends, failures int64
	took, cpu       time.Duration
	rss             float64
	latencies       []time.Duration // sorted
}

func (r *result) percentile(p int) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[len(r.latencies)*p/100].Round(time.Microsecond)
}

// load sends over all connections until the time is over.
func (s *server) load(o options) result {
	var r result
	var mu sync.Mutex
	var wg sync.WaitGroup
	began, before := time.Now(), s.cpuTime()
	until := began.Add(o.duration)
	for range o.connections {
		wg.Go(func() {
			took, failed := s.connection(o, until)
			mu.Lock()
			defer mu.Unlock()
			r.latencies = append(r.latencies, took...)
			r.failures += failed
		})
	}
	wg.Wait()
	r.took, r.cpu, r.sends = time.Since(began), s.cpuTime()-before, int64(len(r.latencies))
	r.rss = s.memory()
	slices.Sort(r.latencies)
	return r
}

// connection sends one message after the other over one connection.
func (s *server) connection(o options, until time.Time) (took []time.Duration, failed int64) {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return nil, 1
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out []byte
	for {
		began := time.Now()
		if began.After(until) {
			return took, failed
		}
		n := s.sent.Add(1)
		body := fmt.Sprintf(`{"to":["+1415%07d"],"message":{"parts":[{"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}]}}`, 5550000+int(n)%o.people)
		out = fmt.Appendf(out[:0], "POST /v3/messages HTTP/1.1\r\nHost: fromline\r\nContent-Type: application/json\r\nIdempotency-Key: key-%d\r\nContent-Length: %d\r\n\r\n%s", n, len(body), body)
		if _, err := conn.Write(out); err != nil {
			return took, failed + 1
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return took, failed + 1
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return took, failed + 1
		}
		if answer.StatusCode != http.StatusAccepted {
			failed++
			continue
		}
		took = append(took, time.Since(began))
	}
}

// cpuTime is the processor time that the server has used, from its /proc entry;
// zero where there is none. That of PostgreSQL is not in it.
func (s *server) cpuTime() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	const tick = time.Second / 100
	return time.Duration(user+system) * tick
}

// memory is the resident memory of the server in megabytes, 0 where it cannot be
// told.
func (s *server) memory() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return float64(kilobytes) / 1024
		}
	}
	return 0
}
