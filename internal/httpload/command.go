//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fromline/fromline/internal/pgtest"
)

// store makes the store of a server. It returns the name of the store, empty if
// there is none, and admin, the connection string of its PostgreSQL server.
func (s *subject) store(o *options) (name, admin string, stop func(), err error) {
	stop = func() {}
	switch s.kind {
	case "memory", "untraced":
		name = "memory:"
	case "sqlite":
		name = "sqlite:" + filepath.Join(s.dir, "chats.db")
	case "postgres", "slow":
		settings := map[string]string{}
		if s.kind == "slow" { // each sync takes 2 ms longer
			settings["commit_delay"], settings["commit_siblings"] = "2000", "0"
		}
		pg, err := pgtest.New(pgtest.Options{Durable: true, Settings: settings})
		if err != nil {
			return "", "", stop, err
		}
		stop = func() { _ = pg.Close() }
		name, admin = pg.DSN("postgres"), pg.DSN("postgres")
	}
	if s.full {
		if err := fill(context.Background(), name, tenant, o.full, s.lines()); err != nil {
			stop()
			return "", "", nil, fmt.Errorf("filling %s: %w", s.name, err)
		}
	}
	return name, admin, stop, nil
}

// command returns the command that starts the server.
func (s *subject) command(o *options, built, store string) (cmd *exec.Cmd, stop func(), err error) {
	if s.kind == "bare" || s.kind == "raw" {
		self, err := os.Executable()
		if err != nil {
			return nil, nil, err
		}
		args := []string{"-bare"}
		if s.kind == "raw" {
			args = append(args, "-raw", filepath.Join(s.dir, "raw.db"))
		}
		return exec.Command(self, args...), func() {}, nil
	}
	fleet := filepath.Join(s.dir, "fleet.json")
	if err := os.WriteFile(fleet, fleetFile(s.lines()), 0o600); err != nil {
		return nil, nil, err
	}
	to := o.to
	if s.receiver != "" {
		to = s.receiver
	}
	more, stop, err := receiver(to, filepath.Join(s.dir, "deliveries"))
	if err != nil {
		return nil, nil, err
	}
	if s.kind == "untraced" {
		more = append(more, "-traces=false")
	}
	if s.concurrency > 0 {
		more = append(more, "-deliver-concurrency", strconv.Itoa(s.concurrency))
	}
	if s.old {
		built = o.old
	}
	return exec.Command(built, append([]string{"serve", "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-fleet", fleet, "-store", store}, more...)...), stop, nil
}

// receiver returns the flags that say where messages are handed over: a path, a
// regular file, or an HTTP receiver of this process that takes a given time.
func receiver(to, file string) (flags []string, stop func(), err error) {
	takes, err := time.ParseDuration(to)
	if err != nil {
		if to == "file" {
			to = file
		}
		return []string{"-deliveries", to}, func() {}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			time.Sleep(takes)
			w.WriteHeader(http.StatusNoContent)
		}))
	}()
	return []string{"-deliver-url", "http://" + l.Addr().String()}, func() { _ = l.Close() }, nil
}

// tenant is the tenant of a server without tokens, and firstLine its first
// line, as digits.
const (
	tenant    = "default"
	firstLine = 12_052_535_000
)

// fleetFile returns the fleet file of n lines.
func fleetFile(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"phone_numbers":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","phone_number":"+%d"}`, i, firstLine+i)
	}
	b.WriteString("]}")
	return []byte(b.String())
}
