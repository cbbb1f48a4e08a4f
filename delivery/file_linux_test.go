package delivery_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/needed"
)

// TestDiskFull says that a write that the system cut short is told, and that
// the next message begins a line of its own. It runs in a process of its own,
// whose files may not grow beyond a limit.
func TestDiskFull(t *testing.T) {
	const variable = "FROMLINE_TEST_FULL_DISK"
	if path := os.Getenv(variable); path != "" {
		fillDisk(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "deliveries")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestDiskFull$")
	cmd.Env = append(os.Environ(), variable+"="+path)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	whole, torn := readLines(t, path)
	assert.Equal(t, 1, torn)
	require.Len(t, whole, 2)
	assert.Equal(t, messageID(0, 2).String(), whole[1].MessageID)
}

func fillDisk(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	const limit = 1000
	var unlimited syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: unlimited.Max}))

	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))
	big := someDelivery(0, 1, `{"parts":"`+strings.Repeat("x", limit)+`"}`)
	require.ErrorIs(t, s.Send(context.Background(), big), syscall.EFBIG)

	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 2, `{}`)))
	require.NoError(t, s.Close())
}

// TestStuckPipe says of a pipe that nobody reads what TestStuckWriteEndsItsSend
// says of a writer without an end; but the start of the message is in it
// already: when a program reads it, the message that was cut short is a line of
// its own, and the next one is whole.
func TestStuckPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	s, err := delivery.NewFileSender(w)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	large := someDelivery(0, 0, `{"parts":"`+strings.Repeat("x", 1<<20)+`"}`) // more than a pipe holds
	failed := make(chan error)
	go func() { failed <- s.Send(ctx, large) }()
	_, err = r.Read(make([]byte, 1)) // it is being written now
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	require.ErrorIs(t, s.Send(ctx, large), context.Canceled, "nor is anything begun")

	go func() {
		assert.NoError(t, s.Send(context.Background(), someDelivery(0, 1, `{}`)))
		assert.NoError(t, s.Close())
	}()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	path := t.TempDir() + "/read"
	require.NoError(t, os.WriteFile(path, text, 0o600))
	whole, torn := readLines(t, path)
	require.Len(t, whole, 1)
	assert.Equal(t, messageID(0, 1).String(), whole[0].MessageID)
	assert.Equal(t, 1, torn)
}

// TestStuckStandardOutput says that a pipe whose writes nothing can end, as the
// standard output is one, keeps neither Send nor Close.
func TestStuckStandardOutput(t *testing.T) {
	var pipe [2]int
	require.NoError(t, syscall.Pipe(pipe[:]))
	out := os.NewFile(uintptr(pipe[1]), "pipe")
	require.ErrorIs(t, out.SetWriteDeadline(time.Now()), os.ErrNoDeadline)
	s, err := delivery.NewFileSender(out)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error)
	go func() { failed <- s.Send(ctx, someDelivery(0, 0, `{"parts":"`+strings.Repeat("x", 1<<20)+`"}`)) }()
	_, err = syscall.Read(pipe[0], make([]byte, 1)) // it is being written now
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-failed, context.Canceled)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Send(context.Background(), someDelivery(0, 1, `{}`)), os.ErrClosed)
	require.NoError(t, syscall.Close(pipe[0])) // which ends the write that is left
}

// TestFullFileSystem says that while the file system of the deliveries is full
// every message waits, for however long, that none is parked, and that all go
// out when there is room again. It needs to be root, for a file system of its
// own.
func TestFullFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		needed.Missing(t, "no file system can be mounted: %v", err)
	}
	defer func() { assert.NoError(t, syscall.Unmount(dir, 0)) }()
	path, filler := filepath.Join(dir, "deliveries"), filepath.Join(dir, "filler")
	synctest.Test(t, func(t *testing.T) {
		const chats = 8
		o := newOutbox()
		for c := range chats {
			commit(t, o, c, 0)
		}
		sender, err := delivery.OpenFile(path)
		require.NoError(t, err)
		require.ErrorIs(t, os.WriteFile(filler, make([]byte, 1<<20), 0o600), syscall.ENOSPC)
		var l log
		d, err := delivery.New(o, sender, delivery.Options{Settled: l.add})
		require.NoError(t, err)
		runFor(t, d, 24*time.Hour)
		require.NotEmpty(t, l.all)
		for _, s := range l.all {
			require.ErrorIs(t, s.Err, syscall.ENOSPC)
			require.Equal(t, delivery.Retrying, s.Result)
		}
		assert.Equal(t, chats, backlog(t, o).Waiting)
		assert.Zero(t, backlog(t, o).Parked)
		require.NoError(t, os.Remove(filler))
		runFor(t, d, time.Hour)
		assert.Zero(t, backlog(t, o).Waiting)
		require.NoError(t, sender.Close())
	})
	whole, torn := readLines(t, path)
	assert.Len(t, whole, 8)
	assert.Zero(t, torn)
}
