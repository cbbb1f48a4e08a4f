//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/internal/pgtest"
)

// startAll builds the command and starts a server on each of the stores, "bare"
// being the handler that everything is compared with. What it returns stops them,
// also after an error.
func startAll(o options) (servers []*server, stop func(), err error) {
	var undo []func()
	stop = func() {
		for len(undo) > 0 {
			undo[len(undo)-1]()
			undo = undo[:len(undo)-1]
		}
	}
	dir, err := os.MkdirTemp("", "httpload")
	if err != nil {
		return nil, stop, err
	}
	undo = append(undo, func() { _ = os.RemoveAll(dir) })
	command := filepath.Join(dir, "fromline")
	if out, err := exec.Command("go", "build", "-o", command, "github.com/fromline/fromline/cmd/fromline").CombinedOutput(); err != nil {
		return nil, stop, fmt.Errorf("%w: %s", err, out)
	}
	fleet := filepath.Join(dir, "fleet.json")
	if err := os.WriteFile(fleet, fleetFile(50), 0o600); err != nil {
		return nil, stop, err
	}
	for _, name := range strings.Split(o.only, ",") {
		kind, old := strings.CutPrefix(name, "old-")
		var store string
		var more []string
		var admin string
		switch kind {
		case "bare":
		case "memory":
			store = "memory:"
		case "untraced":
			store, more = "memory:", []string{"-traces=false"}
		case "sqlite":
			store = "sqlite:" + filepath.Join(dir, name+".db")
		case "postgres", "slow":
			settings := map[string]string{}
			if kind == "slow" { // as if each sync took so long
				settings["commit_delay"], settings["commit_siblings"] = "2000", "0"
			}
			pg, err := pgtest.New(pgtest.Options{Durable: true, Settings: settings})
			if err != nil {
				return nil, stop, err
			}
			undo = append(undo, func() { _ = pg.Close() })
			store, admin = pg.DSN("postgres"), pg.DSN("postgres")
		default:
			return nil, stop, fmt.Errorf("%q is no server: give bare, memory, untraced, sqlite, postgres or slow", name)
		}
		built := command
		if old {
			built = o.old
		}
		to, closeReceiver, err := receiver(o.to, filepath.Join(dir, name+".deliveries"))
		if err != nil {
			return nil, stop, err
		}
		undo = append(undo, closeReceiver)
		cmd := exec.Command(built, append([]string{"serve", "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-fleet", fleet, "-store", store}, append(to, more...)...)...)
		if name == "bare" {
			self, err := os.Executable()
			if err != nil {
				return nil, stop, err
			}
			cmd = exec.Command(self, "-bare")
		}
		s, err := startServer(name, cmd)
		if err != nil {
			return nil, stop, err
		}
		s.admin = admin
		servers = append(servers, s)
		undo = append(undo, s.stop)
	}
	return servers, stop, nil
}

// receiver returns the flags that say where messages are handed over: a path, a
// regular file, or an HTTP receiver of this process that takes its time.
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

// server is one server under load, in a process of its own.
type server struct {
	name string
	cmd  *exec.Cmd
	addr string       // of the endpoint
	ops  string       // of the metrics; "" where there are none
	sent atomic.Int64 // sends over all rounds, for keys that are new

	admin string // connection string of its PostgreSQL server; "" for other stores
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
			return nil, errors.Join(fmt.Errorf("%s did not start: %s", name, said.String()), cmd.Wait())
		}
		var line struct {
			Msg, Addr string
			Ops       string `json:"ops_addr"`
		}
		if json.Unmarshal([]byte(text), &line) == nil && line.Msg == "listening" {
			s.addr, s.ops = line.Addr, line.Ops
			go io.Copy(io.Discard, lines)
			return s, nil
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// cpuTime is the processor time that the server has used. That of PostgreSQL is not
// in it.
func (s *server) cpuTime() time.Duration { return statOf(s.cmd.Process.Pid).cpu }

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
