//go:build unix

package delivery_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
)

// rotated is the law of a file that is renamed, removed, replaced and reopened:
// every message that was taken over is in the file that had the name when it
// was written, whole and once.
func rotated(t *rapid.T) {
	dir, err := os.MkdirTemp("", "rotated")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "deliveries")
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	defer s.Close()

	now := []string{} // ids of what the file at the path has to hold
	aside := map[string][]string{}
	check := func(path string, ids []string) {
		if len(ids) > 0 {
			require.Equal(t, ids, idsIn(t, path))
		}
	}
	for m := range rapid.IntRange(1, 12).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"send", "send", "send", "rename", "remove", "replace", "reopen"}).Draw(t, "step") {
		case "send":
			d := someDelivery(0, m, `{}`)
			require.NoError(t, s.Send(context.Background(), d))
			now = append(now, d.MessageID.String())
		case "rename":
			name := path + rapid.StringMatching(`\.[0-9]{8}`).Draw(t, "name")
			if err := os.Rename(path, name); err == nil {
				aside[name], now = now, nil
			}
		case "remove":
			check(path, now)
			_ = os.Remove(path)
			now = nil
		case "replace":
			check(path, now)
			require.NoError(t, os.WriteFile(path+"~", nil, 0o600))
			require.NoError(t, os.Rename(path+"~", path))
			now = nil
		case "reopen":
			require.NoError(t, s.Reopen(context.Background()))
		}
	}
	check(path, now)
	for name, ids := range aside {
		check(name, ids)
	}
}

func TestRotatedFile(t *testing.T) { rapid.Check(t, rotated) }

// TestFileThatCannotBeOpenedAnew says that messages wait, and none is parked,
// where the folder of the file is gone, and go on when it is back.
func TestFileThatCannotBeOpenedAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "deliveries")
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 0, `{}`)))
	require.NoError(t, os.Rename(dir, dir+"-away"))
	err = s.Send(context.Background(), someDelivery(0, 1, `{}`))
	require.ErrorIs(t, err, os.ErrNotExist)
	var failure *delivery.Failure
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.Receiver)
	require.Error(t, s.Reopen(context.Background()))
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, s.Send(context.Background(), someDelivery(0, 1, `{}`)))
	assert.Len(t, idsIn(t, path), 1)
	assert.Len(t, idsIn(t, filepath.Join(dir+"-away", "deliveries")), 1)
}

// readPipe reads n messages from a named pipe and closes it.
func readPipe(t *testing.T, path string, n int) (ids []string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // which waits for no writer
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.SetReadDeadline(time.Now().Add(time.Minute)))
	r := bufio.NewReader(f)
	for len(ids) < n {
		text, err := r.ReadString('\n')
		if err != nil && text == "" && !os.IsTimeout(err) { // no process has opened it for writing
			time.Sleep(time.Millisecond)
			continue
		}
		require.NoError(t, err)
		if strings.TrimSpace(text) == "" {
			continue
		}
		var v lineOf
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		ids = append(ids, v.MessageID)
	}
	return ids
}

// TestPipeThatIsNotRead says that nothing is sent into a named pipe that no
// process reads: not before its first reader comes and not after it went; that
// it is told as the receiver's state; and that a message that waits goes out
// when a reader comes.
func TestPipeThatIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	defer s.Close()
	for life := range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		err := s.Send(ctx, someDelivery(life, 0, `{}`))
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var failure *delivery.Failure
		require.ErrorAs(t, err, &failure)
		assert.True(t, failure.Receiver)
		require.NoError(t, s.Reopen(context.Background()), "it waits for no reader")

		sent := make(chan error, 1)
		go func() { sent <- s.Send(context.Background(), someDelivery(life, 1, `{}`)) }()
		assert.Equal(t, []string{messageID(life, 1).String()}, readPipe(t, path, 1))
		require.NoError(t, <-sent)
	}
}

// TestPipeThatWasRemoved says that no file takes the place of a pipe, and that
// the next pipe of the name is written to.
func TestPipeThatWasRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	defer s.Close()
	sent := make(chan error, 1)
	go func() { sent <- s.Send(context.Background(), someDelivery(0, 0, `{}`)) }()
	readPipe(t, path, 1)
	require.NoError(t, <-sent)

	require.NoError(t, os.Remove(path))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	require.Error(t, s.Send(ctx, someDelivery(0, 1, `{}`)))
	cancel()
	assert.NoFileExists(t, path)
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	go func() { sent <- s.Send(context.Background(), someDelivery(0, 1, `{}`)) }()
	assert.Equal(t, []string{messageID(0, 1).String()}, readPipe(t, path, 1))
	require.NoError(t, <-sent)
}

// TestCloseWhileAPipeIsNotRead says that a Send that waits for a reader ends
// when the sender is closed.
func TestCloseWhileAPipeIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	s, err := delivery.OpenFile(path)
	require.NoError(t, err)
	sent := make(chan error, 1)
	go func() { sent <- s.Send(context.Background(), someDelivery(0, 0, `{}`)) }()
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-sent, os.ErrClosed)
}
