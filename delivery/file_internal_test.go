//go:build unix

package delivery

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// unreadable is a file that is open for writing only.
type unreadable struct{}

func (unreadable) ReadAt([]byte, int64) (int, error) { return 0, os.ErrPermission }

// TestWhichFilesAreTorn is the table of what a file ends with.
func TestWhichFilesAreTorn(t *testing.T) {
	for text, torn := range map[string]bool{"": false, "\n": false, "{}\n": false, "{}": true, "{}\n{": true} {
		assert.Equal(t, torn, isTorn(strings.NewReader(text), int64(len(text))), "%q", text)
	}
	assert.True(t, isTorn(unreadable{}, 1))
	assert.False(t, isTorn(unreadable{}, 0))
}

// cut is a writer that takes so many bytes of a line and fails, then takes all.
type cut struct {
	takes int
	text  strings.Builder
	calls int
}

func (c *cut) Write(b []byte) (int, error) {
	if c.calls++; c.calls == 1 {
		c.text.Write(b[:c.takes])
		return c.takes, errors.New("injected fault")
	}
	return c.text.Write(b)
}

func emptyDelivery() Delivery { return Delivery{Delivery: store.Delivery{Content: []byte("{}")}} }

// TestALineThatWasCutShortIsEnded says that a line is ended where a part of it
// was written, so that the next one is whole, and that nothing is added where
// none was.
func TestALineThatWasCutShortIsEnded(t *testing.T) {
	for _, takes := range []int{0, 1, 5} {
		w := &cut{takes: takes}
		s, err := NewFileSender(w)
		require.NoError(t, err)
		require.Error(t, s.Send(context.Background(), emptyDelivery()))
		for range 2 {
			require.NoError(t, s.Send(context.Background(), emptyDelivery()))
		}
		lines := strings.Split(w.text.String(), "\n")
		if takes > 0 {
			require.Len(t, lines[0], takes)
			lines = lines[1:]
		}
		require.Len(t, lines, 3)
		assert.Equal(t, lines[0], lines[1])
		assert.Empty(t, lines[2])
	}
}

// TestOneFlushIsShared says that a flush counts for every line that was written
// before it, and that none is flushed twice.
func TestOneFlushIsShared(t *testing.T) {
	s, err := OpenFile(filepath.Join(t.TempDir(), "deliveries"))
	require.NoError(t, err)
	defer s.Close()
	flushes := 0
	s.file.flush = func() error { flushes++; return nil }
	var places []uint64
	for range 3 {
		d := emptyDelivery()
		place, err := s.append(context.Background(), &d)
		require.NoError(t, err)
		places = append(places, place)
	}
	for _, place := range []uint64{places[1], places[0], places[2]} {
		require.NoError(t, s.wait(place))
		assert.Equal(t, 1, flushes)
	}
}

// TestOnlyANamedFileIsOpenedAnew says that what the sender writes to stays the
// same while its path names it, until Reopen; and what is no regular file also
// then. A file that it was given is written to also when it was removed.
func TestOnlyANamedFileIsOpenedAnew(t *testing.T) {
	ctx := context.Background()
	for path, anew := range map[string]bool{filepath.Join(t.TempDir(), "deliveries"): true, "/dev/null": false} {
		s, err := OpenFile(path)
		require.NoError(t, err)
		first := s.current()
		for range 2 {
			require.NoError(t, s.Send(ctx, emptyDelivery()))
			require.Same(t, first, s.current())
		}
		require.NoError(t, s.Reopen(ctx))
		require.Equal(t, anew, first != s.current())
		require.NoError(t, s.Close())
	}
	f, err := os.CreateTemp(t.TempDir(), "given")
	require.NoError(t, err)
	require.NoError(t, os.Remove(f.Name()))
	s, err := NewFileSender(f)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Send(ctx, emptyDelivery()))
}

// TestTheNextReaderOfAPipe says that a reader that comes after another one went
// away in the middle of a line finds the next line whole.
func TestTheNextReaderOfAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	require.NoError(t, err)
	defer reader.Close()
	s, err := OpenFile(path)
	require.NoError(t, err)
	defer s.Close()
	first := s.current()
	require.NoError(t, s.Send(context.Background(), emptyDelivery()))
	require.Same(t, first, s.current())
	s.torn, s.broken = true, true // as a write that found no reader any more leaves it
	require.NoError(t, s.Send(context.Background(), emptyDelivery()))
	require.Same(t, first, s.current(), "it holds what was not read")
	require.NoError(t, s.Close())
	all, err := io.ReadAll(bufio.NewReader(reader))
	require.NoError(t, err)
	lines := strings.Split(string(all), "\n")
	require.Len(t, lines, 4)
	assert.Empty(t, lines[1], "what may be cut short is ended")
	assert.Equal(t, lines[0], lines[2])
}

// TestWhenANameIsFlushed is the table of what needs its folder flushed, which
// tells by its error where the folder is gone.
func TestWhenANameIsFlushed(t *testing.T) {
	for text, needed := range map[string]bool{"": true, "{}\n": false} {
		dir := filepath.Join(t.TempDir(), "folder")
		require.NoError(t, os.Mkdir(dir, 0o700))
		f, err := os.Create(filepath.Join(dir, "deliveries"))
		require.NoError(t, err)
		defer f.Close()
		_, err = f.WriteString(text)
		require.NoError(t, err)
		require.NoError(t, flushName(f))
		require.NoError(t, os.RemoveAll(dir))
		assert.Equal(t, needed, flushName(f) != nil, "%q", text)
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	assert.NoError(t, flushName(w))
}
