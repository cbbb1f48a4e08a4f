//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// engine is what a PostgreSQL server has done since its start.
type engine struct {
	cpu                 time.Duration
	transactions, syncs int64
}

func (e engine) since(before engine) engine {
	return engine{e.cpu - before.cpu, e.transactions - before.transactions, e.syncs - before.syncs}
}

// engine asks the PostgreSQL server; it returns zeros if there is none. It
// waits first, because sessions report their counts once a second.
func (s *server) engine() (e engine) {
	if s.admin == "" {
		return e
	}
	time.Sleep(1100 * time.Millisecond)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return e
	}
	defer conn.Close(ctx)
	var checkpointer int
	_ = conn.QueryRow(ctx, `SELECT (SELECT sum(xact_commit)::bigint FROM pg_stat_database), (SELECT wal_sync FROM pg_stat_wal),
		(SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer')`).Scan(&e.transactions, &e.syncs, &checkpointer)
	parent := statOf(checkpointer).parent
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if stat := statOf(pid); parent != 0 && (pid == parent || stat.parent == parent) {
			e.cpu += stat.cpu + stat.children
		}
	}
	return e
}

// stat is the entry of a process in /proc; zero if there is none.
type stat struct {
	parent        int
	cpu, children time.Duration // of the process, and of its children that have ended
}

func statOf(pid int) (s stat) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return s
	}
	ticks := func(from int) time.Duration {
		user, _ := strconv.Atoi(fields[from])
		system, _ := strconv.Atoi(fields[from+1])
		return time.Duration(user+system) * time.Second / 100
	}
	s.parent, _ = strconv.Atoi(fields[1])
	s.cpu, s.children = ticks(11), ticks(13)
	return s
}

// handedOver returns how many messages the server has handed over and accepted.
func (s *server) handedOver() (handed, accepted float64) {
	values, err := s.metrics()
	if err != nil {
		return 0, 0
	}
	return values[`fromline_deliveries_total{result="sent"}`], values[`fromline_request_seconds_count{endpoint="messages",status="202"}`]
}

// loadAverage returns how many processes wanted to run in the last minute.
func loadAverage() (load float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		load, _ = strconv.ParseFloat(strings.Fields(string(text))[0], 64)
	}
	return load
}
