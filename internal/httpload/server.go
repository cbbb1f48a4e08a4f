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
)

// startAll builds the command, and starts a server for each subject; "bare" is
// the handler that all are compared with. Call stop, also after an error.
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
	for i, name := range strings.Split(o.only, ",") {
		of, err := parseSubject(name)
		if err != nil {
			return nil, stop, err
		}
		of.dir = filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(of.dir, 0o700); err != nil {
			return nil, stop, err
		}
		store, admin, closeStore, err := of.store(&o)
		if err != nil {
			return nil, stop, err
		}
		undo = append(undo, closeStore)
		cmd, closeReceiver, err := of.command(&o, command, store)
		if err != nil {
			return nil, stop, err
		}
		undo = append(undo, closeReceiver)
		s, err := startServer(name, cmd)
		if err != nil {
			return nil, stop, err
		}
		s.admin, s.people = admin, of.people(&o)
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
	ops  string       // of the metrics; "" if there is none
	sent atomic.Int64 // sends in all rounds, so that every key is new

	people int // how many people it writes to

	admin string // connection string of its PostgreSQL server; "" for other stores
}

// startServer starts a server, and returns when it has printed its address.
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

// cpuTime returns the processor time of the server, without that of PostgreSQL.
func (s *server) cpuTime() time.Duration { return statOf(s.cmd.Process.Pid).cpu }

// memory returns the resident memory of the server in megabytes, 0 if the
// system does not tell it.
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
