//go:build unix

package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// openConnections is the number of connections of an open load, and so the
// largest number of sends that run at once.
const openConnections = 128

// measureOpen finds the highest rate of each server, and sends at parts of it.
// The bare server gets the rates of the next server: it shows the cost of all
// but fromline.
func measureOpen(o options, servers []*server) error {
	fmt.Println("# server part-of-top due/s sends/s p50 p90 p99 p99.9 cpu-µs/send postgres-µs/send client-µs/send handed failures load")
	tops := make([]float64, len(servers))
	for i, s := range servers {
		s.load(o, 64) // open the chats and fill the caches
		r := s.load(o, 64)
		tops[i] = r.rate()
		fmt.Printf("# top of %s: %.0f sends/s from 64 connections, p50 %v, p99 %v\n", s.name, r.rate(), r.percentile(50), r.percentile(99))
	}
	for i, s := range servers[:len(servers)-1] {
		if s.name == "bare" {
			tops[i] = tops[i+1]
		}
	}
	for range o.rounds {
		for _, part := range []int{20, 50, 80} {
			for i, s := range servers {
				rate := tops[i] * float64(part) / 100
				r := s.measured(func() result { return s.loadOpen(o, rate) })
				fmt.Printf("%-12s %2d%% %8.0f %8.0f %10v %10v %10v %10v %8.1f %8.1f %8.1f %6.3f %d %.1f\n", s.name, part, rate, r.rate(),
					r.permille(500), r.permille(900), r.permille(990), r.permille(999), r.each(r.cpu), r.each(r.engine.cpu), r.each(r.client), r.handed, r.failures, loadAverage())
			}
		}
	}
	return nil
}

func (r *result) permille(p int) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(len(r.latencies)-1, len(r.latencies)*p/1000)].Round(time.Microsecond)
}

// loadOpen sends at a rate. The latency of a send counts from when it was due.
// So a server that stops for a while is late for all sends that were due
// meanwhile.
func (s *server) loadOpen(o options, rate float64) result {
	var r result
	var mu sync.Mutex
	var wg sync.WaitGroup
	var next atomic.Int64
	began := time.Now()
	all := int64(rate * o.duration.Seconds())
	for range openConnections {
		wg.Go(func() {
			took, failed := s.connection(func(now time.Time) (time.Time, bool) {
				n := next.Add(1) - 1
				due := began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
				if n >= all {
					return due, false
				}
				time.Sleep(due.Sub(now))
				return due, true
			})
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
