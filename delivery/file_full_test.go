//go:build unix

package delivery

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failing is a writer that takes so many bytes of each line and fails.
type failing struct {
	takes int
	err   error
}

func (f failing) Write(b []byte) (int, error) { return min(f.takes, len(b)), f.err }

// TestAFileThatTakesNothingIsNoFaultOfTheMessage is the table of what a file
// fails with, when it is written and when it is flushed: each says that no
// message would be taken, which parks none.
func TestAFileThatTakesNothingIsNoFaultOfTheMessage(t *testing.T) {
	for _, cause := range []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EFBIG, syscall.ENXIO, syscall.EBADF, syscall.EPIPE,
		os.ErrClosed, errors.New("injected fault"),
	} {
		t.Run(cause.Error(), func(t *testing.T) {
			for _, takes := range []int{0, 5} {
				s, err := NewFileSender(failing{takes, cause})
				require.NoError(t, err)
				assertTakesNone(t, s.Send(t.Context(), emptyDelivery()), cause)
			}
			s, err := OpenFile(filepath.Join(t.TempDir(), "deliveries"))
			require.NoError(t, err)
			defer s.Close()
			flush := s.file.flush
			s.file.flush = func() error { return cause }
			assertTakesNone(t, s.Send(t.Context(), emptyDelivery()), cause)
			s.file.flush = flush
			assert.NoError(t, s.Send(t.Context(), emptyDelivery()))
		})
	}
}

// TestAFileThatIsNotReadIsNoFaultOfTheMessage says the same of a writer that
// takes its time, both of the message that it has and of those behind it.
func TestAFileThatIsNotReadIsNoFaultOfTheMessage(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	s, err := NewFileSender(struct{ io.Writer }{w}) // which nothing can end
	require.NoError(t, err)
	large := emptyDelivery()
	large.Content = []byte(`{"x":"` + strings.Repeat("x", 1<<20) + `"}`)
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		assertTakesNone(t, s.Send(ctx, large), context.DeadlineExceeded)
		cancel()
	}
}

// TestWhatAFileSaysOfAMessage says which failures are still those of a message.
func TestWhatAFileSaysOfAMessage(t *testing.T) {
	s, err := NewFileSender(new(strings.Builder))
	require.NoError(t, err)
	bad := emptyDelivery()
	bad.Content = []byte("{\n")
	assert.True(t, failureOf(s.Send(t.Context(), bad)).Permanent, "it is no JSON")
	s, err = NewFileSender(nil)
	require.NoError(t, err)
	assert.False(t, failureOf(s.Send(t.Context(), emptyDelivery())).Receiver, "a panic may come from the message")
}

func assertTakesNone(t *testing.T, err, cause error) {
	t.Helper()
	failure, is := errors.AsType[*Failure](err)
	if assert.True(t, is, "%v", err) {
		assert.True(t, failure.Receiver && !failure.Permanent, "%+v", failure)
		assert.ErrorIs(t, err, cause)
	}
}
