//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// result is the result of one server in one round.
type result struct {
	sends, failures int64
	took, cpu       time.Duration
	client          time.Duration // processor time of this program
	engine          engine        // work of PostgreSQL
	handed          float64       // part of the accepted messages that was handed over
	rss             float64
	latencies       []time.Duration // sorted
}

func (r *result) rate() float64                { return float64(r.sends) / r.took.Seconds() }
func (r *result) each(d time.Duration) float64 { return per(d.Microseconds(), r.sends) }

func per(n, sends int64) float64 { return float64(n) / float64(max(1, sends)) }

func (r *result) percentile(p int) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[len(r.latencies)*p/100].Round(time.Microsecond)
}

// measured runs a round, and adds the work of the server and its engine
// meanwhile.
func (s *server) measured(round func() result) result {
	engine, cpu := s.engine(), s.cpuTime()
	client := statOf(os.Getpid()).cpu
	handed, accepted := s.handedOver()
	r := round()
	r.cpu, r.rss, r.client = s.cpuTime()-cpu, s.memory(), statOf(os.Getpid()).cpu-client
	handedNow, acceptedNow := s.handedOver()
	r.handed = (handedNow - handed) / max(1, acceptedNow-accepted)
	r.engine = s.engine().since(engine)
	return r
}

// load sends over all connections until the duration is over.
func (s *server) load(o options, connections int) result {
	var r result
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	until := began.Add(o.duration)
	for range connections {
		wg.Go(func() {
			took, failed := s.connection(func(time.Time) (time.Time, bool) { return time.Now(), time.Now().Before(until) })
			mu.Lock()
			defer mu.Unlock()
			r.latencies = append(r.latencies, took...)
			r.failures += failed
		})
	}
	wg.Wait()
	r.took, r.sends = time.Since(began), int64(len(r.latencies))
	slices.Sort(r.latencies)
	return r
}

// connection sends messages over one connection. next returns the time of the
// next message, and false at the end; connection waits for that time.
func (s *server) connection(next func(time.Time) (due time.Time, more bool)) (took []time.Duration, failed int64) {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return nil, 1
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out []byte
	for {
		began, more := next(time.Now())
		if !more {
			return took, failed
		}
		n := s.sent.Add(1)
		body := fmt.Sprintf(`{"to":["+%d"],"message":{"parts":[{"type":"text","value":"Hi! Thanks for reaching out — how can we help?"}]}}`, digits(int(n)*7919%s.people))
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
