//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
func startAll(names []string) (servers []*server, stop func(), err error) {
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
	for _, name := range names {
		var store string
		var more []string
		switch name {
		case "bare":
		case "memory":
			store = "memory:"
		case "untraced":
			store, more = "memory:", []string{"-traces=false"}
		case "sqlite":
			store = "sqlite:" + filepath.Join(dir, "chats.db")
		case "postgres":
			pg, err := pgtest.New(pgtest.Options{})
			if err != nil {
				return nil, stop, err
			}
			undo = append(undo, func() { _ = pg.Close() })
			store = pg.DSN("postgres")
		default:
			return nil, stop, fmt.Errorf("%q is no server: give bare, memory, untraced, sqlite or postgres", name)
		}
		cmd := exec.Command(command, "serve", "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-fleet", fleet, "-deliveries", "/dev/null", "-store", store)
		cmd.Args = append(cmd.Args, more...)
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
		servers = append(servers, s)
		undo = append(undo, s.stop)
	}
	return servers, stop, nil
}

// server is one server under load, in a process of its own.
type server struct {
	name string
	cmd  *exec.Cmd
	addr string       // of the endpoint
	ops  string       // of the metrics; "" where there are none
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
