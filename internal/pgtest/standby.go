package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby starts a server that follows s. The settings of s say whether it is a
// synchronous standby. Close the standby.
func (s *Server) Standby() (*Server, error) {
	dir, err := os.MkdirTemp(shortTemp(), "fromline-pg-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	b := &Server{binaries: s.binaries, dir: dir, as: s.as, cpus: s.cpus}
	if s.as != nil {
		if err := os.Chown(dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	backup := b.command("pg_basebackup", "--pgdata", b.data(), "--host", s.dir, "--username", superuser,
		"--write-recovery-conf", "--checkpoint", "fast", "--wal-method", "stream", "--no-sync")
	if out, err := backup.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("pgtest: pg_basebackup: %w\n%s", err, out), os.RemoveAll(dir))
	}
	conf, err := os.OpenFile(b.data()+"/postgresql.conf", os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(conf, "unix_socket_directories = '%s'\n", dir)
		err = errors.Join(err, conf.Close())
	}
	if err == nil {
		err = b.Start()
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Promote makes a standby the primary, and waits until it accepts writes, for a
// minute at most.
func (s *Server) Promote() error {
	return admin(s.DSN("postgres"), "SELECT pg_promote(true, 60)")
}

// AwaitSync waits until s has a synchronous standby, for a minute at most.
func (s *Server) AwaitSync() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')").Scan(&n); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
		if n > 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Folder returns the directory of the server's socket, which is its host in a
// connection string.
func (s *Server) Folder() string { return s.dir }

// Freeze stops all processes of the server, and leaves their connections open.
// thaw lets them continue.
func (s *Server) Freeze() (thaw func()) {
	pids := append([]int{s.running.Process.Pid}, s.children()...)
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
	return func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}
