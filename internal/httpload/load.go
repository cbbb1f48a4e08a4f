//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

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
		out = fmt.Appendf(out[:0], "POST /v3/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: key-%d\r\nContent-Length: %d\r\n\r\n%s", n, len(body), body)
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
