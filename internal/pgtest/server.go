//go:build unix

package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options are the settings of a server. The zero value is usable.
type Options struct {
	// Durable leaves fsync on. Without it a crash of the machine loses data,
	// and a crash of the server does not: that is enough for most tests.
	Durable bool

	// Settings are added to postgresql.conf.
	Settings map[string]string

	// CPUs are the processors of the server, as the program taskset lists them,
	// so that a benchmark can keep others for its client. Empty means any.
	CPUs string
}

// Server is a temporary PostgreSQL server that listens on a Unix socket only.
// Its methods are not safe for concurrent use. Make one with New, Start or
// Standby.
type Server struct {
	binaries string
	dir      string // holds data, socket and log
	as       *syscall.Credential
	cpus     string
	running  *exec.Cmd
	exited   chan struct{}
}

const superuser = "fromline"

// New creates a data directory and starts a server on it. Close the server; in
// tests use [Start] instead.
func New(opts Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir: the path of a socket has at most about a hundred bytes.
	dir, err := os.MkdirTemp(shortTemp(), "fromline-pg-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{binaries: bin, dir: dir, as: as, cpus: opts.CPUs}
	if err := s.create(opts); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// shortTemp returns a temporary directory with a path short enough for a
// socket.
func shortTemp() string {
	if dir := os.TempDir(); len(dir) <= 60 {
		return dir
	}
	return "/tmp"
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) create(opts Options) error {
	if s.as != nil {
		if err := os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	initdb := s.command("initdb", "--pgdata", s.data(), "--username", superuser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w\n%s", err, out)
	}
	var conf bytes.Buffer
	fmt.Fprintf(&conf, "listen_addresses = ''\nunix_socket_directories = '%s'\n", s.dir)
	fmt.Fprintf(&conf, "max_connections = 300\nshared_buffers = 128MB\nmax_wal_size = 4GB\nlog_checkpoints = off\n")
	if !opts.Durable {
		fmt.Fprintf(&conf, "fsync = off\nfull_page_writes = off\n")
	}
	for name, value := range opts.Settings {
		fmt.Fprintf(&conf, "%s = '%s'\n", name, value)
	}
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	_, err = f.Write(conf.Bytes())
	return errors.Join(err, f.Close())
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.binaries, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}
	// Kill kills this process group: the server and all its backends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	return cmd
}

// Start starts a server that was stopped or killed, and waits until it answers:
// after a kill, until it has recovered.
func (s *Server) Start() error {
	log, err := os.OpenFile(s.logPath(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer log.Close()
	cmd := s.command("postgres", "-D", s.data())
	cmd.Stdout, cmd.Stderr = log, log
	if s.cpus != "" {
		if err := pin(cmd, s.cpus); err != nil {
			return err
		}
	}
	if err := startTied(cmd); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	s.running, s.exited = cmd, exited
	return s.await()
}

// pin makes a command run on some processors only, with taskset.
func pin(cmd *exec.Cmd, cpus string) error {
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	cmd.Args = append([]string{"taskset", "--cpu-list", cpus, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = taskset
	return nil
}

// await waits until the server answers, for a minute at most.
func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("pgtest: the server ended while starting:\n%s", s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("pgtest: the server does not answer: %w\n%s", err, s.logTail())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// DSN returns the connection string of a database of this server.
func (s *Server) DSN(database string) string {
	q := url.Values{"host": {s.dir}, "user": {superuser}, "sslmode": {"disable"}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// Kill ends the server and all its backends with SIGKILL, as a crash would, and
// waits until they are gone. Call [Server.Start] to recover.
func (s *Server) Kill() error {
	if err := syscall.Kill(s.running.Process.Pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	<-s.exited
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		children := s.children()
		if len(children) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("pgtest: processes %v of the killed server are still there", children)
		}
		for _, pid := range children {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// children returns the processes that the server started, if the system has a
// process table in /proc. They have the data directory as their working
// directory, also after the server has died.
func (s *Server) children() (pids []int) {
	folder, err := filepath.EvalSymlinks(s.data())
	if err != nil {
		return nil
	}
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if works, err := os.Readlink(link); err != nil || works != folder { // a process that has ended has none
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil && pid != s.running.Process.Pid {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Close stops the server without waiting for clients, and removes its data.
func (s *Server) Close() error {
	if s.running != nil {
		_ = s.running.Process.Signal(syscall.SIGQUIT) // immediate shutdown
		<-s.exited
		s.running = nil
	}
	return os.RemoveAll(s.dir)
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "log") }

// Log returns what the server wrote to its log since it was created.
func (s *Server) Log() string {
	log, _ := os.ReadFile(s.logPath())
	return string(log)
}

func (s *Server) logTail() string {
	log := s.Log()
	return log[max(0, len(log)-4000):]
}

// startTied starts a process that ends with this one, so that a killed test
// leaves no server behind. The kernel ties it to the thread that started it, so
// a goroutine keeps that thread for ever.
func startTied(cmd *exec.Cmd) error {
	tie(cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- cmd.Start()
		select {}
	}()
	return <-started
}
